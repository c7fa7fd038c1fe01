"""What becomes of a chunk: acknowledged, split in two, left open, or withheld."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from activation import faults
from activation.destinations.base import Batch, Lookup, RowError
from activation.ledger import OPEN, Chunk, Run, outbox_table, value
from activation.masking import redact
from warehouse.connection import Connection
from warehouse.errors import QuanyuError


@dataclass(frozen=True)
class Answered:
    """What is known of a chunk: its people are done, but for these (by key).

    `unknown`: a message may have been sent, and no receipt says so. `not_sent`: it
    surely was not, and the next plan sends it.
    """

    chunk: int
    errors: tuple[RowError, ...] = ()
    unknown: frozenset[str] = frozenset()
    not_sent: frozenset[str] = frozenset()


def from_lookup(batch: Batch, lookup: Lookup) -> Answered:
    """What receipts leave of a message batch whose answer was lost."""
    keys = frozenset(member.key for member in batch.members)
    return Answered(
        batch.chunk,
        unknown=keys - lookup.sent - lookup.not_sent,
        not_sent=keys & lookup.not_sent,
    )


def acknowledge(conn: Connection, run: Run, answered: Sequence[Answered]) -> None:
    """Believe the destination: state, chunks, rejects and changelog in one commit."""
    errors = [error for one in answered for error in one.errors]
    unknown = [key for one in answered for key in one.unknown]
    ids: dict[str, Any] = {
        "run_id": run.info.run_id,
        "sync_id": run.sync_id,
        "chunks": [one.chunk for one in answered],
        "unknown_chunks": [one.chunk for one in answered if one.unknown],
        "unknown": unknown,
        "not_acked": [
            *(error.key for error in errors),
            *unknown,
            *(key for one in answered for key in one.not_sent),
        ],
        "counts": run.spec.effect != "set",
        "open": list(OPEN),
    }
    outbox = outbox_table(run.info.run_id)
    with conn.transaction():
        done = conn.execute(
            "update activation.chunks set acked_at = now(), status ="
            " case when chunk = any(%(unknown_chunks)s) then 'unknown' else 'acked' end"
            " where run_id = %(run_id)s and chunk = any(%(chunks)s)"
            " and status = any(%(open)s)",
            ids,
        )
        if done.rowcount != len(ids["chunks"]):
            raise QuanyuError(
                f"Run {run.info.run_id} of {run.info.sync} was settled by another "
                "process meanwhile: nothing was written, apply again."
            )
        for statement in _ACKNOWLEDGE if not unknown else (*_ACKNOWLEDGE, *_UNKNOWN):
            conn.execute(sql.SQL(statement).format(outbox=outbox), ids)
        for error in errors:
            conn.execute(
                sql.SQL(_REJECT).format(outbox=outbox),
                {
                    **ids,
                    "key": error.key,
                    "code": redact(error.code)[:50],
                    "message": redact(error.message),
                },
            )
        faults.point("before_ack_commit")
    faults.point("after_ack")


_ACKNOWLEDGE = (
    """
    delete from activation.member_state as held
    using {outbox} as outbox
    where
        held.sync_id = %(sync_id)s
        and held.dest_key = outbox.dest_key
        and outbox.op = 'remove'
        and outbox.chunk = any(%(chunks)s)
        and outbox.dest_key <> all(%(not_acked)s)
    """,
    """
    insert into activation.member_state as held
        (sync_id, dest_key, customer_id, acked_hash, acked_run)
    select %(sync_id)s, dest_key, customer_id, payload_hash, %(run_id)s
    from {outbox}
    where op <> 'remove' and chunk = any(%(chunks)s) and dest_key <> all(%(not_acked)s)
    on conflict (sync_id, dest_key) do update set
        customer_id = excluded.customer_id,
        acked_hash = excluded.acked_hash,
        acked_run = excluded.acked_run,
        acked_at = excluded.acked_at,
        may_repeat = false,
        effects = held.effects + cast(cast(%(counts)s as boolean) as int)
    """,
    """
    update activation.rejects
    set resolved_run = %(run_id)s
    from {outbox} as outbox
    where
        rejects.sync_id = %(sync_id)s
        and rejects.resolved_run is null
        and rejects.dest_key = outbox.dest_key
        and outbox.chunk = any(%(chunks)s)
        and outbox.dest_key <> all(%(not_acked)s)
    """,
    """
    insert into activation.changelog
        (run_id, sync_id, dest_key, customer_id, op, status)
    select %(run_id)s, %(sync_id)s, dest_key, customer_id, op, 'acked'
    from {outbox}
    where chunk = any(%(chunks)s) and dest_key <> all(%(not_acked)s)
    """,
)

# Of a message: held as if sent, so that no plan sends it again.
_UNKNOWN = (
    """
    insert into activation.member_state as held
        (sync_id, dest_key, customer_id, acked_hash, acked_run, effects)
    select %(sync_id)s, dest_key, customer_id, null, %(run_id)s, 0
    from {outbox}
    where chunk = any(%(chunks)s) and dest_key = any(%(unknown)s)
    on conflict (sync_id, dest_key) do update set
        acked_hash = null, acked_run = excluded.acked_run, may_repeat = false
    """,
    """
    insert into activation.changelog
        (run_id, sync_id, dest_key, customer_id, op, status)
    select %(run_id)s, %(sync_id)s, dest_key, customer_id, op, 'unknown'
    from {outbox}
    where chunk = any(%(chunks)s) and dest_key = any(%(unknown)s)
    """,
)

_REJECT = """
    with refused as (
        select dest_key, customer_id, op, payload_hash
        from {outbox}
        where chunk = any(%(chunks)s) and dest_key = %(key)s
    ),
    logged as (
        insert into activation.changelog
            (run_id, sync_id, dest_key, customer_id, op, status, code, message)
        select
            %(run_id)s, %(sync_id)s, dest_key, customer_id, op,
            'rejected', %(code)s, %(message)s
        from refused
    )
    insert into activation.rejects as old (
        sync_id, dest_key, customer_id, op, code, message, payload_hash,
        first_run, last_run
    )
    select
        %(sync_id)s, dest_key, customer_id, op, %(code)s, %(message)s, payload_hash,
        %(run_id)s, %(run_id)s
    from refused
    on conflict (sync_id, dest_key) do update set
        customer_id = excluded.customer_id,
        op = excluded.op,
        code = excluded.code,
        message = excluded.message,
        payload_hash = excluded.payload_hash,
        -- A changed payload, like a new refusal, is counted from one.
        attempts = case
            when old.resolved_run is null
                and old.payload_hash is not distinct from excluded.payload_hash
            then old.attempts + 1
            else 1
        end,
        last_run = excluded.last_run,
        resolved_run = null
