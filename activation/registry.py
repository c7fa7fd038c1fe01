"""Which syncs there are, which mapping fills them, and who may run them now."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from activation.ledger import state_table, value
from activation.specs import SyncSpec
from warehouse.connection import Connection
from warehouse.errors import QuanyuError

_LOCK_SPACE = 0x61637476  # "actv": advisory locks of activation are (this, sync_id)


def register(conn: Connection, sync: SyncSpec) -> int:
    """Give a sync its number and its part of member_state, once, and say what it is."""
    described = {
        "name": sync.name,
        "spec": Jsonb(sync.stored()),
        "effect": sync.effect,
    }
    try:
        with conn.transaction():
            conn.execute("lock table activation.syncs in share row exclusive mode")
            row = conn.execute(
                "update activation.syncs set spec = %(spec)s, effect = %(effect)s"
                " where name = %(name)s returning sync_id",
                described,
            ).fetchone()
            if row:
                return int(row[0])
            sync_id: int = value(
                conn,
                "insert into activation.syncs (name, spec, effect)"
                " values (%(name)s, %(spec)s, %(effect)s) returning sync_id",
                described,
            )
            conn.execute(
                sql.SQL(
                    "create table {} partition of activation.member_state"
                    " for values in ({})"
                ).format(
                    state_table(sync_id),
                    sql.Literal(sync_id),
                )
            )
            return sync_id
    except psycopg.errors.UndefinedTable as error:
        raise QuanyuError(
            "The tables of activation are not there yet: run `quanyu up`."
        ) from error


@contextmanager
def lock(conn: Connection, name: str, sync_id: int) -> Iterator[None]:
    """Be the only runner of a sync; a dead runner's lock goes with its session.

    A moment of patience, since the server may not know yet that the other is dead.
    """
    key = [_LOCK_SPACE, sync_id]
    try:
        with conn.transaction():
            conn.execute("set local lock_timeout to '3s'")
            conn.execute("select pg_advisory_lock(%s, %s)", key)
    except psycopg.errors.LockNotAvailable as error:
        holder = value(
            conn,
            "select min(pid) from pg_locks where locktype = 'advisory'"
            " and classid = %s and objid = %s and granted and database ="
            " (select oid from pg_database where datname = current_database())",
            key,
        )
        raise QuanyuError(
            f"Sync {name} is being applied by another process (database session "
            f"{holder}): wait until it has finished."
        ) from error
    try:
        yield
    finally:
        if not conn.closed and not conn.broken:
            conn.execute("select pg_advisory_unlock(%s, %s)", key)


def accept_mapping(conn: Connection, sync: SyncSpec, sync_id: int) -> None:
    """Note that the destination is being filled under this mapping."""
    conn.execute(
        "update activation.syncs set mapping_hash = %s, disabled_reason = null"
        " where sync_id = %s",
        [sync.mapping_hash, sync_id],
    )


def disable(conn: Connection, sync_id: int, reason: str) -> None:
    """Stop a sync until somebody approves that it goes on."""
    conn.execute(
        "update activation.syncs set disabled_reason = %s where sync_id = %s",
        [reason, sync_id],
    )
