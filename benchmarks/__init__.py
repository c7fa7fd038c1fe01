"""What is meant to be fast, measured side by side; never a timed test."""
