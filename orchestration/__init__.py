"""Dagster only: one asset graph from channel file to pushed audience."""
