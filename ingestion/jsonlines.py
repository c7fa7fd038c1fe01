"""JSON lines -> blocks: one object per line, scalars as text, nested values as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Set
from typing import Any, BinaryIO

import msgspec
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
_RARE_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
# A string that nobody closes reaches to the end; possessive, so time stays linear.
_STRUCTURE = re.compile(r'"(?:[^"\\]++|\\.)*+"?|([\[{])|[\]}]')


class Unreadable(ValueError):
    """A line that goes to quarantine: its reason and what is wrong."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _number(text: str) -> str:
    """Keep a number as it is written: 1.10 is not 1.1, and 20 digits are 20 digits."""
    mantissa, _, exponent = text.lower().partition("e")
    digits = len(mantissa) + (abs(int(exponent)) if 0 < len(exponent) < 9 else 0)
    if digits > MAX_DIGITS or len(exponent) >= 9:
        raise Unreadable("number_out_of_range", f"the number {text[:40]} is too large")
    return text


# A number near MAX_DIGITS has an exponent of four digits or so many digits in a row.
# Lines are looked through in their shape first, which is an order of magnitude faster.
_LONG_RUN = 5_000
_LONG_EXPONENT = re.compile(rb"[\[:,\s]-?[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]{4}")
_SHAPE = bytes.maketrans(b"123456789E[", b"000000000e{")

# Cuts an object into its values and makes nothing of the nested ones.
_CUTTER = msgspec.json.Decoder(dict[str, msgspec.Raw])

# Integers are as long as their line at most: they are looked at when that is long.
_DECODER = json.JSONDecoder(
    parse_float=_number, parse_int=str, parse_constant=_no_constant
)


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
    content: bytes, json_columns: Set[str], *, first: bool = False
) -> dict[str, str | None]:
    """Top-level values of a JSON object as text, those of `json_columns` as JSON.

    Raises Unreadable with the reason for quarantine.
    """
    if not first and _is_plain(content):
        try:
            return _cut(content, json_columns)
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass  # what is wrong with it, the careful way can say
    return _parse_carefully(content, json_columns, first)


def _is_plain(content: bytes) -> bool:
    """Whether a line, if it is JSON at all, is surely within every limit."""
    if b"\\u" in content and _RARE_ESCAPE.search(content):
        return False
    shape = content.translate(_SHAPE, b"+-")
    if shape.count(b"{") > MAX_DEPTH:
        return False
    if b"0e0000" in shape and _LONG_EXPONENT.search(content):
        return False
    return len(content) < _LONG_RUN or b"0" * _LONG_RUN not in shape


def _cut(content: bytes, json_columns: Set[str]) -> dict[str, str | None]:
    content.decode()
    return {
        key: _cut_value(str(raw, "utf-8"), key in json_columns)
        for key, raw in _CUTTER.decode(content).items()
    }


def _cut_value(text: str, as_json: bool) -> str | None:
    if text == "null":
        return None
    if as_json or not text.startswith('"'):
        return text
    return _DECODER.decode(text) if "\\" in text else text[1:-1]


def _parse_carefully(
    content: bytes, json_columns: Set[str], first: bool
) -> dict[str, str | None]:
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
    try:
        values = _with_nested(text, json_columns) if json_columns else _flat(text)
    except Unreadable:
        raise
    except ValueError as error:
        raise Unreadable("malformed_json", str(error)) from error
    if "\\u" in text or len(text) > MAX_DIGITS:
        _check_rare(text)
    return values


def _flat(text: str) -> dict[str, str | None]:
    value = _DECODER.decode(text)
    if not isinstance(value, dict):
        raise Unreadable("not_an_object", f"a JSON {type(value).__name__}, no object")
    if any(isinstance(one, dict | list) for one in value.values()):
        return _with_nested(text, frozenset())
    return {key: _scalar(one) for key, one in value.items()}


def _scalar(value: Any) -> str | None:
    if value is True or value is False:
        return "true" if value else "false"
    return value if value is None else str(value)


def _with_nested(text: str, json_columns: Set[str]) -> dict[str, str | None]:
    """Values of an object; nested ones and JSON columns are cut out of its text."""
    values: dict[str, str | None] = {}
    at = _skip(text, 0)
    if text[at : at + 1] != "{":
        return _flat(text)
    at = _skip(text, at + 1)
    more = text[at : at + 1] != "}"
    while more:
        key, at = _DECODER.raw_decode(text, at)
        at = _skip(text, at)
        if not isinstance(key, str) or text[at : at + 1] != ":":
            raise ValueError(f"no name and colon before character {at + 1}")
        begin = _skip(text, at + 1)
        value, end = _DECODER.raw_decode(text, begin)
        nested = isinstance(value, dict | list) or key in json_columns
        as_json = nested and value is not None
        values[key] = text[begin:end] if as_json else _scalar(value)
        at = _skip(text, end)
        more = text[at : at + 1] == ","
        at = _skip(text, at + 1) if more else at
    if text[at : at + 1] != "}" or _skip(text, at + 1) != len(text):
        raise ValueError(f"no comma or end of the object at character {at + 1}")
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


def _check_rare(text: str) -> None:
    """Raise Unreadable for what JSON allows and PostgreSQL's text and jsonb do not."""
    if "\\u0000" in text and _NUL.search(text):
        raise Unreadable("nul_byte", "a string holds \\u0000")
    if _SURROGATE.search(text):
        try:
            json.dumps(_DECODER.decode(text), ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise Unreadable(
                "undecodable", "a string holds half a surrogate pair"
            ) from error
    if len(text) > MAX_DIGITS:
        json.loads(text, parse_int=_number)
