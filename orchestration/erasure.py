"""Erase a person: raw rows, everything made of them, histories, scores, mentions.

The warehouse forgets in one transaction, together with the tombstones that keep the
person from landing again and the certificate that says in numbers what went. Channels
forget by the next apply of each sync: the person is nobody any more who may be sent.
Asked again, `erase` completes the certificate of the channels that have.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from activation import erasure as channels
from ingestion import tombstones
from ingestion.landing import LANDING_LOCK
from warehouse.connection import Connection
from warehouse.errors import QuanyuError
from warehouse.locks import DAILY_LOCK

# Columns that make a row one of the person: by customer, by record, by identifier.
_BY_CUSTOMER = (
    "customer_id",
    "customer_id_a",
    "customer_id_b",
    "similar_customer_id",
    "old_id",
    "previous_customer_id",
    "from_customer_id",
    "to_customer_id",
)
_BY_RECORD = ("record_key", "order_key")
_BY_NODE = ("node_id", "a", "b", "holder_a", "holder_b", "cause_node_id")
_BY_IDENTIFIER = (
    "identifier_key",
    "anchor_key",
    "identifier_key_a",
    "identifier_key_b",
)
# Columns of staging in which rows of others may mention the person.
_MENTION = re.compile("receiver|phone|inviter|sharer|opener")
# Not made of the person alone: the state of channels, and what erasure itself keeps.
_NOT_HERE = ("activation", "erasure", "landing", "seeds", "quanyu", "orchestration")


@dataclass(frozen=True)
class Person:
    """Who is to be erased: ids, and what the warehouse knows them by.

    `identifiers` are normalised and belong to nobody else.
    """

    customer_ids: tuple[int, ...]
    identifiers: tuple[str, ...] = ()
    node_ids: tuple[int, ...] = ()
    identifier_keys: tuple[int, ...] = ()
    record_keys: tuple[int, ...] = ()


@dataclass
class Erasure:
    """What was, or would be, done: counts by place, and syncs that hold the person."""

    certificate_id: int | None = None
    erased: Counter[str] = field(default_factory=Counter)
    redacted: Counter[str] = field(default_factory=Counter)
    pending: dict[str, int] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    is_done: bool = False


def erase(conn: Connection, identifier: str, do_it: bool = False) -> Erasure:
    """Erase who has an identifier (any of theirs, or a customer id).

    Without `do_it` the same transaction is rolled back: the counts are what it would
    do. Asked again for somebody erased, it completes the certificate. Raises
    QuanyuError when nobody or several people have it, or a load or the daily job is
    under way.
    """
    try:
        with _alone(conn), conn.transaction(force_rollback=not do_it):
            return _erase(conn, identifier)
    except psycopg.errors.UndefinedTable as error:
        raise QuanyuError(
            f"Nobody can be erased yet ({error.diag.message_primary}): run `quanyu up`"
            " and `quanyu run` first."
        ) from error


def _erase(conn: Connection, identifier: str) -> Erasure:
    key = tombstones.Key.read()
    value = _value(conn, "select erasure.normalised(%s)", identifier)
    person = _find(conn, value)
    if person is None:
        known = (tombstones.certificate_of(conn, v, key) for v in (value, f"#{value}"))
        return _complete(conn, next(filter(None, known), None))
    done = Erasure()
    certificate_id = _value(
        conn,
        "insert into erasure.certificates (customer_ids) values (%s)"
        " returning certificate_id",
        list(person.customer_ids),
    )
    done.certificate_id = certificate_id
    _erase_raw(conn, person, certificate_id, key, done)
    for table, columns in _tables(conn):
        count = _delete(conn, table, columns, person)
        done.erased[table] += count
    done.erased["activation.outbox"] += channels.take_from_outboxes(
        conn, person.customer_ids
    )
    done.erased.update(channels.forget_history(conn, person.customer_ids))
    done.pending = channels.holders(conn, person.customer_ids)
    for places, action in ((done.erased, "erased"), (done.redacted, "redacted")):
        for place, count in places.items():
            if count:
                tombstones.note(conn, certificate_id, place, action, count)
    for sync, count in done.pending.items():
        tombstones.note(conn, certificate_id, sync, "removal_pending", count)
    if not done.pending:
        _close(conn, certificate_id)
        done.is_done = True
    return done


def _complete(conn: Connection, certificate_id: int | None) -> Erasure:
    """Say of each channel that was to forget the person whether it has."""
    if certificate_id is None:
        raise QuanyuError(
            "Nobody has this identifier, and nobody who had it was erased: give a "
            "customer id, or a phone, e-mail or account id as marts.dim_contact_points "
            "has them."
        )
    done = Erasure(certificate_id)
    row = conn.execute(
        "select customer_ids from erasure.certificates where certificate_id = %s",
        [certificate_id],
    ).fetchone()
    customer_ids = row[0] if row else None
    if customer_ids is None:
        done.is_done = True
        return done
    done.pending = channels.holders(conn, customer_ids)
    conn.execute(
        "update erasure.certificate_lines set action = 'removed', done_at = now()"
        " where certificate_id = %s and action = 'removal_pending'"
        " and place <> all(%s)",
        [certificate_id, list(done.pending)],
    )
    # The removals themselves have left traces.
    for place, count in channels.forget_history(conn, customer_ids).items():
        done.erased[place] += count
        if count:
            tombstones.note(conn, certificate_id, place, "erased", count)
    if not done.pending:
        _close(conn, certificate_id)
        done.is_done = True
    return done


def _close(conn: Connection, certificate_id: int) -> None:
    conn.execute(
        "update erasure.certificates set completed_at = now(), customer_ids = null"
        " where certificate_id = %s",
        [certificate_id],
    )


def _find(conn: Connection, value: str) -> Person | None:
    """Who has a normalised identifier now; None when nobody has."""
    rows = conn.execute(
        """
        select distinct coalesce(alias.customer_id, map.customer_id)
        from identity.oneid_map as map
        left join identity.oneid_alias as alias on map.customer_id = alias.old_id
        where
            map.customer_id is not null
            and map.valid_to is null
            and (
                erasure.normalised(map.value) = %(value)s
                or map.customer_id::text = %(value)s
                or map.customer_id in (
                    select customer_id from identity.oneid_alias
                    where old_id::text = %(value)s
                )
            )
        """,
        {"value": value},
    ).fetchall()
    if not rows:
        return None
    if len(rows) > 1:
        raise QuanyuError(
            f"{len(rows)} customers have this identifier: erase by customer id."
        )
    customer = rows[0][0]
    former = conn.execute(
        "select old_id from identity.oneid_alias where customer_id = %s", [customer]
    ).fetchall()
    ids = (customer, *(row[0] for row in former))
    held = conn.execute(
        """
        select
            map.node_id,
            map.identifier_key,
            erasure.normalised(map.value),
            bool_and(coalesce(another.customer_id = any(%(ids)s), true)) as is_alone
        from identity.oneid_map as map
        left join identity.oneid_map as another
            on map.identifier_key = another.identifier_key
        where map.customer_id = any(%(ids)s)
        group by map.node_id, map.identifier_key, map.value
        """,
        {"ids": list(ids)},
    ).fetchall()
    records = conn.execute(
        "select record_key from identity.oneid_records where customer_id = any(%s)",
        [list(ids)],
    ).fetchall()
    own = [row for row in held if row[3]]
    return Person(
        ids,
        tuple(sorted({row[2] for row in own if len(row[2]) >= tombstones.SHORTEST})),
        tuple(row[0] for row in held),
        tuple(row[1] for row in own),
        tuple(row[0] for row in records),
    )


def _erase_raw(
    conn: Connection,
    person: Person,
    certificate_id: int,
    key: tombstones.Key,
    done: Erasure,
) -> None:
    """Rows that staging knows as the person's, then all that hold an identifier."""
    ids = [f"#{customer_id}" for customer_id in person.customer_ids]
    tombstones.bury(conn, certificate_id, [*person.identifiers, *ids], key)
    rows: set[tuple[int, int]] = set()
    for table, columns in _tables(conn):
        keys = [name for name in _BY_RECORD if name in columns]
        if not keys or "_file_id" not in columns:
            continue
        rows.update(
            conn.execute(
                sql.SQL("select _file_id, _row_no from {} where {}").format(
                    _identifier(table), _any_of(keys)
                ),
                {"keys": list(person.record_keys)},
            ).fetchall()
        )
    names = {
        file_id: (f"raw_{channel}.{table}", name)
        for file_id, channel, table, name in conn.execute(
            "select file_id, channel_code, table_name, file_name from landing.files"
        )
    }
    for table in {names[file_id][0] for file_id, _ in rows}:
        own = [row for row in rows if names[row[0]][0] == table]
        done.erased[table] += tombstones.delete_rows(conn, table, own)
    done.files = sorted({names[file_id][1] for file_id, _ in rows})
    purged = tombstones.purge(conn, {table for table, _ in names.values()})
    for (table, owner), count in purged.erased.items():
        done.erased[table] += count if owner == certificate_id else 0
    for (table, owner), count in purged.redacted.items():
        done.redacted[table] += count if owner == certificate_id else 0
    for value in person.identifiers:
        done.erased["landing.raw_quarantine"] += conn.execute(
            "delete from landing.raw_quarantine"
            " where position(convert_to(%s, 'UTF8') in content) > 0",
            [value],
        ).rowcount


