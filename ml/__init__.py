"""Models as pure functions: frames in, frames and a report out."""
