"""plan and apply: the two things one does with a sync.

apply holds the sync's lock, settles what a killed run left open, plans from fresh data,
sends, and believes only what the destination has acknowledged (docs/activation.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import psycopg

from activation import faults, ledger, outcome
from activation.deliver import Retrier, RetryPolicy, close_run, send_chunks
from activation.destinations import open_destination
from activation.destinations.base import Destination, DestinationError, FatalError
from activation.eligible import build_members
from activation.ledger import Run
from activation.masking import redact
from activation.planning import Planned, make_plan
from activation.results import ApplyResult, PlanResult
from activation.specs import SyncSpec
from warehouse.connection import Connection
from warehouse.errors import QuanyuError


def plan(conn: Connection, sync: SyncSpec, base_date: date) -> PlanResult:
    """Say what apply would send as of a day, and send nothing.

    It is the very plan that apply makes, rolled back. An open transaction of the
    connection is committed first. Raises QuanyuError when the sync cannot be planned.
    """
    with _own_transactions(conn):
        sync_id = ledger.register(conn, sync.name)
        with conn.transaction(force_rollback=True):
            planned = _plan_in_snapshot(conn, sync, sync_id, base_date)
        waiting = sum(
            chunk.row_count
            for run_id in ledger.unsettled_runs(conn, sync_id)
            for chunk in ledger.chunks(conn, run_id, ledger.OPEN)
        )
    return PlanResult(
        sync=sync.name,
        figures=planned.figures,
        suppressed=planned.suppressed,
        sample=planned.sample,
        blocked=planned.broken or planned.unusual,
        approvable=planned.broken is None,
        interrupted_rows=waiting,
    )


def apply(
    conn: Connection,
    sync: SyncSpec,
    base_date: date,
    approve: bool = False,
    policy: RetryPolicy | None = None,
) -> ApplyResult:
    """Plan as of a day and send it; `approve` lifts what a guard merely finds unusual.

    Safe to repeat and safe to kill at any point. An open transaction of the connection
    is committed first. Raises QuanyuError when another process applies the sync, or
    when sending stops: what was acknowledged stays so, and the next apply goes on.
    """
    retrier = Retrier(policy or RetryPolicy())
    with _own_transactions(conn):
        sync_id = ledger.register(conn, sync.name)
        with ledger.lock(conn, sync.name, sync_id):
            resumed = sum(
                _settle(conn, ledger.read_run(conn, run_id), base_date, retrier)
                for run_id in ledger.unsettled_runs(conn, sync_id)
            )
            with closing_destination(sync) as destination:
                reason, planned = _commit_plan(conn, sync, sync_id, base_date, approve)
                if reason:
                    run_id = ledger.record_blocked(
                        conn, sync, sync_id, base_date, reason
                    )
                    result = ApplyResult(sync.name, run_id, "blocked", reason=reason)
                else:
                    faults.point("after_plan_commit")
                    result = _send(conn, planned, destination, retrier)
    return replace(
        result,
        resumed=resumed,
        suppressed=planned.suppressed,
        unchanged=planned.figures.unchanged,
    )


@contextmanager
def closing_destination(sync: SyncSpec) -> Iterator[Destination]:
    """Open the destination of a sync for the time of a block."""
    destination = open_destination(sync)
    try:
        yield destination
    finally:
        destination.release()


def _commit_plan(
    conn: Connection, sync: SyncSpec, sync_id: int, base_date: date, approve: bool
) -> tuple[str | None, Planned]:
    """Plan, and commit unless a guard objects; returns the guard's sentence, if any."""
    with conn.transaction() as transaction:
        planned = _plan_in_snapshot(conn, sync, sync_id, base_date)
        reason = planned.broken or (None if approve else planned.unusual)
        if reason:
            raise psycopg.Rollback(transaction)
        ledger.accept_mapping(conn, sync, sync_id)
    return reason, planned


def _send(
    conn: Connection, planned: Planned, destination: Destination, retrier: Retrier
) -> ApplyResult:
    run = ledger.read_run(conn, planned.run_id)
    chunks = ledger.chunks(conn, planned.run_id, ["planned"])
    with _stopping_tidily(conn, run):
        send_chunks(conn, run, destination, retrier, chunks)
        close_run(conn, run, destination, retrier)
    counts = ledger.changelog_counts(conn, planned.run_id)
    rejected = sum(n for (_, status), n in counts.items() if status == "rejected")
    status = "done_with_errors" if rejected else "done"
    faults.point("before_finish")
    ledger.finish(conn, run, status)
    return ApplyResult(
        sync=run.info.sync,
        run_id=planned.run_id,
        status=status,
        added=counts.get(("add", "acked"), 0),
        updated=counts.get(("update", "acked"), 0),
        removed=counts.get(("remove", "acked"), 0),
        rejected=rejected,
    )


def _settle(conn: Connection, run: Run, base_date: date, retrier: Retrier) -> int:
    """Settle a run that died: ask again what was asked, for who may still be sent.

    Chunks that may have reached the destination go out again under their old keys;
    chunks never sent are given up. Returns the number of people settled now.
    """
    before = sum(ledger.changelog_counts(conn, run.info.run_id).values())
    ledger.discard_planned(conn, run.info.run_id)
    if ledger.chunks(conn, run.info.run_id, ledger.OPEN):
        with conn.transaction():
            conn.execute("set transaction isolation level repeatable read")
            build_members(conn, run.spec.without_tags(), base_date)
            outcome.withhold(conn, run)
    with closing_destination(run.spec) as destination, _stopping_tidily(conn, run):
        chunks = ledger.chunks(conn, run.info.run_id, ledger.OPEN)
        send_chunks(conn, run, destination, retrier, chunks)
        close_run(conn, run, destination, retrier)
    ledger.finish(conn, run, "interrupted")
    return sum(ledger.changelog_counts(conn, run.info.run_id).values()) - before


def _plan_in_snapshot(
    conn: Connection, sync: SyncSpec, sync_id: int, base_date: date
) -> Planned:
    """One snapshot for the whole plan: the transaction has just begun."""
    conn.execute("set transaction isolation level repeatable read")
    try:
        return make_plan(conn, sync, sync_id, base_date)
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName) as error:
        missing = error.diag.message_primary or "a table is missing"
        raise QuanyuError(
            f"Sync {sync.name} cannot be planned ({missing}): build segments, marts "
            "and tags first, with `quanyu run`."
        ) from error


@contextmanager
def _stopping_tidily(conn: Connection, run: Run) -> Iterator[None]:
    """Turn a destination's refusal into a failed run and one sentence."""
    try:
        yield
    except DestinationError as error:
        reason = redact(str(error))
        if isinstance(error, FatalError) and error.disable:
            ledger.disable(conn, run.sync_id, reason)
        ledger.finish(conn, run, "failed", reason)
        raise QuanyuError(
            f"Sync {run.info.sync} stopped in run {run.info.run_id}: {reason}; what "
            "was acknowledged is kept, the next `quanyu sync apply` goes on from there."
        ) from error


@contextmanager
def _own_transactions(conn: Connection) -> Iterator[None]:
    """Let the engine decide when to commit, durably; afterwards all is as before."""
    conn.commit()
    autocommit = conn.autocommit
    conn.autocommit = True
    try:
        conn.execute("set synchronous_commit to on")
        yield
    except psycopg.OperationalError as error:
        if not conn.broken:
            raise
        raise QuanyuError(
            "The connection to the warehouse broke; what was acknowledged is kept, "
            "the next `quanyu sync apply` goes on from there."
        ) from error
    finally:
        if not conn.closed:
            conn.autocommit = autocommit
