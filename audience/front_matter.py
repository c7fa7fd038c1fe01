"""Front matter of a segment file: what may stand in it, and what is wrong with it.

A segment file begins with `{{ config(meta={'segment': {...}}) }}`; a snapshot also says
`materialized='frozen'`. The block is read as a literal, never run.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

from warehouse.errors import QuanyuError

Kind = Literal[
    "attributes",
    "events",
    "set_operation",
    "path",
    "cross_entity",
    "flow",
    "priority_split",
    "random_split",
    "snapshot",
    "lookalike",
]
# Whose segment it is -> the column that the file selects.
ENTITY_KEYS = {
    "customer": "customer_id",
    "product": "product_key",
    "store": "store_code",
    "guide": "staff_code",
}
SPLITS = ("priority_split", "random_split")
# Between the code of a split and the code of one of its groups.
GROUP_SEPARATOR = "__"

_BLOCK = re.compile(r"\A{{\s*(?P<call>config\(.*?\))\s*}}\s*", re.DOTALL)
_OUTCOME = re.compile(r"\b(?:then|else)\s+'(\w+)'")
_GROUP = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


class Entry(BaseModel):
    """A strict entry: an unknown key is an error, not a silent wish."""

    model_config = ConfigDict(extra="forbid", frozen=True)


EntryType = TypeVar("EntryType", bound=Entry)


class SegmentEntry(Entry):
    """Front matter of a segment.

    `groups` are those of a split, in order of priority: code -> Chinese name.
    `snapshot_on` is the day a snapshot is frozen: on the first run of that day or, when
    there is none, of a later one. `of` is the segment that a lookalike resembles.
    """

    name_zh: str = Field(min_length=1)
    description: str = Field(min_length=1)
    kind: Kind
    entity: Literal["customer", "product", "store", "guide"] = "customer"
    owner: str
    refresh: Literal["daily", "weekly", "monthly"]
    expected_size: tuple[int, int]
    play: str = Field(min_length=1)
    kpi: str = Field(min_length=1)
    groups: dict[str, str] = Field(default_factory=dict)
    snapshot_on: date | None = None
    of: str | None = None

    @model_validator(mode="after")
    def _keys_fit_the_kind(self) -> SegmentEntry:
        low, high = self.expected_size
        if not 0 <= low <= high:
            raise ValueError("expected_size is [smallest, largest]")
        if (self.kind in SPLITS) != bool(self.groups):
            raise ValueError(
                "groups: a priority_split or random_split, and nothing else, names them"
            )
        wrong = [code for code in self.groups if not _GROUP.fullmatch(code)]
        if wrong:
            raise ValueError(f"groups: {wrong} are not snake_case codes")
        if (self.kind == "snapshot") != (self.snapshot_on is not None):
            raise ValueError("snapshot_on: a snapshot, and nothing else, has a day")
        if (self.kind == "lookalike") != (self.of is not None):
            raise ValueError("of: a lookalike, and nothing else, is of a segment")
        if self.entity != "customer" and self.kind != "cross_entity":
            raise ValueError(f"entity: a {self.entity} is reached by kind cross_entity")
        return self


def read_front_matter(file: Path, text: str) -> tuple[SegmentEntry, str]:
    """Return a segment file's entry and the SQL below it.

    Raises QuanyuError that names the file, the key and, for a wrong one, the nearest.
    """
    found = _BLOCK.match(text)
    if not found:
        raise QuanyuError(
            f"{file}: a segment begins with its front matter, "
            "{{ config(meta={'segment': {...}}) }}."
        )
    settings = _settings(file, found["call"])
    meta = settings.get("meta")
    if not isinstance(meta, dict) or set(meta) != {"segment"}:
        raise QuanyuError(f"{file}: the front matter holds one key, 'segment'.")
    entry = checked(SegmentEntry, meta["segment"], file, "segment")
    wanted = {"materialized": "frozen"} if entry.kind == "snapshot" else {}
    if {key: value for key, value in settings.items() if key != "meta"} != wanted:
        raise QuanyuError(
            f"{file}: config: a snapshot is materialized='frozen', and nothing else "
            "stands beside meta."
        )
    sql = text[found.end() :].strip()
    _check_sql(entry, sql, file)
    return entry, sql


def checked(
    kind: type[EntryType], entry: Any, file: Path, place: str = ""
) -> EntryType:
    """Return an entry as its type; QuanyuError with file and key when it is wrong."""
    try:
        return kind.model_validate(entry)
    except ValidationError as error:
        # A misspelt key first: it is also why another is missing.
        first, *_ = sorted(
            error.errors(), key=lambda one: one["type"] != "extra_forbidden"
        )
        key = ".".join(str(part) for part in first["loc"]) or "entry"
        where = f"{file}: {place}: " if place else f"{file}: "
        raise QuanyuError(f"{where}{key}: {_fault(kind, first, entry)}.") from error


def nearest(name: str, names: Iterable[str]) -> str:
    """Return " (did you mean X?)" when one of `names` is near, else nothing."""
    near = get_close_matches(name, list(names), n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def _fault(kind: type[Entry], error: ErrorDetails, entry: Any) -> str:
    message = error["msg"].removeprefix("Value error, ")
    known = {one.alias or name: one for name, one in kind.model_fields.items()}
    key = str(error["loc"][-1]) if error["loc"] else ""
    if error["type"] == "extra_forbidden":
        # A key that is there already is not the one that was meant.
        free = [name for name in known if name not in entry]
        return message + (nearest(key, free) or f" (there are {', '.join(known)})")
    if error["type"] == "literal_error" and key in known:
        return message + nearest(str(error["input"]), get_args(known[key].annotation))
    return message


def _settings(file: Path, call: str) -> Mapping[str, Any]:
    try:
        body = ast.parse(call, mode="eval").body
        if not isinstance(body, ast.Call) or body.args:
            raise ValueError
        return {str(one.arg): ast.literal_eval(one.value) for one in body.keywords}
    except (SyntaxError, ValueError) as error:
        raise QuanyuError(f"{file}: the front matter is not a literal dict.") from error


def _check_sql(entry: SegmentEntry, sql: str, file: Path) -> None:
    key = ENTITY_KEYS[entry.entity]
    if not re.search(rf"\b{key}\b", sql):
        raise QuanyuError(
            f"{file}: entity: a segment of {entry.entity}s selects {key}, and this one "
            "does not."
        )
    outcomes = set(_OUTCOME.findall(sql))
    if entry.groups and outcomes != set(entry.groups):
        raise QuanyuError(
            f"{file}: groups: {', '.join(entry.groups)} are named, the SQL decides "
            f"between {', '.join(sorted(outcomes)) or 'none'}."
        )
    if entry.kind == "snapshot" and "{{ ref('oneid_alias') }}" not in sql:
        raise QuanyuError(
            f"{file}: a snapshot follows its people through merges: write "
            "-- depends_on: {{ ref('oneid_alias') }} above its select."
        )
    wanted = (f"ref('{entry.of}')", "source('ml', 'lookalike")
    if entry.kind == "lookalike" and not all(one in sql for one in wanted):
        raise QuanyuError(
            f"{file}: a lookalike of {entry.of} reads {{{{ ref('{entry.of}') }}}} and "
            "{{ source('ml', 'lookalike') }}, and this one does not."
        )
