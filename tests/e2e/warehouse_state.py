"""What a warehouse holds, as one digest per table: run and load ids aside."""

from __future__ import annotations

import psycopg
from psycopg import sql

SCHEMAS = [
    "staging",
    "identity",
    "intermediate",
    "marts",
    "features",
    "ml",
    "tags",
    "segments",
    "campaigns",
    "activation",
]
# Tables that only tell of runs: who ran when, in which pieces.
RUN_TABLES = {"activation.runs", "activation.chunks"}
# When and by which run a row was written is not what it says.
RUN_COLUMNS = {
    "_file_id",
    "_load_id",
    "run_id",
    "file_id",
    "load_id",
    "first_run",
    "last_run",
    "acked_run",
    "invocation_id",
    "due_round",
    "facts_round",
    "recorded_at",
}
RUN_TYPES = {"timestamp with time zone"}


def digests(url: str, schemas: list[str] | None = None) -> dict[str, str]:
    """Return {schema.table: "rows digest"} of every base table.

    Rows are compared as sets of json texts; columns that only say which run wrote
    the row, and `*_at` columns of ledgers, are left out.
    """
    with psycopg.connect(url) as conn:
        tables = conn.execute(
            """
            select table_schema, table_name from information_schema.tables
            where table_schema = any(%s) and table_type = 'BASE TABLE'
            order by 1, 2
            """,
            [schemas or SCHEMAS],
        ).fetchall()
        return {
            f"{one}.{two}": digest(conn, one, two)
            for one, two in tables
            if f"{one}.{two}" not in RUN_TABLES
        }


def digest(conn: psycopg.Connection, schema: str, table: str) -> str:
    """Return row count and order-free digest of one table."""
    columns = conn.execute(
        """
        select column_name, data_type from information_schema.columns
        where table_schema = %s and table_name = %s
        """,
        [schema, table],
    ).fetchall()
    ledger = schema in {"ml", "activation"}
    left_out = [
        name
        for name, kind in columns
        if name in RUN_COLUMNS or (ledger and kind in RUN_TYPES)
    ]
    row = conn.execute(
        sql.SQL(
            """
            select count(*), coalesce(sum(hashtextextended(
                (to_jsonb(one) - %s::text[])::text, 0)::numeric), 0)
            from {} as one
            """
        ).format(sql.Identifier(schema, table)),
        [left_out],
    ).fetchone()
    assert row is not None
    return f"{row[0]} rows {row[1]}"
