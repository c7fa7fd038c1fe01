"""Rows of CSV text whose every line is one row, or odd: too short or too long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv


@dataclass(frozen=True)
class Rows:
    """Sound rows, as `lines` too when they are plain.

    `odd` holds the other lines by position: how many columns they have instead.
    """

    count: int
    odd: dict[int, int]
    columns: Mapping[str, pa.Array]
    lines: pa.Array | None = None


class _Columns(Mapping[str, pa.Array]):
    """Columns of plain lines, cut when somebody asks for them."""

    def __init__(self, lines: pa.Array, header: Sequence[str]) -> None:
        self._lines = lines
        self._header = header

    def __getitem__(self, name: str) -> pa.Array:
        return self._cut[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._header)

    def __len__(self) -> int:
        return len(self._header)

    @cached_property
    def _cut(self) -> dict[str, pa.Array]:
        cells = [line.rstrip("\n").split(",") for line in self._lines.to_pylist()]
        return {
            name: pa.array([row[at] or None for row in cells], pa.string())
            for at, name in enumerate(self._header)
        }


def plain_rows(text: bytes, header: Sequence[str]) -> Rows | None:
    """Keep the lines as they are when no value is quoted; None when one is.

    `text` is UTF-8, ends in a newline and has no other line breaks than newlines and
    carriage return + newline. Blank lines are left to the careful reader.
    """
    if b'"' in text:
        return None
    text = text.replace(b"\r\n", b"\n") if b"\r" in text else text
    characters = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero(characters == ord("\n"))
    commas = np.flatnonzero(characters == ord(","))
    lengths = np.diff(ends, prepend=-1)
    if (lengths == 1).any():
        return None
    widths = np.diff(np.searchsorted(commas, ends), prepend=0) + 1
    odd = np.flatnonzero(widths != len(header))
    if len(odd):
        text = _without(text, ends[odd] + 1 - lengths[odd], ends[odd] + 1)
        lengths = np.delete(lengths, odd)
    offsets = np.append(0, lengths.cumsum()).astype(np.int32)
    lines = pa.StringArray.from_buffers(
        len(lengths), pa.py_buffer(offsets), pa.py_buffer(text)
    )
    widths_of_odd = dict(zip(odd.tolist(), widths[odd].tolist(), strict=True))
    return Rows(len(lines), widths_of_odd, _Columns(lines, header), lines)


def _without(text: bytes, begins: np.ndarray, ends: np.ndarray) -> bytes:
    """Text without the pieces from `begins` to `ends`."""
    kept = zip([0, *ends.tolist()], [*begins.tolist(), len(text)], strict=True)
    return b"".join(text[begin:end] for begin, end in kept)


def columnar_rows(text: bytes, header: Sequence[str]) -> Rows | None:
    """Columns by Arrow; None when some line is no row by itself."""
    invalid: list[arrow_csv.InvalidRow] = []

    def set_aside(row: arrow_csv.InvalidRow) -> str:
        invalid.append(row)
        return "skip"

    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(text),
            arrow_csv.ReadOptions(
                column_names=header, block_size=len(text) + 1, use_threads=False
            ),
            arrow_csv.ParseOptions(
                newlines_in_values=b'"' in text, invalid_row_handler=set_aside
            ),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid:
        return None
    if table.num_rows + len(invalid) != text.count(b"\n"):
        return None
    if any('"' in row.text for row in invalid):
        return None
    columns = [column.combine_chunks() for column in table.columns]
    # An open quote on the last line swallows nothing but its own line end.
    last = columns[-1][-1].as_py() if table.num_rows else None
    if last and last.endswith("\n"):
        return None
    return Rows(
        table.num_rows,
        {row.number - 1: row.actual_columns for row in invalid},
        dict(zip(header, columns, strict=True)),
    )
