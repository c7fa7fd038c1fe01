"""What activation forgets of an erased person, and which channels still hold them.

State stays until a channel has acknowledged the removal: its key, a hash or a number,
is what the removal is asked for by. The rest goes at once.
"""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import sql

from activation import ledger, outcome
from activation.ledger import outbox_table
from warehouse.connection import Connection

_HISTORIES = ("changelog", "suppressions", "rejects")


def take_from_outboxes(conn: Connection, customer_ids: Sequence[int]) -> int:
    """Take people out of runs that are not over; what may have been sent is doubted."""
    taken = 0
    runs = conn.execute(
        "select run_id from activation.runs"
        " where to_regclass('activation.outbox_' || run_id) is not null"
    ).fetchall()
    for (run_id,) in runs:
        run = ledger.read_run(conn, run_id)
        gone = sql.SQL("op <> 'remove' and customer_id = any({})").format(
            sql.Literal(list(customer_ids))
        )
        outcome.doubt(conn, run, gone)
        deleted = conn.execute(
            sql.SQL("delete from {} as outbox where {}").format(
                outbox_table(run_id), gone
            )
        )
        taken += deleted.rowcount
        outcome.count_again(conn, run)
    return taken


def forget_history(conn: Connection, customer_ids: Sequence[int]) -> dict[str, int]:
    """Delete what was sent to people, kept back or refused; counts by table."""
    return {
        f"activation.{table}": conn.execute(
            sql.SQL("delete from {} where customer_id = any(%s)").format(
                sql.Identifier("activation", table)
            ),
            [list(customer_ids)],
        ).rowcount
        for table in _HISTORIES
    }


def holders(conn: Connection, customer_ids: Sequence[int]) -> dict[str, int]:
    """Syncs whose destination is believed to hold people; how many keys each."""
    rows = conn.execute(
        "select syncs.name, count(*) from activation.member_state as held"
        " inner join activation.syncs on held.sync_id = syncs.sync_id"
        " where held.customer_id = any(%s) group by syncs.name order by syncs.name",
        [list(customer_ids)],
    ).fetchall()
    return dict(rows)
