"""The ledger's statements: what was asked of a destination and what it acknowledged.

The connection is in autocommit mode; each function that writes is one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.types.json import Json, Jsonb

from activation.destinations.base import Batch, Member, Op, RunInfo
from activation.specs import SyncSpec
from warehouse.connection import Connection
from warehouse.errors import QuanyuError

OPEN = ("sending", "submitted")  # sent, and not answered for good
_LOCK_SPACE = 0x61637476  # "actv": advisory locks of activation are (this, sync_id)


@dataclass(frozen=True)
class Run:
    """A run and the spec it was planned with."""

    sync_id: int
    spec: SyncSpec
    info: RunInfo


@dataclass(frozen=True)
class Chunk:
    """Members of one operation that are sent together; `attempts` by earlier runs."""

    chunk: int
    op: Op
    row_count: int
    attempts: int = 0


def outbox_table(run_id: int) -> sql.Identifier:
    """Table of what a run has still to send: the only place of raw contact points."""
    return sql.Identifier("activation", f"outbox_{int(run_id)}")


def _state_table(sync_id: int) -> sql.Identifier:
    return sql.Identifier("activation", f"member_state_{int(sync_id)}")


def value(conn: Connection, query: LiteralString, parameters: Sequence[Any]) -> Any:
    """Return the one value of a query that always has a row."""
    return (conn.execute(query, parameters).fetchone() or (None,))[0]


def register(conn: Connection, name: str) -> int:
    """Give a sync its number and its part of member_state, once."""
    try:
        with conn.transaction():
            conn.execute("lock table activation.syncs in share row exclusive mode")
            row = conn.execute(
                "select sync_id from activation.syncs where name = %s", [name]
            ).fetchone()
            if row:
                return int(row[0])
            sync_id: int = value(
                conn,
                "insert into activation.syncs (name) values (%s) returning sync_id",
                [name],
            )
            conn.execute(
                sql.SQL(
                    "create table {} partition of activation.member_state"
                    " for values in ({})"
                ).format(
                    _state_table(sync_id),
                    sql.Literal(sync_id),
                )
            )
            return sync_id
    except psycopg.errors.UndefinedTable as error:
        raise QuanyuError(
            "The tables of activation are not there yet: run `quanyu up`."
        ) from error


@contextmanager
def lock(conn: Connection, name: str, sync_id: int) -> Iterator[None]:
    """Be the only runner of a sync; a dead runner's lock goes with its session.

    A moment of patience, since the server may not know yet that the other is dead.
    """
    key = [_LOCK_SPACE, sync_id]
    try:
        with conn.transaction():
            conn.execute("set local lock_timeout to '3s'")
            conn.execute("select pg_advisory_lock(%s, %s)", key)
    except psycopg.errors.LockNotAvailable as error:
        holder = value(
            conn,
            "select min(pid) from pg_locks where locktype = 'advisory'"
            " and classid = %s and objid = %s and granted and database ="
            " (select oid from pg_database where datname = current_database())",
            key,
        )
        raise QuanyuError(
            f"Sync {name} is being applied by another process (database session "
            f"{holder}): wait until it has finished."
        ) from error
    try:
        yield
    finally:
        if not conn.closed and not conn.broken:
            conn.execute("select pg_advisory_unlock(%s, %s)", key)


def read_run(conn: Connection, run_id: int) -> Run:
    """Read a run back, with the spec it was planned with."""
    row = conn.execute(
        "select sync_id, run_key, base_date, started_at, spec"
        " from activation.runs where run_id = %s",
        [run_id],
    ).fetchone()
    if row is None:
        raise QuanyuError(f"There is no activation run {run_id}.")
    sync_id, run_key, base_date, started_at, content = row
    spec = SyncSpec.model_validate(content)
    info = RunInfo(
        sync=spec.name,
        run_id=run_id,
        run_key=str(run_key),
        base_date=base_date,
        started_at=started_at,
        key=spec.key,
        columns=tuple(name for name in spec.map if name != spec.key),
    )
    return Run(sync_id, spec, info)


def unsettled_runs(conn: Connection, sync_id: int) -> list[int]:
    """Runs that ended before every chunk they had sent was answered, oldest first."""
    rows = conn.execute(
        """
        select runs.run_id
        from activation.runs
        where
            runs.sync_id = %s
            and (
                runs.status = 'sending'
                or exists (
                    select 1 from activation.chunks
                    where
                        chunks.run_id = runs.run_id
                        and chunks.status = any(%s)
                )
            )
        order by runs.run_id
        """,
        [sync_id, list(OPEN)],
    )
    return [row[0] for row in rows]


def chunks(conn: Connection, run_id: int, statuses: Sequence[str]) -> list[Chunk]:
    """Chunks of a run in one of the statuses, in order."""
    rows = conn.execute(
        "select chunk, op, row_count, attempts from activation.chunks"
        " where run_id = %s and status = any(%s) order by chunk",
        [run_id, list(statuses)],
    )
    return [Chunk(*row) for row in rows]


def read_batch(conn: Connection, run: Run, chunk: Chunk) -> Batch:
    """Read what one chunk sends."""
    idempotency_key: str = value(
        conn,
        "select idempotency_key from activation.chunks"
        " where run_id = %s and chunk = %s",
        [run.info.run_id, chunk.chunk],
    )
    members = conn.execute(
        sql.SQL(
            "select dest_key, payload from {} where chunk = {} order by seq"
        ).format(outbox_table(run.info.run_id), sql.Literal(chunk.chunk))
    )
    return Batch(
        run.info,
        chunk.chunk,
        chunk.op,
        idempotency_key,
        tuple(Member(key, payload or {}) for key, payload in members),
    )


def mark_sending(conn: Connection, run_id: int, chunk: int) -> None:
    """Note, before the request, that the destination may come to know this chunk."""
    conn.execute(
        "update activation.chunks set status = 'sending', attempts = attempts + 1,"
        " sent_at = now() where run_id = %s and chunk = %s",
        [run_id, chunk],
    )


def mark(
    conn: Connection,
    run_id: int,
    chunk: int,
    status: str,
    response: dict[str, Any] | None = None,
) -> None:
    """Set a chunk's status without touching state."""
    conn.execute(
        "update activation.chunks set status = %s, response = %s"
        " where run_id = %s and chunk = %s",
        [status, Jsonb(response), run_id, chunk],
    )


