"""Python behind `quanyu oneid`; the resolution itself is SQL in dbt_project."""
