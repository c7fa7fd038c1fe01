"""Parquet -> blocks: every column as text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from ingestion.block import Block, Quarantined
from ingestion.contract import Table
from ingestion.delimited import check_columns
from warehouse.errors import QuanyuError

ROWS = 32_768
# A decimal with so many places after the point at most is never written as 1E-7.
PLAIN_SCALE = 6
# Instants are shown on the channels' clock, as their text files show them.
_CHANNEL_TIME = "+08:00"


def read_parquet(stream: BinaryIO, table: Table, name: str) -> Iterator[Block]:
    """Read a Parquet file; `name` is what errors call it.

    Raises QuanyuError when its columns break the contract or it cannot be read.
    """
    try:
        file = parquet.ParquetFile(stream)
        names = [column.replace("\0", "") for column in file.schema_arrow.names]
        check_columns(names, table, name)
        row_no = 1
        for batch in file.iter_batches(ROWS):
            yield _block(batch.rename_columns(names), row_no)
            row_no += len(batch)
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise QuanyuError(f"{name} is not readable as Parquet: {reason}") from error


def _block(batch: pa.RecordBatch, row_no: int) -> Block:
    numbers = pa.arange(row_no, row_no + len(batch))
    try:
        columns = [as_text(column) for column in batch.columns]
        for column in columns:
            column.validate(full=True)
    except (pa.ArrowException, UnicodeDecodeError):
        return _block_by_row(batch, row_no)
    if any(map(_may_hold_nul, columns)):
        return _block_by_row(batch, row_no)
    return Block(dict(zip(batch.schema.names, columns, strict=True)), numbers)


def _may_hold_nul(column: pa.Array) -> bool:
    """Whether the text of a column, or what lies beside it in memory, holds a NUL."""
    text = column.buffers()[-1]
    return text is not None and b"\0" in text.to_pybytes()


def _block_by_row(batch: pa.RecordBatch, row_no: int) -> Block:
    """Set aside the rows that hold what PostgreSQL's text cannot."""
    kept: list[int] = []
    quarantined: list[Quarantined] = []
    for at in range(len(batch)):
        reason, detail = _fault(batch.slice(at, 1))
        if reason:
            content = repr([_bytes(column, at) for column in batch.columns]).encode()
            quarantined.append(Quarantined(row_no + at, reason, detail, content))
        else:
            kept.append(at)
    sound = batch.take(pa.array(kept, pa.int64()))
    return Block(
        {
            name: as_text(column)
            for name, column in zip(sound.schema.names, sound.columns, strict=True)
        },
        pa.array([row_no + at for at in kept], pa.int64()),
        tuple(quarantined),
    )


def _fault(row: pa.RecordBatch) -> tuple[str, str]:
    for name, column in zip(row.schema.names, row.columns, strict=True):
        try:
            text = as_text(column)
            text.validate(full=True)
        except (pa.ArrowException, UnicodeDecodeError):
            return "undecodable", f"column {name} is not utf-8"
        if "\0" in (text[0].as_py() or ""):
            return "nul_byte", f"column {name} holds a NUL byte"
    return "", ""


def _bytes(column: pa.Array, at: int) -> Any:
    """Value of a cell; text as bytes, since it may not be text at all."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        column = column.view(
            pa.binary() if pa.types.is_string(column.type) else pa.large_binary()
        )
    return column[at].as_py()


def as_text(column: pa.Array) -> pa.Array:
    """Values as a channel's text file would show them; an empty string is null.

    Timestamps are "yyyy-mm-dd hh:mm:ss" (with a fraction when they have one), instants
    with a time zone on the channels' clock; decimals are plain; nested values are JSON.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return as_text(column.dictionary_decode())
    if pa.types.is_timestamp(kind):
        column = _whole_seconds(_on_channel_clock(column))
        text = column.cast(pa.string())
    elif pa.types.is_nested(kind):
        text = pa.array(
            [
                None
                if value is None
                else json.dumps(value, ensure_ascii=False, default=str)
                for value in column.to_pylist()
            ],
            pa.string(),
        )
    else:
        text = column.cast(pa.string())
    if (
        pa.types.is_decimal(kind)
        and not 0 <= kind.scale <= PLAIN_SCALE
        and pc.any(pc.match_substring(text, "E")).as_py()
    ):
        text = pa.array(map(_plain, column.to_pylist()), pa.string())
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _on_channel_clock(column: pa.Array) -> pa.Array:
    if column.type.tz is None:
        return column
    return pc.local_timestamp(
        column.cast(pa.timestamp(column.type.unit, _CHANNEL_TIME))
    )


def _whole_seconds(column: pa.Array) -> pa.Array:
    try:
        return column.cast(pa.timestamp("s"))
    except pa.ArrowInvalid:
        return column
