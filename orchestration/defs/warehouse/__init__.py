"""dbt models."""