def _delete(
    conn: Connection, table: str, columns: Sequence[str], person: Person
) -> int:
    """Delete rows of the person; in rows of others, forget who stood beside them."""
    schema = table.partition(".")[0]
    keys: dict[str, tuple[int, ...]] = dict.fromkeys(_BY_CUSTOMER, person.customer_ids)
    keys |= dict.fromkeys(_BY_RECORD, person.record_keys)
    if schema == "identity":
        keys |= dict.fromkeys(_BY_NODE, person.node_ids)
        keys |= dict.fromkeys(_BY_IDENTIFIER, person.identifier_keys)
    count = 0
    for column in [name for name in columns if name in keys]:
        count += conn.execute(
            sql.SQL("delete from {} where {}").format(
                _identifier(table), _any_of([column])
            ),
            {"keys": list(keys[column])},
        ).rowcount
    for column in columns:
        if column.endswith("_customer_id") and column not in keys:
            beside = _any_of([column])
        elif schema == "staging" and _MENTION.search(column):
            beside = sql.SQL("erasure.normalised({}::text) = any(%(values)s)").format(
                sql.Identifier(column)
            )
        else:
            continue
        conn.execute(
            sql.SQL("update {} set {} = null where {}").format(
                _identifier(table), sql.Identifier(column), beside
            ),
            {"keys": list(person.customer_ids), "values": list(person.identifiers)},
        )
    return count


