"""Where PostgreSQL is, and the ways in and out of it."""
