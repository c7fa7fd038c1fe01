"""Syncs that wait for a channel: its jobs, its next day, the end of quiet hours."""

from datetime import date

import dagster as dg

from activation import engine
from activation.specs import load_sync
from warehouse.connection import Connection, connect
from warehouse.errors import QuanyuError
from warehouse.locks import DAILY_LOCK, is_locked


def waiting(conn: Connection) -> list[tuple[str, date]]:
    """Name and day of each sync that waits for something that may have come."""
    return conn.execute(
        "select sync, max(base_date) from activation.v_sync_runs"
        " where status = 'waiting' and (resumes_at is null or resumes_at <= now())"
        " group by sync order by sync"
    ).fetchall()


@dg.op
def go_on(context: dg.OpExecutionContext) -> None:
    """Ask the channels after their jobs, and send what could not be sent."""
    with connect(application_name="quanyu-sync-sensor") as conn:
        for name, base_date in waiting(conn):
            try:
                result = engine.apply(conn, load_sync(name), base_date)
            except QuanyuError as error:
                context.log.warning(f"{name}: {error}")  # the others go on
            else:
                context.log.info(f"{name}: {result.metadata()}")


@dg.job(description="Go on with syncs that wait for their channels.")
def resume_syncs() -> None:
    """See go_on."""
    go_on()


@dg.sensor(
    job=resume_syncs,
    minimum_interval_seconds=300,
    description="Asks channels after their jobs, but not while the day is being made.",
)
def channel_jobs() -> dg.SensorResult | dg.SkipReason:
    """Start resume_syncs when a sync waits for something that may have come."""
    with connect(application_name="quanyu-sync-sensor") as conn:
        if is_locked(conn, DAILY_LOCK):
            return dg.SkipReason("A day is being made.")
        names = [name for name, _ in waiting(conn)]
    if not names:
        return dg.SkipReason("No sync waits for its channel.")
    return dg.SensorResult(
        run_requests=[dg.RunRequest(tags={"syncs": " ".join(names)})]
    )
