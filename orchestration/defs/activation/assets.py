"""One asset per sync: plan, and apply when the run is told to."""

from typing import Any

import dagster as dg

from activation import engine
from activation.specs import SyncSpec, load_syncs
from orchestration.project import model_key
from orchestration.resources import Day
from warehouse.connection import Connection, connect


def sync_asset(sync: SyncSpec) -> dg.AssetsDefinition:
    """Return the asset of one sync, downstream of its segment."""
    key = dg.AssetKey(["activation", sync.name])

    @dg.asset(
        key=key,
        deps=[model_key(sync.segment), model_key("segment_members")],
        group_name="activation",
        kinds={sync.destination.type},
        description=f"{sync.description}. Plans; sends when the run applies syncs.",
        check_specs=[
            dg.AssetCheckSpec(
                "unhindered",
                asset=key,
                description="No guard blocks it, nothing is rejected or unset.",
            )
        ],
    )
    def push(day: Day) -> dg.MaterializeResult:
        with connect(application_name=f"quanyu-sync-{sync.name}") as conn:
            figures = run_sync(conn, sync, day)
        hindrance = figures.get("reason") or figures.get("rejected")
        return dg.MaterializeResult(
            metadata=figures,
            check_results=[
                dg.AssetCheckResult(
                    passed=not hindrance,
                    check_name="unhindered",
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={"hindrance": str(hindrance or "none")},
                )
            ],
        )

    return push


def run_sync(conn: Connection, sync: SyncSpec, day: Day) -> dict[str, Any]:
    """Send the audience when the run applies syncs, else plan; return the figures."""
    base_date = day.resolve(conn)
    unset = sync.missing_environment()
    if day.apply_syncs and not unset:
        return engine.apply(conn, sync, base_date).metadata()
    planned = engine.plan(conn, sync, base_date).metadata()
    if day.apply_syncs:
        planned["reason"] = f"not sent: {', '.join(unset)} not set"
    return planned


syncs = [sync_asset(sync) for sync in load_syncs()]


@dg.asset(
    key=["activation", "completed_day"],
    deps=[*(asset.key for asset in syncs), model_key("segment_membership_event")],
    group_name="activation",
)
def completed_day(context: dg.AssetExecutionContext, day: Day) -> dg.MaterializeResult:
    """Record that the day is done: later runs may only go forward."""
    with connect() as conn:
        base_date = day.resolve(conn)
        conn.execute(
            """
            insert into orchestration.completed_days (base_date, run_id)
            values (%s, %s)
            on conflict (base_date) do nothing
            """,
            [base_date, context.run.run_id],
        )
    return dg.MaterializeResult(metadata={"base_date": str(base_date)})
