"""Tables as lists of rows, for tests that read them one person at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from psycopg import sql

Row = dict[str, Any]


def select(conn: Any, table: str) -> list[Row]:
    """Return all rows of a table ("schema.table")."""
    name = sql.Identifier(*table.split("."))
    cursor = conn.execute(sql.SQL("select * from {}").format(name))
    names = [column.name for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def grouped(rows: Iterable[Row], key: Callable[[Row], Any]) -> dict[Any, list[Row]]:
    """Return the rows by their key."""
    groups = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


class Tables:
    """What the warehouse holds, read when a definition first asks for it."""

    def __init__(self, conn: Any) -> None:
        self._conn = conn
        self._rows: dict[str, list[Row]] = {}
        self._groups: dict[tuple[str, str], dict[Any, list[Row]]] = {}
        self._known: dict[str, Any] = {}

    def __getitem__(self, name: str) -> list[Row]:
        """Return all rows of a mart, a seed, or another table by "schema.table"."""
        if name not in self._rows:
            schema = "marts" if name.startswith(("dim_", "fct_", "mart_")) else "seeds"
            self._rows[name] = select(
                self._conn, name if "." in name else f"{schema}.{name}"
            )
        return self._rows[name]

    def by(self, name: str, column: str) -> dict[Any, list[Row]]:
        """Return the rows of a table by the value of a column."""
        if (name, column) not in self._groups:
            self._groups[name, column] = grouped(self[name], lambda row: row[column])
        return self._groups[name, column]

    def of(self, name: str, customer_id: int, column: str = "customer_id") -> list[Row]:
        """Return the rows of one customer."""
        return self.by(name, column).get(customer_id, [])

    def once(self, name: str, compute: Callable[[], Any]) -> Any:
        """Return what all subjects share, computed when one first asks for it."""
        if name not in self._known:
            self._known[name] = compute()
        return self._known[name]
