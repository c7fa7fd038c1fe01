"""Inventory of what has landed: how much, how fresh, how full, what is used of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from psycopg import sql

from ingestion.contract import EXTRA, Channel, Table, load_contracts
from ingestion.landing import ensure_raw_tables
from ingestion.lineage import Usage, usage
from warehouse.connection import Connection, copy_rows

# Of a table with more rows, blocks that hold about so many are measured.
MEASURED_ROWS = 200_000


@dataclass(frozen=True)
class ColumnEntry:
    """A landed column; fill_rate is the share of rows with a value, None of no rows."""

    column: str
    usage: str
    fill_rate: float | None
    is_in_contract: bool = True


@dataclass(frozen=True)
class TableEntry:
    """A landed table; measured_rows are those that the fill rates are of."""

    channel: str
    table: str
    rows: int
    files: int
    first_drop: date | None
    last_drop: date | None
    days_since: int | None
    measured_rows: int
    columns: tuple[ColumnEntry, ...]

    @property
    def unused(self) -> list[str]:
        """Columns of the contract that nothing after staging, nor a rule, looks at."""
        return [
            one.column
            for one in self.columns
            if one.is_in_contract and one.usage == "unused"
        ]

    @property
    def unknown(self) -> list[str]:
        """Columns that files brought and no contract knows."""
        return [one.column for one in self.columns if not one.is_in_contract]

    def as_json(self) -> dict[str, Any]:
        """Figures of the table and its columns, dates as text."""
        days = {"first_drop": self.first_drop, "last_drop": self.last_drop}
        return asdict(self) | {
            name: day and day.isoformat() for name, day in days.items()
        }

    def as_markdown(self) -> str:
        """Columns with usage and fill rate, as a table for a page."""
        lines = ["| column | usage | filled |", "|---|---|---|"]
        for one in self.columns:
            known = "" if one.is_in_contract else " (in no contract)"
            lines.append(
                f"| {one.column}{known} | {one.usage} | {percent(one.fill_rate)} |"
            )
        return "\n".join(lines)


def percent(share: float | None) -> str:
    """Write a share with one decimal; nothing for None."""
    return "" if share is None else f"{share:.1%}"


def take(
    conn: Connection,
    manifest: Mapping[str, Any],
    channels: Mapping[str, Channel] | None = None,
) -> list[TableEntry]:
    """Take the inventory of all contracts; `manifest` is dbt's, as parsed json."""
    channels = channels or load_contracts()
    ensure_raw_tables(conn, channels)
    used = usage(
        manifest,
        (
            (channel.raw_schema, table.table, column)
            for channel in channels.values()
            for table in channel.tables
            for column in table.columns
        ),
    )
    ledger = _ledger(conn)
    return [
        _entry(
            conn,
            channel,
            table,
            used,
            ledger.get((channel.channel, table.table), _Ledger()),
        )
        for channel in channels.values()
        for table in channel.tables
    ]


def save(conn: Connection, tables: list[TableEntry]) -> None:
    """Replace landing.inventory_tables and landing.inventory_columns."""
    with conn.transaction():
        conn.execute("truncate landing.inventory_tables, landing.inventory_columns")
        now = conn.execute("select now()").fetchone()
        copy_rows(
            conn,
            "landing.inventory_tables",
            [
                *("channel_code", "table_name", "row_count", "file_count"),
                *("first_drop_date", "last_drop_date", "days_since_last_drop"),
                *("measured_row_count", "measured_at"),
            ],
            (
                (
                    *(one.channel, one.table, one.rows, one.files),
                    *(one.first_drop, one.last_drop, one.days_since),
                    *(one.measured_rows, *(now or ())),
                )
                for one in tables
            ),
        )
        copy_rows(
            conn,
            "landing.inventory_columns",
            [
                *("channel_code", "table_name", "column_name", "is_in_contract"),
                *("usage", "fill_rate"),
            ],
            (
                (
                    *(table.channel, table.table, one.column, one.is_in_contract),
                    *(one.usage, one.fill_rate),
                )
                for table in tables
                for one in table.columns
            ),
        )


@dataclass(frozen=True)
class _Ledger:
    """What the ledger knows of one table."""

    rows: int = 0
    files: int = 0
    first_drop: date | None = None
    last_drop: date | None = None
    days_since: int | None = None


def _ledger(conn: Connection) -> dict[tuple[str, str], _Ledger]:
    """Ledger entries by channel and table."""
    with conn.transaction():
        rows = conn.execute(
            "select channel_code, table_name, sum(landed_row_count)::bigint, count(*),"
            " min(drop_date), max(drop_date),"
            " (select last_complete_day from landing.last_complete_day)"
            " - max(drop_date)"
            " from landing.files group by channel_code, table_name"
        ).fetchall()
    return {(channel, table): _Ledger(*figures) for channel, table, *figures in rows}


def _entry(
    conn: Connection, channel: Channel, table: Table, used: Usage, known: _Ledger
) -> TableEntry:
    measured, filled, unknown = _measure(conn, channel, table, known.rows)

    def share(count: int) -> float | None:
        return count / measured if measured else None

    return TableEntry(
        channel.channel,
        table.table,
        known.rows,
        known.files,
        known.first_drop,
        known.last_drop,
        known.days_since,
        measured,
        (
            *(
                ColumnEntry(
                    column,
                    used.of((channel.raw_schema, table.table, column)),
                    share(filled[column]),
                )
                for column in table.columns
            ),
            *(
                ColumnEntry(column, "unused", share(count), is_in_contract=False)
                for column, count in sorted(unknown.items())
                if column not in table.columns
            ),
        ),
    )


def _measure(
    conn: Connection, channel: Channel, table: Table, rows: int
) -> tuple[int, dict[str, int], dict[str, int]]:
    """Rows measured, filled rows by column, and rows by column that no contract knows.

    One scan for all columns; of a big table a sample of blocks, the same every time.
    """
    names = [*table.columns, EXTRA]
    relation = sql.Identifier(channel.raw_schema, table.table)
    sample: sql.Composable = sql.SQL("")
    if rows > MEASURED_ROWS:
        sample = sql.SQL(" tablesample system ({}) repeatable (1)").format(
            sql.Literal(100 * MEASURED_ROWS / rows)
        )
    counts = sql.SQL(", ").join(
        sql.SQL("count({})").format(sql.Identifier(name)) for name in names
    )
    with conn.transaction():
        measured, *filled = conn.execute(
            sql.SQL("select count(*), {} from {}{}").format(counts, relation, sample)
        ).fetchone() or [0]
        found = dict(zip(names, filled, strict=True))
        unknown = {}
        if found.pop(EXTRA):
            unknown = dict(
                conn.execute(
                    sql.SQL(
                        "select name, count(*) from {}{},"
                        " lateral jsonb_object_keys(_extra) as name group by name"
                    ).format(relation, sample)
                ).fetchall()
            )
    return measured, found, unknown
