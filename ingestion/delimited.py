"""CSV as channels really write it -> blocks.

A block of whole lines goes through Arrow when every line is one row. Else (a newline in
a value, a damaged line, bytes of another encoding) its lines are read one by one by the
same rules, and only the lines at fault are lost to quarantine.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import BinaryIO

import pyarrow as pa
from pyarrow import csv as arrow_csv

from ingestion.block import MAX_LINE_BYTES, Block, Quarantined, line_blocks
from ingestion.contract import Table
from warehouse.errors import QuanyuError

# A value with more line breaks than this is a quote that nobody closed.
MAX_RECORD_LINES = 1000

_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_ENCODINGS = ("utf-8", "gb18030")


def read_csv(stream: BinaryIO, table: Table, name: str) -> Iterator[Block]:
    """Read a CSV file; `name` is what errors call it.

    Raises QuanyuError when the header breaks the contract. Blank lines are no rows.
    """
    blocks = line_blocks(stream, name)
    data, at_end = next(blocks)
    data = data.removeprefix(_UTF8_BOM) if (bom := data.startswith(_UTF8_BOM)) else data
    data = data.lstrip(b"\r\n")
    if not data:
        return
    line, _, data = data.partition(b"\n")
    header, encoding = _header(line, table, name, bom)
    lines = _Lines(header, encoding)
    for block, end in chain([(data, at_end)], blocks):
        yield lines.read(block, end)


def _header(line: bytes, table: Table, name: str, bom: bool) -> tuple[list[str], str]:
    """Column names and the encoding under which they keep the contract."""
    if line.startswith(_UTF16_BOMS):
        raise QuanyuError(f"{name} is UTF-16: export it as CSV in UTF-8.")
    likely = ["utf-8"] if bom else sorted(_ENCODINGS, key=table.encoding.__ne__)
    readings: list[tuple[list[str], str]] = []
    for encoding in likely:
        try:
            text = line.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
        cells, closed = _one_line(text.rstrip("\r"))
        if not closed or any("\r" in cell for cell in cells):
            raise QuanyuError(
                f"The header of {name} holds a line break: end lines with a newline."
            )
        readings.append(([cell.strip() for cell in cells], encoding))
    if not readings:
        raise QuanyuError(f"The header of {name} is neither UTF-8 nor GB18030.")
    kept = (reading for reading in readings if set(table.required) <= set(reading[0]))
    header, encoding = next(kept, readings[0])
    check_columns(header, table, name)
    return [cell or f"column_{at}" for at, cell in enumerate(header, 1)], encoding


def check_columns(header: Sequence[str], table: Table, name: str) -> None:
    """Raise QuanyuError when a required column is missing or a name comes twice."""
    missing = [column for column in table.required if column not in header]
    if missing:
        marks = [mark for mark in (";", "\t", "|") if mark in "".join(header)]
        hint = f" Its header seems separated by {marks[0]!r}." if marks else ""
        raise QuanyuError(
            f"Column {missing[0]} is missing from {name}: "
            f"the contract of {table.table} requires it.{hint}"
        )
    twice = [column for column in header if column and header.count(column) > 1]
    if twice:
        raise QuanyuError(f"Column {twice[0]} comes twice in the header of {name}.")


@dataclass
class _Lines:
    """Reads the lines after the header, block by block."""

    header: list[str]
    encoding: str
    row_no: int = 1
    carry: bytes = b""

    def read(self, data: bytes, at_end: bool) -> Block:
        """Read a block of whole lines."""
        data = self.carry + data
        self.carry = b""
        columns = self._read_fast(data)
        if columns is None:
            return self._read_carefully(data, at_end)
        count = len(columns[0])
        block = Block(
            dict(zip(self.header, columns, strict=True)),
            pa.arange(self.row_no, self.row_no + count),
        )
        self.row_no += count
        return block

    def _read_fast(self, data: bytes) -> list[pa.Array] | None:
        """Columns of a block in which every line is one sound row, else None."""
        if b"\0" in data or data.count(b"\r") != data.count(b"\r\n"):
            return None
        if data.startswith(_UTF8_BOM):  # a character here, which Arrow would drop
            return None
        if not data.endswith(b"\n"):
            data += b"\n"
        if self.encoding != "utf-8" and not data.isascii():
            try:
                data = data.decode(self.encoding).encode()
            except UnicodeError:
                return None
        try:
            table = arrow_csv.read_csv(
                pa.BufferReader(data),
                arrow_csv.ReadOptions(
                    column_names=self.header,
                    block_size=len(data) + 1,
                    use_threads=False,
                ),
                arrow_csv.ParseOptions(newlines_in_values=b'"' in data),
                arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(self.header, pa.string()),
                    null_values=[""],
                    strings_can_be_null=True,
                ),
            )
        except pa.ArrowInvalid:
            return None
        if table.num_rows != data.count(b"\n"):
            return None
        columns = [column.combine_chunks() for column in table.columns]
        # An open quote on the last line swallows nothing but its own line end.
        last = columns[-1][-1].as_py()
        return None if last and last.endswith("\n") else columns

    def _read_carefully(self, data: bytes, at_end: bool) -> Block:
        """Read line by line; a record the block breaks off is carried to the next."""
        csv.field_size_limit(MAX_LINE_BYTES)
        lines = _split(data)
        rows: list[list[str]] = []
        numbers: list[int] = []
        quarantined: list[Quarantined] = []
        at = 0
        while at < len(lines):
            record = _Record.read(lines, at, self.encoding, len(self.header))
            if record.runs_out and not at_end:
                self.carry = b"".join(lines[at:])
                break
            if record.cells:
                rows.append(record.cells)
                numbers.append(self.row_no)
                self.row_no += 1
            elif record.reason:
                torn = not lines[at].endswith(b"\n") and record.is_torn
                quarantined.append(
                    Quarantined(
                        self.row_no,
                        "torn_line" if torn else record.reason,
                        record.detail,
                        lines[at].rstrip(b"\r\n"),
                    )
                )
                self.row_no += 1
            at += record.line_count
        columns = zip(*rows, strict=True) if rows else [()] * len(self.header)
        return Block(
            {
                column: pa.array([value or None for value in values], pa.string())
                for column, values in zip(self.header, columns, strict=True)
            },
            pa.array(numbers, pa.int64()),
            tuple(quarantined),
        )


def _split(data: bytes) -> list[bytes]:
    """Lines with their ends; only a newline ends a line."""
    lines = data.split(b"\n")
    last = lines.pop()
    return [line + b"\n" for line in lines] + ([last] if last else [])


@dataclass
class _Record:
    """What stands at one line: a row, a damaged line, or nothing (a blank line)."""

    cells: list[str] = field(default_factory=list)
    line_count: int = 1
    reason: str = ""
    detail: str = ""
    runs_out: bool = False

    @property
    def is_torn(self) -> bool:
        """Whether the file may have ended in the middle of this line."""
        return self.reason in {"column_count", "unclosed_quote", "undecodable"}

    @classmethod
    def read(
        cls, lines: Sequence[bytes], at: int, encoding: str, width: int
    ) -> _Record:
        """Read the record that begins at a line."""
        if not lines[at].rstrip(b"\r\n"):
            return cls()
        if b"\0" in lines[at]:
            return cls(reason="nul_byte", detail="the line holds a NUL byte")
        try:
            text = lines[at].decode(encoding)
        except UnicodeDecodeError as error:
            return cls(
                reason="undecodable",
                detail=f"not {encoding} at byte {error.start + 1} of the line",
            )
        cells, closed = _one_line(text.rstrip("\r\n"))
        if not closed:
            return cls._several_lines(lines, at, encoding, width)
        if len(cells) == width:
            return cls(cells)
        return cls(
            reason="column_count", detail=f"{len(cells)} columns instead of {width}"
        )

    @classmethod
    def _several_lines(
        cls, lines: Sequence[bytes], at: int, encoding: str, width: int
    ) -> _Record:
        """Read a record whose value goes on after its first line."""
        window = lines[at : at + MAX_RECORD_LINES]
        readable = 0

        def texts() -> Iterator[str]:
            nonlocal readable
            for line in window:
                if b"\0" in line:
                    return
                readable += 1
                yield line.decode(encoding)

        reader = csv.reader(texts(), strict=True)
        damaged = cls(reason="unclosed_quote", detail="a quote is not closed")
        try:
            cells = next(reader)
        except UnicodeDecodeError:
            return damaged
        except csv.Error:
            used_all = reader.line_num == len(window) == readable
            damaged.runs_out = used_all and len(window) < MAX_RECORD_LINES
            return damaged
        return cls(cells, reader.line_num) if len(cells) == width else damaged


def _one_line(text: str) -> tuple[list[str], bool]:
    """Cells of a line, and whether it ends outside quotes."""
    if '"' not in text:
        return text.split(","), True
    reader = csv.reader([text, ""])
    try:
        cells = next(reader)
    except csv.Error:  # a bare carriage return outside quotes
        return [], True
    return cells, reader.line_num == 1
