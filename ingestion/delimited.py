"""CSV as channels really write it -> blocks.

A block of whole lines goes through Arrow when every line is one row. Else (a newline in
a value, a damaged line, bytes of another encoding) its lines are read one by one by the
same rules, and only the lines at fault are lost to quarantine.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, takewhile
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from ingestion.block import MAX_LINE_BYTES, Block, Quarantined, line_blocks
from ingestion.contract import Table
from ingestion.rows import columnar_rows, plain_rows
from warehouse.errors import QuanyuError

# A value with more line breaks than this is a quote that nobody closed.
MAX_RECORD_LINES = 1000
# So many lines are decoded at once where some are known to be faulty.
SIFTED_LINES = 64

_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_OTHER_DELIMITERS = (";", "\t", "|", "，", "\x01")
_ENCODINGS = ("utf-8", "gb18030")

# Why a line is set aside: the reason and what is wrong with it.
Fault = tuple[str, str]


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
    lines = _Lines(header, encoding, header == list(table.columns))
    for block, end in chain([(data, at_end)], blocks):
        yield lines.read(block, end)


def _header(line: bytes, table: Table, name: str, bom: bool) -> tuple[list[str], str]:
    """Column names and the encoding under which they keep the contract."""
    if line.startswith(_UTF16_BOMS):
        raise QuanyuError(f"{name} is UTF-16: export it as CSV in UTF-8.")
    if b"\0" in line:
        raise QuanyuError(f"The header of {name} holds NUL bytes: it is not CSV.")
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
    kept = [reading for reading in readings if set(table.required) <= set(reading[0])]
    if not kept:
        for cells, _ in readings:
            _check_delimiter(cells, table, name)
    header, encoding = (kept or readings)[0]
    check_columns(header, table, name)
    return [cell or f"column_{at}" for at, cell in enumerate(header, 1)], encoding


def _check_delimiter(header: Sequence[str], table: Table, name: str) -> None:
    """Raise QuanyuError when another mark than the comma gives the columns required."""
    for mark in _OTHER_DELIMITERS:
        cells = ",".join(header).split(mark)
        if set(table.required) <= {cell.strip(' "') for cell in cells}:
            raise QuanyuError(
                f"{name} seems separated by {mark!r} instead of commas: export it as "
                "comma-separated CSV."
            )


def check_columns(header: Sequence[str], table: Table, name: str) -> None:
    """Raise QuanyuError when a required column is missing or a name comes twice."""
    missing = [column for column in table.required if column not in header]
    if missing:
        raise QuanyuError(
            f"Column {missing[0]} is missing from {name}: "
            f"the contract of {table.table} requires it."
        )
    twice = [column for column in header if column and header.count(column) > 1]
    if twice:
        raise QuanyuError(f"Column {twice[0]} comes twice in the header of {name}.")


@dataclass
class _Lines:
    """Reads the lines after the header, block by block.

    `in_order` says that the columns are exactly the contract's, so that a line lands
    as it is.
    """

    header: list[str]
    encoding: str
    in_order: bool
    row_no: int = 1
    carry: bytes = b""

    def read(self, data: bytes, at_end: bool) -> Block:
        """Read a block of whole lines."""
        data = self.carry + data
        self.carry = b""
        return self._read_fast(data) or self._read_carefully(data, at_end)

    def _read_fast(self, data: bytes) -> Block | None:
        """Read a block whose every line is a row or at fault by itself, else None."""
        if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
            return None  # Arrow would end a row there
        lines: list[bytes] = []
        faults: dict[int, Fault] = {}
        text = _utf8(data, self.encoding)
        if text is None:
            lines = _split(data)
            text, faults = _sift(lines, self.encoding)
        if text.startswith(_UTF8_BOM):
            return None  # Arrow would drop it, here it is a character
        if not text.endswith(b"\n"):
            text += b"\n"
        rows = plain_rows(text, self.header) if self.in_order else None
        rows = rows or columnar_rows(text, self.header)
        if rows is None:
            return None
        if rows.odd:
            lines = lines or _split(data)
            sound_at = [at for at in range(len(lines)) if at not in faults]
            width = len(self.header)
            faults |= {sound_at[at]: _width(it, width) for at, it in rows.odd.items()}
        begin = self.row_no
        self.row_no += rows.count + len(faults)
        numbers = pa.arange(begin, self.row_no)
        if faults:
            sound = np.ones(len(lines), dtype=bool)
            sound[list(faults)] = False
            numbers = numbers.filter(pa.array(sound))
        return Block(
            rows.columns,
            numbers,
            tuple(
                _quarantined(lines[at], begin + at, faults[at]) for at in sorted(faults)
            ),
            rows.lines,
        )

    def _read_carefully(self, data: bytes, at_end: bool) -> Block:
        """Read line by line; a record the block breaks off is carried to the next."""
        csv.field_size_limit(MAX_LINE_BYTES)
        lines = _split(data)
        rows: list[list[str]] = []
        numbers: list[int] = []
        quarantined: list[Quarantined] = []
        at = 0
        while at < len(lines):
            record = _record(lines, at, self.encoding, len(self.header))
            if record.runs_out and not at_end:
                self.carry = b"".join(lines[at:])
                break
            if record.fault:
                quarantined.append(_quarantined(lines[at], self.row_no, record.fault))
            elif record.cells:
                rows.append(record.cells)
                numbers.append(self.row_no)
            self.row_no += bool(record.fault or record.cells)
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


def _utf8(data: bytes, encoding: str) -> bytes | None:
    """Bytes of another encoding as UTF-8; None when they hold what text cannot."""
    if b"\0" in data:
        return None
    if data.isascii():
        return data
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return data if encoding == "utf-8" else text.encode()


def _sift(lines: list[bytes], encoding: str) -> tuple[bytes, dict[int, Fault]]:
    """The readable lines as UTF-8, and what is wrong with the others by position.

    Lines are decoded in groups: only a group that holds a fault is looked through.
    """
    texts: list[bytes] = []
    faults: dict[int, Fault] = {}
    for begin in range(0, len(lines), SIFTED_LINES):
        group = lines[begin : begin + SIFTED_LINES]
        text = _utf8(b"".join(group), encoding)
        if text is None:
            found = [_fault(line, encoding) for line in group]
            faults |= {at: fault for at, fault in enumerate(found, begin) if fault}
            sound = (
                line for line, fault in zip(group, found, strict=True) if not fault
            )
            text = _utf8(b"".join(sound), encoding) or b""
        texts.append(text)
    return b"".join(texts), faults


def _split(data: bytes) -> list[bytes]:
    """Lines with their ends; only a newline ends a line."""
    lines = data.split(b"\n")
    last = lines.pop()
    return [line + b"\n" for line in lines] + ([last] if last else [])


def _fault(line: bytes, encoding: str) -> Fault | None:
    """What makes a line unreadable whatever its columns are."""
    if b"\0" in line:
        return "nul_byte", "the line holds a NUL byte"
    try:
        line.decode(encoding)
    except UnicodeDecodeError as error:
        return "undecodable", f"not {encoding} at byte {error.start + 1} of the line"
    return None


def _width(found: int, expected: int) -> Fault:
    return "column_count", f"{found} columns instead of {expected}"


def _quarantined(line: bytes, row_no: int, fault: Fault) -> Quarantined:
    reason, detail = fault
    # Only the last line of a file lacks its end: the file was cut off in it.
    torn = not line.endswith(b"\n") and reason != "nul_byte"
    content = line.rstrip(b"\r\n")
    return Quarantined(row_no, "torn_line" if torn else reason, detail, content)


@dataclass(frozen=True)
class _Record:
    """What begins at a line: a row, a faulty line, or nothing (a blank line)."""

    cells: list[str] = field(default_factory=list)
    line_count: int = 1
    fault: Fault | None = None
    runs_out: bool = False


def _record(lines: Sequence[bytes], at: int, encoding: str, width: int) -> _Record:
    """Read the record that begins at a line."""
    if not lines[at].rstrip(b"\r\n"):
        return _Record()
    if fault := _fault(lines[at], encoding):
        return _Record(fault=fault)
    cells, closed = _one_line(lines[at].decode(encoding).rstrip("\r\n"))
    if not closed:
        return _record_of_lines(lines, at, encoding, width)
    if len(cells) != width:
        return _Record(fault=_width(len(cells), width))
    return _Record(cells)


def _record_of_lines(
    lines: Sequence[bytes], at: int, encoding: str, width: int
) -> _Record:
    """Read a record with a value that goes on after its first line."""
    window = lines[at : at + MAX_RECORD_LINES]
    readable = takewhile(lambda line: not _fault(line, encoding), window)
    reader = csv.reader((line.decode(encoding) for line in readable), strict=True)
    fault = ("unclosed_quote", "a quote is not closed")
    try:
        cells = next(reader)
    except csv.Error:
        used_all = reader.line_num == len(window) < MAX_RECORD_LINES
        return _Record(fault=fault, runs_out=used_all)
    if len(cells) != width:
        return _Record(fault=fault)
    return _Record(cells, reader.line_num)


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
