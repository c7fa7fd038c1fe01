"""Identifiers of erased people: kept as keyed hashes, and kept out of the raw tables.

The key lies outside the database, in the variable QUANYU_ERASURE_KEY or, without that,
in the state folder: without it nobody can tell which phone a hash stands for.
"""

from __future__ import annotations

import hmac
import os
import re
import secrets
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from psycopg import sql

from warehouse.connection import Connection, table_identifier
from warehouse.settings import state_dir

KEY_ENV = "QUANYU_ERASURE_KEY"
SHORTEST = 9  # characters: what is shorter may be anything
_SIEVE_MASK = 0xFFFFFF
# Columns in which a row of somebody else mentions a person: the receiver of a gift, who
# was invited or shared with, what a guide noted. They are emptied; other rows go.
_MENTION = re.compile(
    "receiver|收货|收件|post_|address|invit|邀请|shar|opened_|remark|备注|old_|former"
)
_CONTACT = re.compile(r"1[3-9]\d{9}|[^@]+@[^@]+")
# Times, amounts, pages: nobody is known by them, and most columns are of these.
_NOBODY = re.compile(
    "时间|金额|日期|优惠|_at$|_time$|_on$|date$|amount|price|fee|url|page|city|province|name"
)
# Tables of people who work here, as such.
_EXEMPT = ("staff", "guides")


@dataclass
class Purged:
    """Raw rows deleted and cells emptied, by table and certificate."""

    erased: Counter[tuple[str, int]] = field(default_factory=Counter)
    redacted: Counter[tuple[str, int]] = field(default_factory=Counter)


@dataclass(frozen=True)
class Key:
    """The secret of the hashes."""

    secret: bytes

    @classmethod
    def read(cls) -> Key:
        """Read the key, or make it in the state folder, for its owner only."""
        given = os.environ.get(KEY_ENV)
        if given:
            return cls(given.encode())
        path = state_dir() / "erasure.key"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(".new")
            partial.touch(mode=0o600)
            partial.write_text(secrets.token_hex(32))
            partial.replace(path)
        return cls(path.read_text().strip().encode())

    def hash(self, value: str) -> bytes:
        """HMAC-SHA256 of a normalised identifier."""
        return hmac.digest(self.secret, value.encode(), "sha256")

    @property
    def seed(self) -> int:
        """Seed of the cheap hash, a bigint."""
        digest = hmac.digest(self.secret, b"sieve", "sha256")
        return int.from_bytes(digest[:8], signed=True)


def bury(
    conn: Connection, certificate_id: int, values: Iterable[str], key: Key
) -> None:
    """Keep normalised identifiers out from now on."""
    for value in values:
        conn.execute(
            "insert into erasure.tombstones (value_hash, sieve, certificate_id)"
            " values (%s, hashtextextended(%s, %s) & %s, %s)"
            " on conflict do nothing",
            [key.hash(value), value, key.seed, _SIEVE_MASK, certificate_id],
        )


def certificate_of(conn: Connection, value: str, key: Key) -> int | None:
    """Certificate under which a normalised identifier was erased, if it was."""
    row = conn.execute(
        "select certificate_id from erasure.tombstones where value_hash = %s",
        [key.hash(value)],
    ).fetchone()
    return int(row[0]) if row else None


def keep_out(conn: Connection, tables: Iterable[str], load_id: int) -> None:
    """Take erased people out of what a load has just copied, in its transaction."""
    if not conn.execute("select 1 from erasure.tombstones limit 1").fetchone():
        return
    purged = purge(conn, tables, load_id)
    for (table, certificate_id), count in purged.erased.items():
        note(conn, certificate_id, table, "blocked", count)
    for (table, certificate_id), count in purged.redacted.items():
        note(conn, certificate_id, table, "redacted", count)


def note(
    conn: Connection, certificate_id: int, place: str, action: str, count: int
) -> None:
    """Add to a line of a certificate."""
    conn.execute(
        "insert into erasure.certificate_lines as line"
        " (certificate_id, place, action, row_count) values (%s, %s, %s, %s)"
        " on conflict (certificate_id, place, action) do update set"
        " row_count = line.row_count + excluded.row_count, done_at = now()",
        [certificate_id, place, action, count],
    )


def purge(
    conn: Connection, tables: Iterable[str], load_id: int | None = None
) -> Purged:
    """Delete raw rows of erased people and empty mentions of them; all loads or one."""
    purged = Purged()
    key = Key.read()
    buried: dict[bytes, int] = {}
    sieve: set[int] = set()
    for value_hash, bits, certificate_id in conn.execute(
        "select value_hash, sieve, certificate_id from erasure.tombstones"
    ):
        buried[bytes(value_hash)] = certificate_id
        sieve.add(bits)
    for table in sorted(set(tables)):
        if table.split(".")[1] not in _EXEMPT:
            _purge_table(conn, table, load_id, (key, buried, sorted(sieve)), purged)
    return purged