def _tables(conn: Connection) -> list[tuple[str, list[str]]]:
    """Tables that are made of people, with the names of their columns."""
    rows = conn.execute(
        """
        select
            namespaces.nspname || '.' || classes.relname,
            array_agg(columns.attname::text)
        from pg_class as classes
        inner join pg_namespace as namespaces
            on classes.relnamespace = namespaces.oid
        inner join pg_attribute as columns
            on classes.oid = columns.attrelid
            and columns.attnum > 0
            and not columns.attisdropped
        where
            classes.relkind in ('r', 'p')
            and not classes.relispartition
            and namespaces.nspname !~ '^(pg_|raw_|information_schema)'
            and namespaces.nspname <> all(%s)
        group by namespaces.nspname, classes.relname
        order by 1
        """,
        [list(_NOT_HERE)],
    ).fetchall()
    return [(name, list(columns)) for name, columns in rows]


def _identifier(table: str) -> sql.Identifier:
    return sql.Identifier(*table.split(".", 1))


def _any_of(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(" or ").join(
        sql.SQL("{} = any(%(keys)s)").format(sql.Identifier(column))
        for column in columns
    )


def _value(conn: Connection, query: LiteralString, *values: object) -> Any:
    return (conn.execute(query, values).fetchone() or (None,))[0]


@contextmanager
def _alone(conn: Connection) -> Iterator[None]:
    """No load and no daily job meanwhile: they would bring back what goes."""
    taken: list[int] = []
    try:
        for lock in (DAILY_LOCK, LANDING_LOCK):
            row = conn.execute("select pg_try_advisory_lock(%s)", [lock]).fetchone()
            conn.commit()
            if not row or not row[0]:
                raise QuanyuError(
                    "A load or the daily job is under way: wait until it has ended."
                )
            taken.append(lock)
        yield
    finally:
        if not conn.closed:
            conn.rollback()
            for lock in taken:
                conn.execute("select pg_advisory_unlock(%s)", [lock])
            conn.commit()
