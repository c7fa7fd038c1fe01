"""One asset per sync: plan, and apply when the run is told to."""

import dagster as dg

from activation import engine
from activation.specs import SyncSpec, load_syncs
from orchestration.project import model_key
from orchestration.resources import Day
from warehouse.connection import connect


def sync_asset(sync: SyncSpec) -> dg.AssetsDefinition:
    """Return the asset of one sync, downstream of its segment."""

    @dg.asset(
        key=["activation", sync.name],
        deps=[model_key(sync.segment), model_key("segment_members")],
        group_name="activation",
        kinds={sync.destination.type},
        description=f"Push {sync.segment} to {sync.destination.type}.",
    )
    def push(day: Day) -> dg.MaterializeResult:
        with connect(application_name=f"quanyu-sync-{sync.name}") as conn:
            base_date = day.resolve(conn)
            if day.apply_syncs:
                result = engine.apply(conn, sync, base_date)
            else:
                result = engine.plan(conn, sync, base_date)
        return dg.MaterializeResult(metadata=result.metadata())

    return push


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
