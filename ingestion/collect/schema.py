"""What a request may hold: the contract's columns as a compiled validator."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any, Literal, NotRequired, cast

import msgspec
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
# Shanghai has had no summer time since 1991: an offset compares faster than a zone.
_SHANGHAI = timezone(timedelta(hours=8))
_MOMENT = (
    r"^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d([.]\d{1,6})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)?$"
)
_RARE_ESCAPE = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_LONG_EXPONENT = re.compile(rb"0e[+-]?0{4}")
_SHAPE = bytes.maketrans(b"123456789E", b"000000000e")
_LINE_ENDS = re.compile(rb"[\r\n]")
# Cuts an array into the text of its elements and makes nothing of them.
_CUTTER = msgspec.json.Decoder(list[msgspec.Raw])


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
        self._earliest = self._latest = clock()
        self._validate = self.adapter.validator.validate_json

    def read(self, body: bytes, *, is_ndjson: bool = False) -> list[bytes]:
        """Cut a body into one line per event, each valid.

        Raises:
            WrongEvents: at least one event is wrong, or there is none.
        """
        lines = _lines(body) if is_ndjson else _elements(body)
        if not 0 < len(lines) <= MAX_EVENTS:
            raise WrongEvents([Fault(0, "", f"send 1 to {MAX_EVENTS:,} events")])
        now = self.clock()
        self._earliest, self._latest = now - self.max_age, now + AHEAD
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
            if _is_suspect(line):
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
        if moment > self._latest:
            raise PydanticCustomError("ahead", "Ahead of the server's clock")
        if moment < self._earliest:
            raise PydanticCustomError(
                "too_old", "More than {days} days ago", {"days": self.max_age.days}
            )
        return text


def events_table() -> Table:
    """Contract of the table that events land in."""
    return next(
        table for table in load_contracts()[CHANNEL].tables if table.table == TABLE
    )


def _is_suspect(line: bytes) -> bool:
    """Whether a line may hold what pydantic takes and PostgreSQL does not.

    Landing's own reader has the word then; most lines need not go through it.
    """
    return (
        b"NaN" in line
        or b"Infinity" in line
        or (b"\\u" in line and _RARE_ESCAPE.search(line) is not None)
        or _LONG_EXPONENT.search(line.translate(_SHAPE)) is not None
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
        return [bytes(element) for element in _CUTTER.decode(body)]
    except (msgspec.DecodeError, RecursionError) as error:
        # Says what and at which byte, and cites nothing.
        raise WrongEvents([Fault(0, "", f"no JSON array: {error}")]) from error


def _one_line(event: bytes) -> bytes:
    """Drop the line ends between tokens; inside a JSON string there are none."""
    return _LINE_ENDS.sub(b" ", event) if b"\n" in event or b"\r" in event else event
