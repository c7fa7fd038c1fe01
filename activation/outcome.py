"""What becomes of a chunk: acknowledged, split in two, left open, or withheld."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import sql

from activation import faults
from activation.destinations.base import RowError
from activation.ledger import OPEN, Chunk, Run, outbox_table, value
from activation.masking import redact
from warehouse.connection import Connection
from warehouse.errors import QuanyuError


def acknowledge(
    conn: Connection,
    run: Run,
    numbers: Sequence[int],
    errors: Sequence[RowError] = (),
) -> None:
    """Believe the destination: state, chunks, rejects and changelog in one commit."""
    ids: dict[str, Any] = {
        "run_id": run.info.run_id,
        "sync_id": run.sync_id,
        "chunks": list(numbers),
        "bad": [error.key for error in errors],
        "open": list(OPEN),
    }
    outbox = outbox_table(run.info.run_id)
    with conn.transaction():
        done = conn.execute(
            "update activation.chunks set status = 'acked', acked_at = now()"
            " where run_id = %(run_id)s and chunk = any(%(chunks)s)"
            " and status = any(%(open)s)",
            ids,
        )
        if done.rowcount != len(ids["chunks"]):
            raise QuanyuError(
                f"Run {run.info.run_id} of {run.info.sync} was settled by another "
                "process meanwhile: nothing was written, apply again."
            )
        for statement in _ACKNOWLEDGE:
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
        and outbox.dest_key <> all(%(bad)s)
    """,
    """
    insert into activation.member_state as held
        (sync_id, dest_key, customer_id, acked_hash, acked_run)
    select %(sync_id)s, dest_key, customer_id, payload_hash, %(run_id)s
    from {outbox}
    where op <> 'remove' and chunk = any(%(chunks)s) and dest_key <> all(%(bad)s)
    on conflict (sync_id, dest_key) do update set
        customer_id = excluded.customer_id,
        acked_hash = excluded.acked_hash,
        acked_run = excluded.acked_run,
        acked_at = excluded.acked_at
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
        and outbox.dest_key <> all(%(bad)s)
    """,
    """
    insert into activation.changelog
        (run_id, sync_id, dest_key, customer_id, op, status)
    select %(run_id)s, %(sync_id)s, dest_key, customer_id, op, 'acked'
    from {outbox}
    where chunk = any(%(chunks)s) and dest_key <> all(%(bad)s)
    """,
)

_REJECT = """
    with refused as (
        select dest_key, customer_id, op from {outbox} where dest_key = %(key)s
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
        sync_id, dest_key, customer_id, op, code, message, first_run, last_run
    )
    select
        %(sync_id)s, dest_key, customer_id, op, %(code)s, %(message)s,
        %(run_id)s, %(run_id)s
    from refused
    on conflict (sync_id, dest_key) do update set
        customer_id = excluded.customer_id,
        op = excluded.op,
        code = excluded.code,
        message = excluded.message,
        attempts = old.attempts + 1,
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
                "     select dest_key, row_number() over (order by seq) as place"
                "     from {outbox} where chunk = %(chunk)s"
                " ) as ranked where outbox.dest_key = ranked.dest_key"
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
        _doubt(conn, run, sql.SQL("chunk = {}").format(sql.Literal(chunk.chunk)))
        conn.execute(
            "update activation.chunks set status = 'unknown'"
            " where run_id = %s and chunk = %s",
            [run.info.run_id, chunk.chunk],
        )


def withhold(conn: Connection, run: Run) -> None:
    """Take out of an interrupted run's chunks who may no longer be sent.

    Needs plan_members of the run's own spec.
    """
    parameters = {"run_id": run.info.run_id, "open": list(OPEN)}
    outbox = outbox_table(run.info.run_id)
    gone = sql.SQL(
        "op <> 'remove'"
        " and chunk in (select chunk from activation.chunks where run_id = {run_id}"
        "     and status = any({open}))"
        " and not exists (select 1 from plan_members as members"
        "     where members.dest_key = outbox.dest_key and members.reason is null)"
    ).format(run_id=sql.Literal(run.info.run_id), open=sql.Literal(list(OPEN)))
    _doubt(conn, run, gone)
    conn.execute(
        sql.SQL("delete from {} as outbox where {}").format(outbox, gone),
    )
    conn.execute(
        sql.SQL(
            "update activation.chunks set row_count ="
            " (select count(*) from {outbox} as outbox"
            "     where outbox.chunk = chunks.chunk)"
            " where run_id = %(run_id)s and status = any(%(open)s)"
        ).format(outbox=outbox),
        parameters,
    )
    conn.execute(
        "update activation.chunks set status = 'discarded'"
        " where run_id = %(run_id)s and status = any(%(open)s) and row_count = 0",
        parameters,
    )


def _doubt(conn: Connection, run: Run, condition: sql.Composable) -> None:
    """Note that the destination may hold people, in a version nobody knows.

    The next plan then sends them anew or, when they may not be sent, removes them.
    """
    conn.execute(
        sql.SQL(
            "insert into activation.member_state"
            " (sync_id, dest_key, customer_id, acked_hash, acked_run)"
            " select {sync_id}, dest_key, customer_id, null, {run_id}"
            " from {outbox} as outbox where op <> 'remove' and {condition}"
            " on conflict (sync_id, dest_key) do update set acked_hash = null"
        ).format(
            sync_id=sql.Literal(run.sync_id),
            run_id=sql.Literal(run.info.run_id),
            outbox=outbox_table(run.info.run_id),
            condition=condition,
        )
    )
