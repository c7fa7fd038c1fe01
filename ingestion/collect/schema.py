"""What a request may hold: the contract's columns as a compiled validator."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Annotated, Any, Literal, NotRequired, cast
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import PydanticCustomError
from typing_extensions import TypedDict

from ingestion.contract import Column, Table, load_contracts
from ingestion.jsonlines import Unreadable, parse_line
from warehouse.settings import TIME_ZONE

CHANNEL = "mini_program"
TABLE = "events"

MAX_EVENTS = 1_000
# Below what landing lets a number be long (16,000 digits), so that no event is refused
# there because of one.
MAX_EVENT_BYTES = 16_000
MAX_TEXT = 512
MAX_FAULTS = 20
MAX_NUMBER = 1_000_000_000
AHEAD = timedelta(minutes=15)

# As staging reads moments: no offset is Shanghai's clock.
_SHANGHAI = ZoneInfo(TIME_ZONE)
_MOMENT = (
    r"^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d([.]\d{1,6})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)?$"
)
# JSON that pydantic takes and PostgreSQL does not: landing's own reader has the word.
_SUSPECT = re.compile(rb"NaN|Infinity|\\u(?:0000|[dD][89abAB])|\d[eE][+-]?\d{4}")
_LINE_ENDS = re.compile(rb"[\r\n]")
_SPACE = re.compile(r"[ \t\r\n]*")
_SPANS = json.JSONDecoder(parse_int=str, parse_float=str)


@dataclass(frozen=True)
class Fault:
    """What is wrong with one event; `field` is empty when it is no JSON object."""

    index: int
    field: str
    reason: str


class WrongEvents(ValueError):
    """A request of which nothing is taken."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


class EventReader:
    """Turns the body of a request into lines of the table, or says what is wrong.

    Args:
        max_age: events older than this are wrong.
        table: the contract; that of mini_program.events when left out.
        clock: tells the time.
    """

    def __init__(
        self,
        max_age: timedelta,
        table: Table | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.table = table or events_table()
        self.max_age = max_age
        self.clock = clock
        self.json_columns = {
            name for name, one in self.table.columns.items() if one.type == "json"
        }
        self.adapter: TypeAdapter[dict[str, Any]] = TypeAdapter(self._event_type())
        self._validate = self.adapter.validator.validate_json

    def read(self, body: bytes, *, is_ndjson: bool = False) -> list[bytes]:
        """Cut a body into one line per event, each valid.

        Raises:
            WrongEvents: at least one event is wrong, or there is none.
        """
        lines = _lines(body) if is_ndjson else _elements(body)
        if not 0 < len(lines) <= MAX_EVENTS:
            raise WrongEvents([Fault(0, "", f"send 1 to {MAX_EVENTS:,} events")])
        faults: list[Fault] = []
        for index, line in enumerate(lines):
            faults += self._faults(index, line)
            if len(faults) >= MAX_FAULTS:
                break
        if faults:
            raise WrongEvents(faults[:MAX_FAULTS])
        return lines if is_ndjson else [_one_line(line) for line in lines]

    def _faults(self, index: int, line: bytes) -> list[Fault]:
        if len(line) > MAX_EVENT_BYTES:
            return [Fault(index, "", f"longer than {MAX_EVENT_BYTES:,} bytes")]
        try:
            self._validate(line)
            if _SUSPECT.search(line):
                parse_line(line, self.json_columns)
        except ValidationError as error:
            found = error.errors(
                include_url=False, include_input=False, include_context=False
            )
            return [
                Fault(index, ".".join(map(str, one["loc"])), one["msg"])
                for one in found
            ]
        except Unreadable as error:
            return [Fault(index, "", str(error))]
        return []

    def _event_type(self) -> Any:
        fields: dict[str, Any] = {}
        for name, column in self.table.columns.items():
            required = name in self.table.required
            kind = self._column_type(column, required)
            kind = Annotated[kind, Field(description=column.description)]
            fields[name] = kind if required else NotRequired[kind | None]
        # The contract names the fields, which a type checker cannot know.
        event = cast(Any, TypedDict)("Event", fields)
        event.__pydantic_config__ = ConfigDict(extra="forbid")
        return event

    def _column_type(self, column: Column, required: bool) -> Any:
        if column.type == "json":
            return dict[str, Any]
        if column.values:
            return Literal[column.values]
        if column.holds == "integer":
            return Annotated[int, Strict(), Field(ge=0, le=MAX_NUMBER)]
        if column.holds == "timestamp":
            pattern = StringConstraints(strict=True, pattern=_MOMENT)
            return Annotated[str, pattern, AfterValidator(self._plausible)]
        return Annotated[
            str,
            StringConstraints(
                strict=True,
                min_length=1 if required else 0,
                max_length=column.max_length or MAX_TEXT,
            ),
        ]

    def _plausible(self, text: str) -> str:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise PydanticCustomError("no_moment", "Not a day and time") from error
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=_SHANGHAI)
        now = self.clock()
        if moment > now + AHEAD:
            raise PydanticCustomError("ahead", "Ahead of the server's clock")
        if moment < now - self.max_age:
            raise PydanticCustomError(
                "too_old", "More than {days} days ago", {"days": self.max_age.days}
            )
        return text


def events_table() -> Table:
    """Contract of the table that events land in."""
    return next(
        table for table in load_contracts()[CHANNEL].tables if table.table == TABLE
    )


def _lines(body: bytes) -> list[bytes]:
    lines = (line.strip(b" \t\r") for line in body.split(b"\n"))
    return [line for line in lines if line]


def _elements(body: bytes) -> list[bytes]:
    """Text of each element of a JSON array, or of the one event the body is."""
    body = body.strip(b" \t\r\n")
    if not body.startswith(b"["):
        return [body] if body else []
    try:
        spans = islice(_spans(body.decode()), MAX_EVENTS + 1)
        return [span.encode() for span in spans]
    except (ValueError, RecursionError) as error:
        # A JSON error tells where, a decoding error cites bytes: both stay out of logs.
        raise WrongEvents([Fault(0, "", "the body is no JSON array")]) from error


def _spans(text: str) -> Iterator[str]:
    at = _skip(text, 1)
    more = text[at : at + 1] != "]"
    while more:
        begin = at
        _, end = _SPANS.raw_decode(text, begin)
        yield text[begin:end]
        at = _skip(text, end)
        more = text[at : at + 1] == ","
        at = _skip(text, at + 1) if more else at
    if text[at:] != "]":
        raise ValueError("no comma or end of the array")


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _one_line(event: bytes) -> bytes:
    """Drop the line ends between tokens; inside a JSON string there are none."""
    return _LINE_ENDS.sub(b" ", event) if b"\n" in event or b"\r" in event else event
