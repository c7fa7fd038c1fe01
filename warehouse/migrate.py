"""Migrations: the tables dbt does not own, applied in order, once, all or nothing.

A file `warehouse/migrations/NNNN_name.sql` runs in one transaction together with its
entry in the ledger `quanyu.migrations`. An applied file is never edited: its checksum
is kept, and a change is a new file.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import LiteralString, cast

from psycopg import sql

from warehouse.connection import Connection
from warehouse.errors import QuanyuError
from warehouse.settings import TIME_ZONE

MIGRATIONS = Path(__file__).parent / "migrations"
_NAME = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
_LOCK = 0x7175616E7975  # "quanyu": two sessions do not migrate one database at once

_LEDGER = """
create schema if not exists quanyu;
create table if not exists quanyu.migrations (
    version int primary key,
    name text not null,
    checksum text not null,
    applied_at timestamptz not null default now()
);
"""


@dataclass(frozen=True)
class Migration:
    """One file: its number, name, checksum (sha256 of its bytes) and statements."""

    version: int
    name: str
    checksum: str
    statements: str


def discover(folder: Path = MIGRATIONS) -> list[Migration]:
    """Read the migrations of a folder in order of their numbers."""
    found: dict[int, Migration] = {}
    for path in sorted(folder.glob("*.sql")):
        match = _NAME.fullmatch(path.name)
        if match is None:
            raise QuanyuError(
                f"{path.name} is not a migration's name: call it NNNN_what_it_does.sql."
            )
        version = int(match[1])
        if version in found:
            raise QuanyuError(
                f"{path.name} and {found[version].name} have the same number: "
                "give the newer one the next free number."
            )
        content = path.read_bytes()
        found[version] = Migration(
            version, path.name, hashlib.sha256(content).hexdigest(), content.decode()
        )
    return list(found.values())


def apply(conn: Connection, folder: Path = MIGRATIONS) -> list[str]:
    """Apply what is new and return the names; `conn` must not be in a transaction."""
    with conn.transaction():
        _lock(conn)
        _set_time_zone(conn)
        conn.execute(_LEDGER)
    return [
        migration.name for migration in discover(folder) if _apply_one(conn, migration)
    ]


def _apply_one(conn: Connection, migration: Migration) -> bool:
    with conn.transaction():
        _lock(conn)
        known = conn.execute(
            "select checksum from quanyu.migrations where version = %s",
            [migration.version],
        ).fetchone()
        if known is None:
            conn.execute(sql.SQL(cast(LiteralString, migration.statements)))
            conn.execute(
                "insert into quanyu.migrations (version, name, checksum)"
                " values (%s, %s, %s)",
                [migration.version, migration.name, migration.checksum],
            )
        elif known[0] != migration.checksum:
            raise QuanyuError(
                f"{migration.name} was changed after it had been applied to this "
                "database: restore the file and put the change into a new migration."
            )
    return known is None


def _lock(conn: Connection) -> None:
    conn.execute("select pg_advisory_xact_lock(%s)", [_LOCK])


def _set_time_zone(conn: Connection) -> None:
    """Make every session of the database (dbt's too) read days as Shanghai does."""
    current = conn.execute(
        "select current_database(), coalesce(bool_or(setting = %s), false)"
        " from pg_db_role_setting, unnest(setconfig) as setting"
        " where setrole = 0 and setdatabase ="
        " (select oid from pg_database where datname = current_database())",
        [f"TimeZone={TIME_ZONE}"],
    ).fetchone()
    if current is not None and not current[1]:
        conn.execute(
            sql.SQL("alter database {} set timezone to {}").format(
                sql.Identifier(current[0]), sql.Literal(TIME_ZONE)
            )
        )
        conn.execute(sql.SQL("set timezone to {}").format(sql.Literal(TIME_ZONE)))
