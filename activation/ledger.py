"""The ledger's statements: what was asked of a destination and what it acknowledged.

The connection is in autocommit mode; each function that writes is one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, LiteralString

import msgspec
from psycopg import sql
from psycopg.types.json import Json, Jsonb, set_json_loads

from activation.destinations.base import Batch, Member, Op, RunInfo, SendResult
from activation.specs import SyncSpec
from warehouse.connection import Connection
from warehouse.errors import QuanyuError

OPEN = ("sending", "submitted")  # sent, and not answered for good


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


def state_table(sync_id: int) -> sql.Identifier:
    """Part of member_state that is of one sync."""
    return sql.Identifier("activation", f"member_state_{int(sync_id)}")


def value(
    conn: Connection,
    query: LiteralString,
    parameters: Sequence[Any] | dict[str, Any],
) -> Any:
    """Return the one value of a query that always has a row."""
    return (conn.execute(query, parameters).fetchone() or (None,))[0]


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
                runs.status in ('sending', 'waiting')
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


def take(conn: Connection, run: Run, chunks: Sequence[Chunk]) -> list[Batch]:
    """Note, before the requests, that the destination may come to know chunks."""
    conn.execute(
        "update activation.chunks set status = 'sending', attempts = attempts + 1,"
        " sent_at = now() where run_id = %s and chunk = any(%s)",
        [run.info.run_id, [chunk.chunk for chunk in chunks]],
    )
    return read_batches(conn, run, chunks)


def put_back(conn: Connection, run: Run, chunks: Sequence[int]) -> None:
    """Chunks taken but never asked for: as if they had not been taken."""
    if chunks:
        conn.execute(
            "update activation.chunks set attempts = attempts - 1,"
            " status = case when attempts = 1 then 'planned' else status end"
            " where run_id = %s and chunk = any(%s)",
            [run.info.run_id, list(chunks)],
        )


def read_batches(conn: Connection, run: Run, chunks: Sequence[Chunk]) -> list[Batch]:
    """Read what chunks send, in the order asked for."""
    if not chunks:
        return []  # the outbox of a run that has nothing open is gone
    numbers = [chunk.chunk for chunk in chunks]
    keys = dict(
        conn.execute(
            "select chunk, idempotency_key from activation.chunks"
            " where run_id = %s and chunk = any(%s)",
            [run.info.run_id, numbers],
        ).fetchall()
    )
    members: dict[int, list[Member]] = {number: [] for number in numbers}
    cursor = conn.cursor()
    set_json_loads(msgspec.json.decode, cursor)  # a third of json's time
    for number, key, payload, effect_key in cursor.execute(
        sql.SQL(
            "select chunk, dest_key, payload, effect_key from {}"
            " where chunk = any({}) order by chunk, seq"
        ).format(outbox_table(run.info.run_id), sql.Literal(numbers))
    ):
        members[number].append(Member(key, payload or {}, effect_key))
    return [
        Batch(
            run.info,
            chunk.chunk,
            chunk.op,
            keys[chunk.chunk],
            tuple(members[chunk.chunk]),
        )
        for chunk in chunks
    ]


def jobs(conn: Connection, run_id: int) -> list[tuple[Chunk, str]]:
    """Chunks that wait for a job of the channel, with its id, in order."""
    rows = conn.execute(
        "select chunk, op, row_count, attempts, external_id from activation.chunks"
        " where run_id = %s and status = 'submitted' and external_id is not null"
        " order by chunk",
        [run_id],
    )
    return [(Chunk(*row[:4]), row[4]) for row in rows]


def mark_submitted(conn: Connection, run: Run, chunk: int, result: SendResult) -> None:
    """Note that the destination has taken a chunk, and does not count it yet."""
    conn.execute(
        "update activation.chunks set status = 'submitted', external_id = %s,"
        " response = %s where run_id = %s and chunk = %s",
        [result.external_id, Jsonb(result.response), run.info.run_id, chunk],
    )


def mark(conn: Connection, run_id: int, chunk: int, status: str) -> None:
    """Set a chunk's status without touching state."""
    conn.execute(
        "update activation.chunks set status = %s where run_id = %s and chunk = %s",
        [status, run_id, chunk],
    )


def discard_planned(conn: Connection, run_id: int) -> None:
    """Give up what was never sent: the next plan makes it anew from fresh data."""
    conn.execute(
        "update activation.chunks set status = 'discarded'"
        " where run_id = %s and status = 'planned'",
        [run_id],
    )


def reopen(conn: Connection, run_id: int) -> None:
    """A run that is being settled is under way again: who dies now left it unsettled.

    Chunks never sent are given up.
    """
    with conn.transaction():
        discard_planned(conn, run_id)
        conn.execute(
            "update activation.runs set status = 'sending', finished_at = null"
            " where run_id = %s",
            [run_id],
        )


def finish(
    conn: Connection,
    run: Run,
    status: str,
    reason: str | None = None,
    resumes_at: datetime | None = None,
) -> None:
    """End a run: counts from the changelog, and the outbox goes.

    While an answer is still open the outbox keeps just what that needs. A run that
    waits for a channel has not ended; `resumes_at` is when the channel listens again.
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
                resumes_at = %(resumes_at)s,
                acked_rows = logged.acked_rows,
                rejected_rows = logged.rejected_rows,
                unknown_rows = logged.unknown_rows
            from (
                select
                    count(*) filter (where status = 'acked') as acked_rows,
                    count(*) filter (where status = 'rejected') as rejected_rows,
                    count(*) filter (where status = 'unknown') as unknown_rows
                from activation.changelog
                where run_id = %(run_id)s
            ) as logged
            where runs.run_id = %(run_id)s
            """,
            {
                "status": status,
                "reason": reason,
                "run_id": run_id,
                "resumes_at": resumes_at,
            },
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
    conn.execute(sql.SQL("analyze {}").format(state_table(run.sync_id)))
    conn.execute("analyze activation.suppressions")


def resting(conn: Connection, sync_id: int) -> tuple[int, str, datetime] | None:
    """Run, reason and end of a wait that is not over (a day's quota, quiet hours)."""
    row: tuple[int, str, datetime] | None = conn.execute(
        "select run_id, reason, resumes_at from activation.runs"
        " where sync_id = %s and resumes_at > now()"
        " order by run_id desc limit 1",
        [sync_id],
    ).fetchone()
    return row


def is_approved(conn: Connection, sync_id: int, reason: str) -> bool:
    """Whether somebody has approved this very sentence since the last run that sent."""
    approved: bool = value(
        conn,
        """
        select exists (
            select 1 from activation.runs
            where
                sync_id = %(sync_id)s
                and status = 'blocked'
                and reason = %(reason)s
                and approved_at is not null
                and run_id > all (
                    select run_id from activation.runs
                    where
                        sync_id = %(sync_id)s
                        and status <> 'blocked'
                        and finished_at is not null
                )
        )
        """,
        {"sync_id": sync_id, "reason": reason},
    )
    return approved


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


def changelog_counts(conn: Connection, run_id: int) -> dict[tuple[str, str], int]:
    """People of a run by (operation, status)."""
    rows = conn.execute(
        "select op, status, count(*) from activation.changelog"
        " where run_id = %s group by op, status",
        [run_id],
    )
    return {(op, status): count for op, status, count in rows}
