"""Writes the columnar copy: one streamed COPY out of PostgreSQL, a row group at a time.

What is written is declared: tags by their entries, behaviour tags by their rules,
segments by their files. Contact points stay where they are; of them there is a bit per
channel. A text that somebody typed and that looks like a phone, an e-mail or the number
of an identity card is written as `(personal)`, and counted.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from psycopg import sql
from pyarrow import csv

from audience.engine.bins import SAMPLE, write_bins
from audience.engine.copy import (
    CHANNELS,
    EXCLUDED,
    FORMAT,
    PEOPLE,
    PROTECTED,
    STANDING,
    Copy,
    new_folder,
    publish,
)
from audience.entries import load_segments, load_tags
from audience.rules import TYPED, ZERO_WHEN_NONE, Rule, load_rules
from audience.vocabulary import Vocabulary, customer_segments
from warehouse.connection import Connection
from warehouse.errors import QuanyuError

# Who is in it is left out of every send (docs/activation.md).
SUPPRESSION = "seg_marketing_suppressed"
EXCLUSION = "risk_exclusion"
ROW_GROUP = 65_536
PERSONAL = "(personal)"
_PERSONAL = (
    r"(?:^|[^0-9])1[3-9][0-9]{9}(?:$|[^0-9])|[^@\s]+@[^@\s]+\.[^@\s]+"
    r"|(?:^|[^0-9])[0-9]{17}[0-9Xx](?:$|[^0-9])"
)
_BLOCK = 1 << 23

Progress = Callable[[int, int], None]


@dataclass
class Plan:
    """What is copied: names of columns and the query that gives them."""

    vocabulary: Vocabulary
    names: dict[str, str]  # in Chinese, of tags, their values (tag=value) and segments
    free_texts: list[str]
    query: sql.Composed


@dataclass
class _Written:
    total: int
    people: int = 0
    base: int = 0
    personal: int = 0
    digest: Any = field(default_factory=hashlib.sha256)
    sample: list[pa.Table] = field(default_factory=list)

    def keep_sample(self, table: pa.Table) -> None:
        """Keep rows of the base, evenly: every n-th of all customers."""
        is_base = table.column(STANDING).to_numpy() & EXCLUDED == 0
        self.base += int(is_base.sum())
        step = max(1, -(-self.total // SAMPLE))
        first = -self.people % step
        rows = np.arange(first, len(table), step)
        self.sample.append(table.take(rows[is_base[rows]]))


def make_copy(
    conn: Connection,
    project: Path,
    base_date: date | None = None,
    progress: Progress | None = None,
) -> Copy:
    """Copy all customers out of the warehouse and publish that as the current copy.

    Without `base_date` the last complete landed day is taken for theirs. Memory is that
    of a few row groups, whatever the number of customers. `progress` is told rows
    written and rows in all. Raises QuanyuError when something is not built.
    """
    base_date = base_date or _last_day(conn)
    plan = plan_copy(conn, project)
    with new_folder() as folder, conn.transaction():
        written = _write_people(conn, plan, folder / PEOPLE, progress)
        bins = write_bins(folder, plan.vocabulary, pa.concat_tables(written.sample))
        about = {
            "format": FORMAT,
            "base_date": base_date.isoformat(),
            "digest": written.digest.hexdigest(),
            "people": written.people,
            "base": written.base,
            "built_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "personal_texts": written.personal,
            "kinds": {
                name: (kind.name, kind.scale)
                for name, kind in plan.vocabulary.kinds.items()
            },
            "values": plan.vocabulary.values,
            "names": plan.names,
            "segments": sorted(plan.vocabulary.segments),
            "has_order_of_text": plan.vocabulary.has_order_of_text,
            "bins": bins,
        }
        return publish(folder, about)


def plan_copy(conn: Connection, project: Path) -> Plan:
    """Return what is to be copied; QuanyuError when the warehouse lacks it."""
    tags = [tag for tag in load_tags(project) if tag.entity == "customer"]
    codes = {tag.code for tag in tags}
    rules = [rule for rule in load_rules(project) if rule.code not in codes]
    vocabulary = Vocabulary.of(tags, rules)
    segments = customer_segments(load_segments(project))
    vocabulary.segments = frozenset(segments)
    vocabulary.has_order_of_text = _sorts_by_code_point(conn)
    _check_columns(conn, [tag.code for tag in tags])
    names = {tag.code: tag.entry.name_zh for tag in tags}
    names |= {rule.code: rule.row["name_zh"] for rule in rules}
    names |= segments
    names |= {
        f"{tag.code}={value}": name
        for tag in tags
        for value, name in tag.entry.values.items()
    }
    return Plan(
        vocabulary,
        names,
        [tag.code for tag in tags if tag.entry.type == "text"]
        + [rule.code for rule in rules if TYPED[rule.measure][1] == "text"],
        people_query([tag.code for tag in tags], rules, sorted(vocabulary.segments)),
    )


def people_query(
    tags: list[str], rules: list[Rule], segments: list[str]
) -> sql.Composed:
    """Return the query of all customers, with every column of the copy."""
    return sql.SQL(
        """
        select
            wide.customer_id,
            {standing} as {standing_name}
            {tags}
            {rules}
            {segments}
        from tags.customer_tags_wide as wide
        left join marts.mart_customer_reach as reach using (customer_id)
        left join (
            select customer_id {rules_pivot}
            from tags.customer_behaviour_tags group by customer_id
        ) as configured using (customer_id)
        left join (
            select customer_id {segments_pivot}
            from segments.segment_members group by customer_id
        ) as members using (customer_id)
        """
    ).format(
        standing=_standing(),
        standing_name=sql.Identifier(STANDING),
        tags=_listed("wide.{name}", tags),
        rules=sql.SQL("").join(_rule_column(rule) for rule in rules),
        segments=_listed("coalesce(members.{name}, false) as {name}", segments),
        rules_pivot=sql.SQL("").join(
            sql.SQL(", max({value}) filter (where tag_code = {code}) as {name}").format(
                value=sql.Identifier(TYPED[rule.measure][2]),
                code=sql.Literal(rule.code),
                name=sql.Identifier(rule.code),
            )
            for rule in rules
        ),
        segments_pivot=_listed("bool_or(segment_code = {code}) as {name}", segments),
    )


def _last_day(conn: Connection) -> date:
    row = conn.execute(
        "select last_complete_day from landing.last_complete_day"
    ).fetchone()
    if not row or not row[0]:
        raise QuanyuError("Nothing has landed yet: `quanyu load DIR` lands files.")
    day: date = row[0]
    return day


def _listed(template: str, names: list[str]) -> sql.Composed:
    """Return a list of columns, each with its comma before it."""
    return sql.SQL("").join(
        sql.SQL(", " + template).format(
            name=sql.Identifier(name), code=sql.Literal(name)
        )
        for name in names
    )


def _rule_column(rule: Rule) -> sql.Composed:
    value: sql.Composable = sql.Identifier("configured", rule.code)
    if rule.measure in ZERO_WHEN_NONE:
        value = sql.SQL("coalesce({}, 0)").format(value)
    return sql.SQL(", cast({} as {}) as {}").format(
        value, sql.SQL(TYPED[rule.measure][0]), sql.Identifier(rule.code)
    )


def _standing() -> sql.Composed:
    bits = [
        sql.SQL("case when reach.{} then {} else 0 end").format(
            sql.Identifier(f"is_reachable_{channel}"), sql.Literal(1 << number)
        )
        for number, channel in enumerate(CHANNELS)
    ]
    bits += [
        sql.SQL("case when members.{} then {} else 0 end").format(
            sql.Identifier(SUPPRESSION), sql.Literal(PROTECTED)
        ),
        sql.SQL("case when wide.{} is null then 0 else {} end").format(
            sql.Identifier(EXCLUSION), sql.Literal(EXCLUDED)
        ),
    ]
    return sql.SQL(" + ").join(bits)


def _sorts_by_code_point(conn: Connection) -> bool:
    row = conn.execute(
        "select datlocprovider = 'b' or datcollate in ('C', 'POSIX')"
        " from pg_database where datname = current_database()"
    ).fetchone()
    return bool(row and row[0])


def _check_columns(conn: Connection, tags: list[str]) -> None:
    found = {
        name
        for (name,) in conn.execute(
            "select attname from pg_attribute where attnum > 0 and not attisdropped"
            " and attrelid = to_regclass('tags.customer_tags_wide')"
        )
    }
    missing = [tag for tag in tags if tag not in found]
    if missing:
        raise QuanyuError(
            f"tags.customer_tags_wide lacks {missing[0]}"
            + (f" and {len(missing) - 1} more tags" if missing[1:] else "")
            + ": `quanyu run` builds it."
        )


def _write_people(
    conn: Connection, plan: Plan, file: Path, progress: Progress | None
) -> _Written:
    row = conn.execute("select count(*) from tags.customer_tags_wide").fetchone()
    written = _Written(total=row[0] if row else 0)
    # The order is what makes digests comparable; it is sorted once, in memory or not.
    conn.execute("set local work_mem = '256MB'")
    ordered = plan.query + sql.SQL(" order by customer_id")
    try:
        schema = _schema(conn, plan.query)
        written.sample.append(schema.empty_table())
        with (
            conn.cursor() as cursor,
            cursor.copy(
                sql.SQL("copy ({}) to stdout (format csv, header)").format(ordered)
            ) as rows,
            pq.ParquetWriter(
                file, schema, compression="zstd", store_decimal_as_integer=True
            ) as writer,
        ):
            for group in _row_groups(_Stream(rows, written.digest), schema):
                table = _without_personal(group, plan.free_texts, written)
                writer.write_table(table, row_group_size=ROW_GROUP)
                written.keep_sample(table)
                written.people += len(table)
                if progress:
                    progress(written.people, written.total)
    except psycopg.errors.UndefinedTable as error:
        raise QuanyuError(
            f"The segments are not built ({str(error).splitlines()[0]}): `quanyu run` "
            "builds them."
        ) from error
    return written


def _schema(conn: Connection, query: sql.Composed) -> pa.Schema:
    described = conn.execute(sql.SQL("{} limit 0").format(query)).description or ()
    return pa.schema([(column.name, _arrow_type(column)) for column in described])


def _arrow_type(column: psycopg.Column) -> pa.DataType:
    if column.name == STANDING:
        return pa.uint8()
    if column.type_display.startswith("numeric"):
        return pa.decimal128(column.precision or 38, column.scale or 0)
    return {
        "bool": pa.bool_(),
        "int4": pa.int32(),
        "int8": pa.int64(),
        "date": pa.date32(),
    }.get(column.type_display, pa.string())


def _row_groups(stream: _Stream, schema: pa.Schema) -> Iterator[pa.Table]:
    reader = csv.open_csv(
        stream,
        read_options=csv.ReadOptions(block_size=_BLOCK),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=schema,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
        ),
    )
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in reader:
        waiting.append(batch)
        rows += len(batch)
        while rows >= ROW_GROUP:
            table = pa.Table.from_batches(waiting)
            yield table.slice(0, ROW_GROUP)
            rest = table.slice(ROW_GROUP)
            waiting, rows = rest.to_batches(), len(rest)
    if rows:
        yield pa.Table.from_batches(waiting)


def _without_personal(
    table: pa.Table, free_texts: list[str], written: _Written
) -> pa.Table:
    for name in free_texts:
        texts = table.column(name)
        is_personal = pc.fill_null(pc.match_substring_regex(texts, _PERSONAL), False)
        found = pc.sum(is_personal).as_py() or 0
        if found:
            written.personal += found
            place = table.schema.get_field_index(name)
            hidden = pc.if_else(is_personal, PERSONAL, texts)
            table = table.set_column(place, name, hidden)
    return table


class _Stream(io.RawIOBase):
    """The bytes of a COPY as a file, hashed as they pass."""

    def __init__(self, rows: psycopg.Copy, digest: Any) -> None:
        self._rows = iter(rows)
        self._rest = memoryview(b"")
        self._digest = digest

    def readable(self) -> bool:
        """Files are asked."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill what can be filled; 0 is the end."""
        view = memoryview(buffer)
        filled = 0
        while filled < len(view):
            if not self._rest:
                chunk = next(self._rows, None)
                if chunk is None:
                    break
                self._digest.update(chunk)
                self._rest = memoryview(chunk)
            size = min(len(view) - filled, len(self._rest))
            view[filled : filled + size] = self._rest[:size]
            self._rest = self._rest[size:]
            filled += size
        return filled
