"""Tables as lists of rows, for tests that read them one person at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from psycopg import sql

Row = dict[str, Any]
Tables = dict[str, list[Row]]


def select(conn: Any, table: str) -> list[Row]:
    """Return all rows of a table ("schema.table")."""
    name = sql.Identifier(*table.split("."))
    cursor = conn.execute(sql.SQL("select * from {}").format(name))
    names = [column.name for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def only(rows: Iterable[Row], customer_id: int) -> list[Row]:
    """Return the rows of one customer."""
    return [row for row in rows if row["customer_id"] == customer_id]


def grouped(rows: Iterable[Row], key: Callable[[Row], Any]) -> dict[Any, list[Row]]:
    """Return the rows by their key."""
    groups = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups
