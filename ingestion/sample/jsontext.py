"""JSON written column by column: the one way that nested orders are told.

An object per row is made of Arrow columns, lists of objects from runs of rows, and
nothing of it is a Python string for a moment. Orders with their lines:

    lines = json_objects({"oid": oid, "price": cents})
    orders = json_objects({"order_id": ids, "lines": json_lists(lines, line_counts)})
    pa.table({"id": ids, "detail": orders.texts})  # with raw_json=("detail",)

Whole numbers, floats and flags are told as they are; all else as text, null as null.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.sample.export import whole

TEXT = pa.large_string()
QUOTE, BACKSLASH, FIRST_PLAIN = 34, 92, 32  # bytes that JSON does not take as they are


@dataclass(frozen=True)
class Json:
    """Ready JSON, one value per row; null where the value is null."""

    texts: pa.Array


Column: TypeAlias = pa.Array | pa.ChunkedArray | Json


def json_objects(members: Mapping[str, Column], end: str = "") -> Json:
    """Return one object per row of the columns, each followed by `end`."""
    pieces: list[pa.Array | pa.Scalar] = []
    literal = "{"
    for number, (name, column) in enumerate(members.items()):
        literal += f"{',' if number else ''}{json.dumps(name, ensure_ascii=False)}:"
        values, quote = _told(column)
        pieces += [pa.scalar(literal + quote, TEXT), values]
        literal = quote
    pieces += [pa.scalar(literal + "}" + end, TEXT), pa.scalar("", TEXT)]
    return Json(
        pc.binary_join_element_wise(
            *pieces, null_handling="replace", null_replacement="null"
        )
    )


def json_lists(values: Json, counts: np.ndarray) -> Json:
    """Return lists of so many consecutive values each."""
    starts = pa.array(np.r_[0, np.cumsum(counts)], pa.int64())
    lists = pa.LargeListArray.from_arrays(starts, values.texts)
    inner = pc.binary_join(lists, pa.scalar(",", TEXT))
    sides = pa.scalar("[", TEXT), pa.scalar("]", TEXT), pa.scalar("", TEXT)
    return Json(pc.binary_join_element_wise(sides[0], inner, *sides[1:]))


def json_lines(rows: pa.Table, raw: Sequence[str] = ()) -> pa.Buffer:
    """Return a file's content: an object per row and line; `raw` columns are JSON."""
    members = {
        name: Json(whole(rows[name]).cast(TEXT)) if name in raw else rows[name]
        for name in rows.column_names
    }
    return text_bytes(json_objects(members, "\n").texts)


def text_bytes(texts: pa.LargeStringArray) -> pa.Buffer:
    """Return the texts one after the other, without copying them."""
    _, offsets, content = texts.buffers()
    ends = np.frombuffer(offsets, "int64")[texts.offset :][: len(texts) + 1]
    return content.slice(ends[0], ends[-1] - ends[0])


def _told(column: Column) -> tuple[pa.Array, str]:
    """Return the values as texts, and the quote that they still need around them."""
    if isinstance(column, Json):
        return column.texts, ""
    values = whole(column)
    if pa.types.is_dictionary(values.type):
        words = Json(_quoted(values.dictionary.cast(TEXT)))
        return words.texts.take(values.indices), ""
    kind = values.type
    texts = values.cast(TEXT)
    if (
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_boolean(kind)
    ):
        return texts, ""
    if texts.null_count == 0 and not _needs_escape(texts):
        return texts, '"'
    return _quoted(texts), ""


def _quoted(texts: pa.LargeStringArray) -> pa.LargeStringArray:
    """Put quotes around texts and escape what is within; null stays null."""
    if _needs_escape(texts):
        # one by one, but each different text only once
        words = texts.dictionary_encode()
        told = [
            json.dumps(word, ensure_ascii=False)
            for word in words.dictionary.to_pylist()
        ]
        return pa.array(told, TEXT).take(words.indices)
    quote = pa.scalar('"', TEXT)
    return pc.binary_join_element_wise(quote, texts, quote, pa.scalar("", TEXT))


def _needs_escape(texts: pa.LargeStringArray) -> bool:
    content = np.frombuffer(text_bytes(texts), "uint8")
    return bool(
        (content < FIRST_PLAIN).any()
        or (content == QUOTE).any()
        or (content == BACKSLASH).any()
    )
