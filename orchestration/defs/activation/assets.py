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
    checks = {
        "unhindered": "No guard blocks it, nothing is rejected, unknown or unset.",
        "few_rejected": f"At most {sync.alert.reject_pct:g}% of the rows are refused.",
        "recently_sent": f"A push has ended within {sync.alert.freshness_h:g} hours.",
    }

    @dg.asset(
        key=key,
        deps=[
            model_key(sync.segment),
            model_key("segment_members"),
            model_key("protect_suppressions"),
        ],
        group_name="activation",
        kinds={sync.destination.type},
        description=f"{sync.description}. Plans; sends when the run applies syncs.",
        check_specs=[
            dg.AssetCheckSpec(name, asset=key, description=description)
            for name, description in checks.items()
        ],
    )
    def push(day: Day) -> dg.MaterializeResult:
        with connect(application_name=f"quanyu-sync-{sync.name}") as conn:
            figures = run_sync(conn, sync, day)
            age_h = hours_since_sent(conn, sync)
        return dg.MaterializeResult(
            metadata=figures,
            check_results=[
                dg.AssetCheckResult(
                    passed=passed,
                    check_name=name,
                    severity=dg.AssetCheckSeverity.WARN,
                    metadata={"found": found},
                )
                for name, passed, found in judge(sync, figures, age_h, day.apply_syncs)
            ],
        )

    return push


def judge(
    sync: SyncSpec, figures: dict[str, Any], age_h: float | None, is_applied: bool
) -> list[tuple[str, bool, str]]:
    """Say of each check whether it passes, and what was found.

    `age_h`: hours since a push ended, None when none ever has; it matters only to a run
    that pushes.
    """
    refused = figures.get("rejected", 0)
    hindrance = figures.get("reason") or refused or figures.get("unknown")
    asked = refused + sum(figures.get(op, 0) for op in ("added", "updated", "removed"))
    percent = 100 * refused / asked if asked else 0.0
    is_recent = age_h is not None and age_h <= sync.alert.freshness_h
    return [
        ("unhindered", not hindrance, str(hindrance or "none")),
        ("few_rejected", percent <= sync.alert.reject_pct, f"{percent:.1f}%"),
        (
            "recently_sent",
            is_recent or not is_applied,
            "never" if age_h is None else f"{age_h:.1f} hours ago",
        ),
    ]


def hours_since_sent(conn: Connection, sync: SyncSpec) -> float | None:
    """Hours since a push of a sync ended; None when none ever has."""
    row = conn.execute(
        "select extract(epoch from now() - max(finished_at)) / 3600"
        " from activation.v_sync_runs"
        " where sync = %s and status in ('done', 'done_with_errors')",
        [sync.name],
    ).fetchone()
    return None if row is None or row[0] is None else float(row[0])


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
