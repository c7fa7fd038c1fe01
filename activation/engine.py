"""plan and apply: the two things one does with a sync.

apply holds the sync's lock, settles what a killed run left open, plans from fresh data,
sends, and believes only what the destination has acknowledged (docs/activation.md).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import psycopg

from activation import faults, ledger, outcome, registry
from activation.deliver import close_run, poll_jobs, send_chunks, settle_messages
from activation.destinations import open_destination
from activation.destinations.base import (
    Destination,
    DestinationError,
    FatalError,
    QuotaError,
)
from activation.eligible import build_members
from activation.ledger import Run
from activation.masking import redact
from activation.pace import AccountGate, OpenGate, Retrier, RetryPolicy
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
        sync_id = registry.register(conn, sync)
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
    policy = policy or RetryPolicy()
    with _own_transactions(conn):
        sync_id = registry.register(conn, sync)
        with registry.lock(conn, sync.name, sync_id):
            resumed, waiting = _settle_all(conn, sync, sync_id, base_date, policy)
            if waiting:
                return replace(waiting, resumed=resumed)
            with closing_destination(sync) as destination:
                reason, planned = _commit_plan(conn, sync, sync_id, base_date, approve)
                if reason:
                    run_id = ledger.record_blocked(
                        conn, sync, sync_id, base_date, reason
                    )
                    result = ApplyResult(sync.name, run_id, "blocked", reason=reason)
                else:
                    faults.point("after_plan_commit")
                    result = _send(conn, planned, destination, policy)
    return replace(
        result,
        resumed=resumed,
        suppressed=planned.suppressed,
        unchanged=planned.figures.unchanged,
    )


def settle(
    conn: Connection,
    sync: SyncSpec,
    base_date: date,
    policy: RetryPolicy | None = None,
) -> int:
    """Settle what earlier runs left open, plan nothing; returns the people settled.

    What a sensor does for jobs that a channel works on by itself.
    """
    with _own_transactions(conn):
        sync_id = registry.register(conn, sync)
        with registry.lock(conn, sync.name, sync_id):
            policy = policy or RetryPolicy()
            return _settle_all(conn, sync, sync_id, base_date, policy)[0]


def _settle_all(
    conn: Connection,
    sync: SyncSpec,
    sync_id: int,
    base_date: date,
    policy: RetryPolicy,
) -> tuple[int, ApplyResult | None]:
    """Settle earlier runs; also say what has to be waited for before the next."""
    rest = ledger.resting(conn, sync_id)
    if rest:
        run_id, reason, until = rest
        shown = f"{reason}; goes on from {until:%Y-%m-%d %H:%M}"
        return 0, ApplyResult(sync.name, run_id, "waiting", reason=shown)
    settled = 0
    for run_id in ledger.unsettled_runs(conn, sync_id):
        run = ledger.read_run(conn, run_id)
        try:
            done, pending = _settle(conn, run, base_date, policy)
        except QuotaError as error:
            reason = redact(str(error))
            ledger.finish(conn, run, "waiting", reason, error.until)
            return settled, ApplyResult(sync.name, run_id, "waiting", reason=reason)
        settled += done
        if pending:
            reason = f"{pending} requests are still at work at the channel"
            return settled, ApplyResult(sync.name, run_id, "waiting", reason=reason)
    return settled, None


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
        if reason and not planned.broken and ledger.is_approved(conn, sync_id, reason):
            reason = None
        if reason:
            raise psycopg.Rollback(transaction)
        registry.accept_mapping(conn, sync, sync_id)
    return reason, planned


def _send(
    conn: Connection, planned: Planned, destination: Destination, policy: RetryPolicy
) -> ApplyResult:
    run = ledger.read_run(conn, planned.run_id)
    chunks = ledger.chunks(conn, planned.run_id, ["planned"])
    begun = time.monotonic()
    reason: str | None
    try:
        with _stopping_tidily(conn, run), _pacing(destination, policy) as retrier:
            if chunks:
                destination.open(run.info)
            send_chunks(conn, run, destination, retrier, chunks)
            close_run(conn, run, destination, retrier)
    except QuotaError as error:
        reason = redact(str(error))
        ledger.finish(conn, run, "waiting", reason, error.until)
        status = "waiting"
    else:
        reason, status = None, _finish_sent(conn, run)
    return replace(_result(conn, run, status, reason), seconds=time.monotonic() - begun)


def _finish_sent(conn: Connection, run: Run) -> str:
    """End a run whose chunks were all sent; returns its status."""
    jobs = ledger.jobs(conn, run.info.run_id)
    statuses = {key[1] for key in ledger.changelog_counts(conn, run.info.run_id)}
    if jobs:
        status = "waiting"
    else:
        status = "done_with_errors" if statuses - {"acked"} else "done"
    faults.point("before_finish")
    ledger.finish(conn, run, status)
    return status


def _result(conn: Connection, run: Run, status: str, reason: str | None) -> ApplyResult:
    counts = ledger.changelog_counts(conn, run.info.run_id)
    if status == "waiting" and reason is None:
        reason = "the channel works on what it was sent"
    return ApplyResult(
        sync=run.info.sync,
        run_id=run.info.run_id,
        status=status,
        added=counts.get(("add", "acked"), 0),
        updated=counts.get(("update", "acked"), 0),
        removed=counts.get(("remove", "acked"), 0),
        rejected=sum(n for (_, said), n in counts.items() if said == "rejected"),
        unknown=sum(n for (_, said), n in counts.items() if said == "unknown"),
        reason=reason,
    )


def _settle(
    conn: Connection, run: Run, base_date: date, policy: RetryPolicy
) -> tuple[int, int]:
    """Settle a run that died: ask again what was asked, for who may still be sent.

    Chunks that may have reached the destination go out again under their old keys, but
    messages never: receipts are asked. Jobs of the channel are asked after. Chunks
    never sent are given up. Returns people settled now, and jobs still at work.
    """
    before = sum(ledger.changelog_counts(conn, run.info.run_id).values())
    ledger.reopen(conn, run.info.run_id)
    is_message = run.spec.effect == "message"
    jobs = {chunk.chunk for chunk, _ in ledger.jobs(conn, run.info.run_id)}
    if ledger.chunks(conn, run.info.run_id, ledger.OPEN) and not is_message:
        with conn.transaction():
            conn.execute("set transaction isolation level repeatable read")
            build_members(conn, run.spec.without_tags(), base_date)
            outcome.withhold(conn, run)
    with (
        closing_destination(run.spec) as destination,
        _stopping_tidily(conn, run),
        _pacing(destination, policy) as retrier,
    ):
        if is_message:
            settle_messages(conn, run, destination)
        else:
            chunks = ledger.chunks(conn, run.info.run_id, ledger.OPEN)
            again = [chunk for chunk in chunks if chunk.chunk not in jobs]
            if again:
                destination.open(run.info)
            send_chunks(conn, run, destination, retrier, again)
        close_run(conn, run, destination, retrier)
        pending = poll_jobs(conn, run, destination)
    if pending:
        ledger.finish(conn, run, "waiting")
    elif jobs:
        _finish_sent(conn, run)
    else:
        ledger.finish(conn, run, "interrupted")
    settled = sum(ledger.changelog_counts(conn, run.info.run_id).values()) - before
    return settled, pending


@contextmanager
def _pacing(destination: Destination, policy: RetryPolicy) -> Iterator[Retrier]:
    """The patience of one run, and leave to send from what its account allows."""
    gate = AccountGate(destination.rate) if destination.rate else OpenGate()
    try:
        yield Retrier(policy, senders=destination.senders, gate=gate)
    finally:
        gate.release()


def _plan_in_snapshot(
    conn: Connection, sync: SyncSpec, sync_id: int, base_date: date
) -> Planned:
    """One snapshot for the whole plan: the transaction has just begun."""
    conn.execute("set transaction isolation level repeatable read")
    with _naming_what_is_missing(sync):
        return make_plan(conn, sync, sync_id, base_date)


@contextmanager
def planning(conn: Connection, sync: SyncSpec) -> Iterator[None]:
    """A snapshot in which a plan can be looked into; nothing of it is kept."""
    with _own_transactions(conn), conn.transaction(force_rollback=True):
        conn.execute("set transaction isolation level repeatable read")
        with _naming_what_is_missing(sync):
            yield


@contextmanager
def _naming_what_is_missing(sync: SyncSpec) -> Iterator[None]:
    try:
        yield
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
    except QuotaError:
        raise
    except DestinationError as error:
        reason = redact(str(error))
        if isinstance(error, FatalError) and error.disable:
            registry.disable(conn, run.sync_id, reason)
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