"""


def split(conn: Connection, run: Run, chunk: Chunk) -> list[Chunk]:
    """Halve a chunk that was refused as a whole; each half gets its own key."""
    outbox = outbox_table(run.info.run_id)
    middle = chunk.row_count // 2
    with conn.transaction():
        first: int = value(
            conn,
            "select max(chunk) + 1 from activation.chunks where run_id = %s",
            [run.info.run_id],
        )
        conn.execute(
            sql.SQL(
                "update {outbox} as outbox"
                " set chunk = case when ranked.place <= %(middle)s"
                "     then %(first)s else %(first)s + 1 end"
                " from ("
                "     select seq, row_number() over (order by seq) as place"
                "     from {outbox} where chunk = %(chunk)s"
                " ) as ranked"
                " where outbox.chunk = %(chunk)s and outbox.seq = ranked.seq"
            ).format(outbox=outbox),
            {"middle": middle, "first": first, "chunk": chunk.chunk},
        )
        conn.execute(
            "update activation.chunks set status = 'split'"
            " where run_id = %s and chunk = %s",
            [run.info.run_id, chunk.chunk],
        )
        halves = [
            Chunk(first, chunk.op, middle),
            Chunk(first + 1, chunk.op, chunk.row_count - middle),
        ]
        for half in halves:
            conn.execute(
                "insert into activation.chunks"
                " (run_id, chunk, op, row_count, idempotency_key, status)"
                " select run_id, %(chunk)s, %(op)s, %(rows)s,"
                " activation.idempotency_key("
                "     %(sync)s, mapping_hash, run_key, %(chunk)s), 'planned'"
                " from activation.runs where run_id = %(run_id)s",
                {
                    "chunk": half.chunk,
                    "op": half.op,
                    "rows": half.row_count,
                    "sync": run.info.sync,
                    "run_id": run.info.run_id,
                },
            )
    return halves


def leave_open(conn: Connection, run: Run, chunk: Chunk) -> None:
    """Stop asking about a chunk that may have arrived; the next plan settles it."""
    with conn.transaction():
        doubt(conn, run, sql.SQL("chunk = {}").format(sql.Literal(chunk.chunk)))
        conn.execute(
            "update activation.chunks set status = 'unknown'"
            " where run_id = %s and chunk = %s",
            [run.info.run_id, chunk.chunk],
        )


def withhold(conn: Connection, run: Run) -> None:
    """Take out of an interrupted run's chunks who may no longer be sent.

    Needs plan_members of the run's own spec. What a job of the channel already has is
    left to it: once it is done the next plan removes them.
    """
    outbox = outbox_table(run.info.run_id)
    gone = sql.SQL(
        "op <> 'remove'"
        " and chunk in (select chunk from activation.chunks where run_id = {run_id}"
        "     and status = any({open}) and external_id is null)"
        " and not exists (select 1 from plan_members as members"
        "     where members.dest_key = outbox.dest_key and members.reason is null)"
    ).format(run_id=sql.Literal(run.info.run_id), open=sql.Literal(list(OPEN)))
    doubt(conn, run, gone)
    conn.execute(sql.SQL("delete from {} as outbox where {}").format(outbox, gone))
    count_again(conn, run)


def count_again(conn: Connection, run: Run) -> None:
    """After rows were taken out: sizes of chunks; one without rows is given up."""
    conn.execute(
        sql.SQL(
            "update activation.chunks set row_count = counted.row_count,"
            " status = case when counted.row_count = 0 then 'discarded'"
            "     else chunks.status end"
            " from (select chunks.chunk, count(outbox.chunk) as row_count"
            "     from activation.chunks"
            "     left join {outbox} as outbox on chunks.chunk = outbox.chunk"
            "     where chunks.run_id = {run_id} and chunks.status = any({live})"
            "     group by chunks.chunk) as counted"
            " where chunks.run_id = {run_id} and chunks.chunk = counted.chunk"
            " and chunks.row_count <> counted.row_count"
        ).format(
            outbox=outbox_table(run.info.run_id),
            run_id=sql.Literal(run.info.run_id),
            live=sql.Literal(["planned", *OPEN]),
        )
    )


def doubt(conn: Connection, run: Run, condition: sql.Composable) -> None:
    """Note that the destination may hold people, in a version nobody knows.

    The next plan then sends them anew or, when they may not be sent, removes them.
    """
    conn.execute(
        sql.SQL(
            "insert into activation.member_state"
            " (sync_id, dest_key, customer_id, acked_hash, acked_run, effects)"
            " select {sync_id}, dest_key, customer_id, null, {run_id}, 0"
            " from {outbox} as outbox where op <> 'remove' and {condition}"
            " on conflict (sync_id, dest_key) do update set acked_hash = null"
        ).format(
            sync_id=sql.Literal(run.sync_id),
            run_id=sql.Literal(run.info.run_id),
            outbox=outbox_table(run.info.run_id),
            condition=condition,
        )
    )
