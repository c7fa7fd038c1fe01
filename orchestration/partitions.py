"""Tables partitioned by base_date: a partition is swapped in whole."""

from __future__ import annotations

from datetime import date

import pandas as pd
from psycopg import sql

from warehouse.connection import Connection, copy_frame, table_identifier


def is_partitioned(conn: Connection, table: str) -> bool:
    """Whether "schema.table" is partitioned."""
    row = conn.execute(
        "select relkind = 'p' from pg_class where oid = to_regclass(%s)", [table]
    ).fetchone()
    return bool(row and row[0])


def swap_in(
    conn: Connection, table: str, base_date: date, rows: pd.DataFrame, keep: int = 2
) -> None:
    """Make `rows` the partition of base_date, and drop all but the newest `keep`.

    The partition is filled beside the table; only then, in the caller's transaction,
    does it take the place of the one before (and get the table's indexes). Readers see
    the one or the other. Rows are laid down in the order given.
    """
    part = f"{table}_{base_date:%Y%m%d}"
    fresh = f"{part}_fresh"
    existing = partitions(conn, table)
    create = sql.SQL("create table {} (like {} including defaults)")
    conn.execute(create.format(table_identifier(fresh), table_identifier(table)))
    copy_frame(conn, fresh, rows.assign(base_date=base_date))
    conn.execute(sql.SQL("analyze {}").format(table_identifier(fresh)))
    stale = sorted({*existing, base_date}, reverse=True)[keep:]
    for day in [*stale, base_date]:
        if day in existing:
            drop = sql.SQL("drop table {}")
            conn.execute(drop.format(table_identifier(existing[day])))
    if base_date in stale:
        conn.execute(sql.SQL("drop table {}").format(table_identifier(fresh)))
        return
    conn.execute(
        sql.SQL("alter table {} rename to {}").format(
            table_identifier(fresh), sql.Identifier(part.split(".")[1])
        )
    )
    conn.execute(
        sql.SQL("alter table {} attach partition {} for values in ({})").format(
            table_identifier(table), table_identifier(part), sql.Literal(base_date)
        )
    )


def partitions(conn: Connection, table: str) -> dict[date, str]:
    """Return the partitions of a table by their base_date, as "schema.table"."""
    rows = conn.execute(
        """
        select
            substring(
                pg_get_expr(parts.relpartbound, parts.oid) from '\\d{4}-\\d\\d-\\d\\d'
            )::date,
            namespaces.nspname || '.' || parts.relname
        from pg_inherits
        inner join pg_class as parts on pg_inherits.inhrelid = parts.oid
        inner join pg_namespace as namespaces
            on parts.relnamespace = namespaces.oid
        where pg_inherits.inhparent = to_regclass(%s)
        """,
        [table],
    ).fetchall()
    return dict(rows)
