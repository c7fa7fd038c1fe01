"""Health of the tags."""