def _purge_table(
    conn: Connection,
    table: str,
    load_id: int | None,
    known: tuple[Key, dict[bytes, int], list[int]],
    purged: Purged,
) -> None:
    key, buried, sieve = known
    erased: dict[tuple[int, int], int] = {}
    mentions: dict[tuple[int, int], list[tuple[str, str, bool, int]]] = defaultdict(
        list
    )
    for file_id, row_no, column, is_json, raw, value in _suspects(
        conn, table, load_id, (key.seed, sieve)
    ):
        certificate_id = buried.get(key.hash(value))
        if certificate_id is None:
            continue
        # In JSON a contact is the receiver's, an account id whose row it is.
        is_mention = _MENTION.search(column) or (is_json and _CONTACT.fullmatch(value))
        if is_mention:
            place = (column, raw, is_json, certificate_id)
            mentions[file_id, row_no].append(place)
        else:
            erased[file_id, row_no] = certificate_id
    delete_rows(conn, table, erased)
    for certificate_id in erased.values():
        purged.erased[table, certificate_id] += 1
    for row, places in mentions.items():
        if row in erased:
            continue
        for column, raw, is_json, certificate_id in places:
            _empty(conn, table, row, column, raw if is_json else None)
            purged.redacted[table, certificate_id] += 1


def _suspects(
    conn: Connection, table: str, load_id: int | None, sieve: tuple[int, list[int]]
) -> Sequence[tuple[int, int, str, bool, str, str]]:
    """Values that the sieve lets through: row, column, as it is, and normalised."""
    schema, name = table.split(".")
    columns = conn.execute(
        "select column_name, data_type = 'jsonb' from information_schema.columns"
        " where table_schema = %s and table_name = %s"
        " and data_type in ('text', 'jsonb')",
        [schema, name],
    ).fetchall()
    columns = [(c, is_json) for c, is_json in columns if not _NOBODY.search(c)]
    texts = [
        sql.SQL("({}, false, raw.{})").format(sql.Literal(c), sql.Identifier(c))
        for c, is_json in columns
        if not is_json
    ]
    parts = [
        sql.SQL(
            "select {name} as name, true as is_json, item #>> '{{}}' as value"
            " from jsonb_path_query(raw.{column}, '$.**') as item"
            " where jsonb_typeof(item) = 'string'"
        ).format(name=sql.Literal(c), column=sql.Identifier(c))
        for c, is_json in columns
        if is_json
    ]
    if texts:
        values = sql.SQL("select * from (values {}) as cell (name, is_json, value)")
        parts.insert(0, values.format(sql.SQL(", ").join(texts)))
    query = sql.SQL(
        """
        select raw._file_id, raw._row_no, cell.name, cell.is_json, cell.value,
            erasure.normalised(cell.value) as normalised
        from {table} as raw
        cross join lateral ({cells}) as cell
        where
            {loads}
            and length(cell.value) between %(shortest)s and 100
            and hashtextextended(erasure.normalised(cell.value), %(seed)s) & %(mask)s
                = any(%(sieve)s)
        """
    ).format(
        table=table_identifier(table),
        cells=sql.SQL(" union all ").join(parts),
        loads=sql.SQL("true")
        if load_id is None
        else sql.SQL("raw._load_id = {}").format(sql.Literal(load_id)),
    )
    seed, bits = sieve
    return conn.execute(
        query,
        {"shortest": SHORTEST, "seed": seed, "mask": _SIEVE_MASK, "sieve": bits},
    ).fetchall()


def delete_rows(conn: Connection, table: str, rows: Iterable[tuple[int, int]]) -> int:
    """Delete raw rows by file and number; the ledger's counts of files follow."""
    listed = list(rows)
    parameters = [[file for file, _ in listed], [number for _, number in listed]]
    gone = conn.execute(
        sql.SQL(
            "with gone as ("
            " delete from {table} as raw"
            " using unnest(%s::int[], %s::int[]) as row (file_id, row_no)"
            " where raw._file_id = row.file_id and raw._row_no = row.row_no"
            " returning raw._file_id"
            "), counted as (select _file_id, count(*) as n from gone group by _file_id)"
            " update landing.files set landed_row_count = landed_row_count - n"
            " from counted where file_id = _file_id returning n"
        ).format(table=table_identifier(table)),
        parameters,
    ).fetchall()
    return sum(count for (count,) in gone)


def _empty(
    conn: Connection, table: str, row: tuple[int, int], column: str, text: str | None
) -> None:
    """Set a cell to null, or the strings of a JSON cell that are `text`."""
    name = sql.Identifier(column)
    new: sql.Composable = sql.SQL("null")
    if text is not None:
        new = sql.SQL(
            "replace({}::text, to_jsonb({}::text)::text, 'null')::jsonb"
        ).format(name, sql.Literal(text))
    conn.execute(
        sql.SQL("update {} set {} = {} where _file_id = %s and _row_no = %s").format(
            table_identifier(table), name, new
        ),
        row,
    )
