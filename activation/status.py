"""How a sync is doing, from the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import sql

from warehouse.connection import Connection

RUN_COLUMNS = (
    "run_id",
    "base_date",
    "status",
    "source_rows",
    "eligible_rows",
    "acked_rows",
    "rejected_rows",
    "unchanged_rows",
    "reason",
)
REJECT_COLUMNS = ("customer_id", "op", "code", "message", "attempts", "first_run")


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


def _listed(columns: tuple[str, ...]) -> sql.Composable:
    return sql.SQL(", ").join(map(sql.Identifier, columns))
