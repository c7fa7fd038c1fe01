"""Wide tags of as many people as wanted, by the tag entries alone.

Every tag is filled as declared and holds values of its type: listed ones the first
most often, counts and amounts with many at nothing and few at much, days the more the
nearer.
Two hidden traits of a person move all tags a little, so that audiences differ from the
base. The same number is the same people.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from psycopg import sql
from pyarrow import csv

from audience.engine.copy import CHANNELS
from audience.entries import Tag, load_segments, load_tags
from audience.rules import TYPED, load_rules
from audience.vocabulary import customer_segments
from warehouse.connection import Connection, copy_csv

BASE_DATE = date(2017, 12, 31)
CHUNK = 50_000
TOWNS = 300
_EPOCH_DAYS = (BASE_DATE - date(1970, 1, 1)).days


class Crowd:
    """The tables that the columnar copy is made of, for made-up people."""

    def __init__(self, conn: Connection, project: Path) -> None:
        """Make the tables, unlogged and without an index."""
        self.conn = conn
        self.tags = [tag for tag in load_tags(project) if tag.entity == "customer"]
        codes = {tag.code for tag in self.tags}
        self.rules = [rule for rule in load_rules(project) if rule.code not in codes]
        self.segments = sorted(customer_segments(load_segments(project)))
        tables = {
            "tags.customer_tags_wide": {tag.code: tag.data_type for tag in self.tags},
            "tags.customer_behaviour_tags": {
                "tag_code": "text",
                "value_number": "numeric(18, 2)",
                "value_on": "date",
                "tag_value": "text",
            },
            "segments.segment_members": {"segment_code": "text"},
            "marts.mart_customer_reach": {
                f"is_reachable_{channel}": "boolean" for channel in CHANNELS
            },
        }
        for table, columns in tables.items():
            schema, name = table.split(".")
            conn.execute(
                sql.SQL("create schema if not exists {}").format(sql.Identifier(schema))
            )
            conn.execute(
                sql.SQL("create unlogged table {} ({})").format(
                    sql.Identifier(schema, name),
                    sql.SQL(", ").join(
                        sql.SQL("{} {}").format(sql.Identifier(one), sql.SQL(kind))
                        for one, kind in {"customer_id": "bigint", **columns}.items()
                    ),
                )
            )

    def add(self, first: int, last: int) -> None:
        """Add people first to last."""
        for start in range(first, last + 1, CHUNK):
            ids = np.arange(start, min(start + CHUNK, last + 1))
            for table, frame in self._tables(ids):
                text = pa.BufferOutputStream()
                csv.write_csv(frame, text, csv.WriteOptions(include_header=False))
                copy_csv(self.conn, table, frame.column_names, [text.getvalue()])
        self.conn.execute("analyze tags.customer_tags_wide")
        self.conn.execute("analyze segments.segment_members")

    def _tables(self, ids: np.ndarray[Any, Any]) -> Iterator[tuple[str, pa.Table]]:
        rng = np.random.default_rng(int(ids[0]))
        traits = rng.standard_normal((2, len(ids)))

        def score(name: str) -> np.ndarray[Any, Any]:
            """Return where everybody stands in a tag, from 0 to 1."""
            seed = zlib.crc32(name.encode())
            pull = np.array([seed % 7 - 3, seed // 7 % 7 - 3]) / 5
            found = rng.standard_normal(len(ids)) + pull @ traits
            return (np.tanh(found / np.sqrt(1 + pull @ pull) * 0.8) + 1) / 2

        wide = {"customer_id": pa.array(ids)}
        for tag in self.tags:
            is_null = score(f"{tag.code}?") > max(tag.entry.min_fill, 0.02)
            wide[tag.code] = values(tag, score(tag.code), is_null)
        yield "tags.customer_tags_wide", pa.table(wide)
        for rule in self.rules:
            some = np.flatnonzero(score(rule.code) > 0.8)
            number = rng.integers(1, 60, len(some))
            column = TYPED[rule.measure][2]
            yield (
                "tags.customer_behaviour_tags",
                pa.table(
                    {
                        "customer_id": ids[some],
                        "tag_code": [rule.code] * len(some),
                        column: _days(number)
                        if column == "value_on"
                        else pa.array(number).cast(pa.string())
                        if column == "tag_value"
                        else number,
                    }
                ),
            )
        for place, segment in enumerate(self.segments):
            inside = ids[score(segment) > 1 - 0.3 / (1 + place / 3)]
            yield (
                "segments.segment_members",
                pa.table(
                    {"customer_id": inside, "segment_code": [segment] * len(inside)}
                ),
            )
        yield (
            "marts.mart_customer_reach",
            pa.table(
                {
                    "customer_id": ids,
                    **{
                        f"is_reachable_{channel}": score(channel) > 0.5
                        for channel in CHANNELS
                    },
                }
            ),
        )


def values(
    tag: Tag, score: np.ndarray[Any, Any], is_null: np.ndarray[Any, Any]
) -> pa.Array:
    """Return values of a tag for people who stand at `score`, from 0 to 1, in it."""
    kind = tag.entry.type
    if kind == "bool":
        return pa.array(score > 0.6, mask=is_null)
    if kind in ("enum", "text"):
        names = [str(value) for value in tag.entry.values] or [
            f"地{number}" for number in range(TOWNS)
        ]
        ends = np.cumsum(1 / (1 + np.arange(len(names))))
        places = np.searchsorted(ends / ends[-1], score).clip(0, len(names) - 1)
        return pa.DictionaryArray.from_arrays(
            pa.array(places, mask=is_null), names
        ).cast(pa.string())
    much = np.exp(6 * score - 3)
    if kind == "date":
        days = _days(np.minimum(much * 30, 600).astype(np.int32))
        return pa.array(days.to_numpy(zero_copy_only=False), mask=is_null)
    if tag.data_type.startswith("numeric"):
        digits = 1 if "(9" in tag.data_type or "(4" in tag.data_type else 100
        scale = 4 if "(9" in tag.data_type else 2
        return pa.array(np.round(score * digits * much / 10, scale), mask=is_null)
    return pa.array(np.floor(much).astype(np.int64), mask=is_null)


def _days(before: np.ndarray[Any, Any]) -> pa.Array:
    return pa.array((_EPOCH_DAYS - before).astype(np.int32)).cast(pa.date32())
