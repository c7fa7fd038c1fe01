"""What Dagster runs, one folder per concern."""
