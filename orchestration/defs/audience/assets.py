"""The columnar copy that audiences are counted over, made anew after the segments."""

import dagster as dg

from audience.engine.build import make_copy
from orchestration.project import model_key
from orchestration.resources import Day
from warehouse.connection import connect
from warehouse.settings import dbt_project_dir

READ = (
    "customer_tags_wide",
    "customer_behaviour_tags",
    "segment_members",
    "mart_customer_reach",
)


@dg.asset(
    key=["audience", "people_copy"],
    deps=[model_key(name) for name in READ],
    group_name="audience",
    kinds={"parquet", "duckdb"},
)
def people_copy(context: dg.AssetExecutionContext, day: Day) -> dg.MaterializeResult:
    """Copy tags, memberships and reach of all customers; no names or contacts."""
    with connect(application_name="quanyu-audience") as conn:
        copy = make_copy(
            conn,
            dbt_project_dir(),
            day.resolve(conn),
            lambda done, total: context.log.info(f"{done:,} of {total:,} customers"),
        )
    return dg.MaterializeResult(
        metadata={
            "base_date": copy.base_date.isoformat(),
            "digest": copy.digest,
            "dagster/row_count": copy.people,
            "megabytes": round(copy.bytes / 1e6, 1),
            "personal_texts": copy.about["personal_texts"],
        }
    )
