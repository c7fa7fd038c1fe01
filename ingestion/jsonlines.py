"""JSON lines -> blocks: one object per line, scalars as text, nested values as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

import pyarrow as pa

from ingestion.block import Block, Quarantined, line_blocks
from ingestion.contract import Table
from warehouse.errors import QuanyuError

# PostgreSQL's jsonb takes deeper trees, but no channel sends any.
MAX_DEPTH = 200
# numeric, and so a number in jsonb, has at most this many digits on either side.
MAX_DIGITS = 16_000

_SPACE = re.compile(r"[ \t\r\n]*")
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_HUGE = re.compile(rf"\d[eE][+-]?\d{{4,}}|\d{{{MAX_DIGITS // 4}}}")
_STRUCTURE = re.compile(r'"(?:[^"\\]|\\.)*"|([\[{])|[\]}]')


class Unreadable(ValueError):
    """A line that goes to quarantine: its reason and what is wrong."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


# Numbers stay as they are written: 1.10 is not 1.1, and 20 digits are 20 digits.
_DECODER = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_no_constant)


def read_jsonl(stream: BinaryIO, table: Table, name: str) -> Iterator[Block]:
    """Read a file of JSON lines; `name` is what errors call it.

    Raises QuanyuError when no object of the file has a required column. Blank lines are
    no rows.
    """
    json_columns = {
        column for column, spec in table.columns.items() if spec.type == "json"
    }
    missing = set(table.required)
    row_no = 0
    has_rows = False
    for data, _ in line_blocks(stream, name):
        rows: list[dict[str, str | None]] = []
        numbers: list[int] = []
        quarantined: list[Quarantined] = []
        lines = data.split(b"\n")
        for at, line in enumerate(lines):
            content = line.rstrip(b"\r")
            if not content:
                continue
            row_no += 1
            try:
                row = parse_line(content, json_columns, first=row_no == 1)
            except Unreadable as error:
                torn = at == len(lines) - 1 and error.reason == "malformed_json"
                reason = "torn_line" if torn else error.reason
                quarantined.append(Quarantined(row_no, reason, str(error), content))
                continue
            rows.append(row)
            numbers.append(row_no)
            if missing:
                missing -= row.keys()
        has_rows = has_rows or bool(rows)
        names = dict.fromkeys(key for row in rows for key in row)
        yield Block(
            {
                key: pa.array([row.get(key) or None for row in rows], pa.string())
                for key in names
            },
            pa.array(numbers, pa.int64()),
            tuple(quarantined),
        )
    if missing and has_rows:
        column = min(missing, key=table.required.index)
        raise QuanyuError(
            f"Column {column} is missing from {name}: "
            f"the contract of {table.table} requires it."
        )


def parse_line(
    content: bytes, json_columns: set[str] | frozenset[str], *, first: bool = False
) -> dict[str, str | None]:
    """Top-level values of a JSON object as text, those of `json_columns` as JSON.

    Raises Unreadable with the reason for quarantine.
    """
    if b"\0" in content:
        raise Unreadable("nul_byte", "the line holds a NUL byte")
    try:
        text = content.decode("utf-8-sig" if first else "utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(
            "undecodable", f"not utf-8 at byte {error.start + 1} of the line"
        ) from error
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise Unreadable("nested_too_deep", f"nested deeper than {MAX_DEPTH} levels")
    if "\\u0000" in text and _NUL.search(text):
        raise Unreadable("nul_byte", "a string holds \\u0000")
    try:
        value = _DECODER.decode(text)
    except ValueError as error:
        raise Unreadable("malformed_json", str(error)) from error
    if not isinstance(value, dict):
        raise Unreadable("not_an_object", f"a JSON {type(value).__name__}, no object")
    if _SURROGATE.search(text):
        _check_unicode(value)
    if _HUGE.search(text):
        json.loads(text, parse_float=_check_number, parse_int=_check_number)
    if not json_columns.isdisjoint(value) or any(
        isinstance(one, dict | list) for one in value.values()
    ):
        return _with_nested(text, json_columns)
    return {key: _scalar(one) for key, one in value.items()}


def _scalar(value: Any) -> str | None:
    if value is True or value is False:
        return "true" if value else "false"
    return value if value is None else str(value)


def _with_nested(
    text: str, json_columns: set[str] | frozenset[str]
) -> dict[str, str | None]:
    """Values of an object known to be sound; nested ones are cut out of its text."""
    values: dict[str, str | None] = {}
    at = _skip(text, _skip(text, 0) + 1)
    while text[at] != "}":
        key, at = _DECODER.raw_decode(text, at)
        begin = _skip(text, _skip(text, at) + 1)
        value, at = _DECODER.raw_decode(text, begin)
        nested = isinstance(value, dict | list) or key in json_columns
        as_json = nested and value is not None
        values[key] = text[begin:at] if as_json else _scalar(value)
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return values


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _depth(text: str) -> int:
    deepest = depth = 0
    for match in _STRUCTURE.finditer(text):
        if match[1]:
            depth += 1
            deepest = max(deepest, depth)
        elif match[0] in "]}":
            depth -= 1
    return deepest


def _check_unicode(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise Unreadable(
            "undecodable", "a string holds half a surrogate pair"
        ) from error


def _check_number(text: str) -> None:
    mantissa, _, exponent = text.lower().partition("e")
    if (
        len(mantissa) > MAX_DIGITS
        or len(exponent) > 6
        or (exponent and abs(int(exponent)) > MAX_DIGITS - len(mantissa))
    ):
        raise Unreadable("number_out_of_range", f"the number {text[:40]} is too large")
