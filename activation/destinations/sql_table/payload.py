"""The statements of a table, for PostgreSQL and for MariaDB or MySQL.

Names come from the sync's file, where they are checked, and are quoted all the same;
values are parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from activation.destinations.base import Batch, RunInfo


@dataclass(frozen=True)
class Dialect:
    """How names are quoted, and what differs in making and filling a table."""

    quote: str
    key_type: str
    on_conflict: str  # {key}
    new_value: str  # {column}


POSTGRES = Dialect(
    '"', "text", "on conflict ({key}) do update set", "excluded.{column}"
)
# Keys compare byte by byte: two hashes that differ in case are two people.
MARIADB = Dialect(
    "`",
    "varchar(255) character set utf8mb4 collate utf8mb4_bin",
    "on duplicate key update",
    "values({column})",
)


def create_table(dialect: Dialect, table: str, run: RunInfo) -> str:
    """Statement that makes the table unless it is there."""
    key = f"{_name(dialect, run.key)} {dialect.key_type} primary key"
    others = [f"{_name(dialect, column)} text" for column in run.columns]
    columns = ", ".join([key, *others])
    return f"create table if not exists {_name(dialect, table)} ({columns})"


def upsert(dialect: Dialect, table: str, run: RunInfo) -> str:
    """Statement that writes one member."""
    columns = [_name(dialect, column) for column in (run.key, *run.columns)]
    # A table of keys alone still has something to set.
    changed = columns[1:] or columns
    values = ", ".join(
        f"{column} = {dialect.new_value.format(column=column)}" for column in changed
    )
    conflict = dialect.on_conflict.format(key=columns[0])
    marks = ", ".join(["%s"] * len(columns))
    return (
        f"insert into {_name(dialect, table)} ({', '.join(columns)})"  # noqa: S608
        f" values ({marks}) {conflict} {values}"
    )


def delete(dialect: Dialect, table: str, run: RunInfo) -> str:
    """Statement that deletes one member."""
    return (
        f"delete from {_name(dialect, table)}"  # noqa: S608
        f" where {_name(dialect, run.key)} = %s"
    )


def rows(batch: Batch) -> list[tuple[Any, ...]]:
    """Parameters, one tuple per member."""
    if batch.op == "remove":
        return [(member.key,) for member in batch.members]
    return [
        (member.key, *(_value(member.fields.get(name)) for name in batch.run.columns))
        for member in batch.members
    ]


def _name(dialect: Dialect, name: str) -> str:
    quote = dialect.quote
    parts = (part.replace(quote, quote * 2) for part in name.split("."))
    return ".".join(f"{quote}{part}{quote}" for part in parts)


def _value(value: Any) -> str | None:
    """Text, which both databases read as whatever the column is."""
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