def discard_planned(conn: Connection, run_id: int) -> None:
    """Give up what was never sent: the next plan makes it anew from fresh data."""
    conn.execute(
        "update activation.chunks set status = 'discarded'"
        " where run_id = %s and status = 'planned'",
        [run_id],
    )


def finish(conn: Connection, run: Run, status: str, reason: str | None = None) -> None:
    """End a run: counts from the changelog, and the outbox goes.

    While an answer is still open the outbox keeps just what that needs.
    """
    run_id = run.info.run_id
    outbox = outbox_table(run_id)
    with conn.transaction():
        discard_planned(conn, run_id)
        conn.execute(
            """
            update activation.runs
            set
                status = %(status)s,
                finished_at = now(),
                reason = coalesce(%(reason)s, reason),
                acked_rows = logged.acked_rows,
                rejected_rows = logged.rejected_rows
            from (
                select
                    count(*) filter (where status = 'acked') as acked_rows,
                    count(*) filter (where status = 'rejected') as rejected_rows
                from activation.changelog
                where run_id = %(run_id)s
            ) as logged
            where runs.run_id = %(run_id)s
            """,
            {"status": status, "reason": reason, "run_id": run_id},
        )
        if chunks(conn, run_id, OPEN):
            conn.execute(
                sql.SQL(
                    "delete from {} where chunk in (select chunk from activation.chunks"
                    " where run_id = {} and not status = any({}))"
                ).format(outbox, sql.Literal(run_id), sql.Literal(list(OPEN)))
            )
        else:
            conn.execute(sql.SQL("drop table if exists {}").format(outbox))
    # The next plan joins these: they must not be taken for empty tables.
    conn.execute(sql.SQL("analyze {}").format(_state_table(run.sync_id)))
    conn.execute("analyze activation.suppressions")


def record_blocked(
    conn: Connection, sync: SyncSpec, sync_id: int, base_date: date, reason: str
) -> int:
    """Keep a blocked plan's sentence; the plan itself was rolled back."""
    run_id: int = value(
        conn,
        "insert into activation.runs"
        " (sync_id, base_date, status, spec, mapping_hash, finished_at, reason)"
        " values (%s, %s, 'blocked', %s, %s, now(), %s) returning run_id",
        [sync_id, base_date, Json(sync.stored()), sync.mapping_hash, reason],
    )
    return run_id


def accept_mapping(conn: Connection, sync: SyncSpec, sync_id: int) -> None:
    """Note that the destination is being filled under this mapping."""
    conn.execute(
        "update activation.syncs set mapping_hash = %s, disabled_reason = null"
        " where sync_id = %s",
        [sync.mapping_hash, sync_id],
    )


def disable(conn: Connection, sync_id: int, reason: str) -> None:
    """Stop a sync until somebody approves that it goes on."""
    conn.execute(
        "update activation.syncs set disabled_reason = %s where sync_id = %s",
        [reason, sync_id],
    )


def changelog_counts(conn: Connection, run_id: int) -> dict[tuple[str, str], int]:
    """People of a run by (operation, status)."""
    rows = conn.execute(
        "select op, status, count(*) from activation.changelog"
        " where run_id = %s group by op, status",
        [run_id],
    )
    return {(op, status): count for op, status, count in rows}
