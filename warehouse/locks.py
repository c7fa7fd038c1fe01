"""Advisory locks that more than one package knows."""

from __future__ import annotations

from warehouse.connection import Connection

# One run at a time: everyone who runs the day takes this advisory lock first.
DAILY_LOCK = 7_142_001


def is_locked(conn: Connection, lock: int) -> bool:
    """Whether any session of this database holds an advisory lock."""
    with conn.transaction():
        row = conn.execute(
            "select exists (select from pg_locks"
            " where locktype = 'advisory' and granted and objsubid = 1"
            " and classid::bigint << 32 | objid::bigint = %s"
            " and database = (select oid from pg_database"
            " where datname = current_database()))",
            [lock],
        ).fetchone()
    return bool(row and row[0])
