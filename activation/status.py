"""How a sync is doing, from the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import sql

from warehouse.connection import Connection

# Columns of the views, and what they are called on a screen.
RUN_COLUMNS = {
    "run_id": "run",
    "base_date": "day",
    "status": "status",
    "source_rows": "segment",
    "acked_rows": "acked",
    "rejected_rows": "rejected",
    "unknown_rows": "unknown",
    "unchanged_rows": "same",
    "reason": "reason",
}
REJECT_COLUMNS = {
    "customer_id": "customer",
    "op": "op",
    "code": "code",
    "message": "message",
    "attempts": "attempts",
    "first_run": "since run",
}


@dataclass(frozen=True)
class SyncStatus:
    """People held, the last runs (newest first), and open rejects; columns as above."""

    held: int
    disabled_reason: str | None
    runs: list[tuple[Any, ...]]
    rejects: list[tuple[Any, ...]]


def read_status(conn: Connection, name: str, limit: int = 10) -> SyncStatus:
    """Read the status of a sync; one that never ran holds nobody and has no runs."""
    row = conn.execute(
        """
        select
            syncs.disabled_reason,
            (
                select count(*) from activation.member_state as held
                where held.sync_id = syncs.sync_id
            ) as held
        from activation.syncs
        where syncs.name = %s
        """,
        [name],
    ).fetchone()
    disabled_reason, held = row or (None, 0)
    runs = conn.execute(
        sql.SQL(
            "select {} from activation.v_sync_runs where sync = {}"
            " order by run_id desc limit {}"
        ).format(_listed(RUN_COLUMNS), sql.Literal(name), sql.Literal(limit))
    )
    rejects = conn.execute(
        sql.SQL(
            "select {} from activation.v_rejects where sync = {}"
            " order by customer_id limit {}"
        ).format(_listed(REJECT_COLUMNS), sql.Literal(name), sql.Literal(limit))
    )
    return SyncStatus(held, disabled_reason, runs.fetchall(), rejects.fetchall())


def _listed(columns: dict[str, str]) -> sql.Composable:
    return sql.SQL(", ").join(map(sql.Identifier, columns))
