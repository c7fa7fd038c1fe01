"""What the tag entries and the segments' front matter say, read from their files.

A tag entry is `meta.tag` of a column in a models/tags/<entity>/tags_*.yml; front matter
is the `config(meta={'segment': {...}})` block that begins a segment file.
Nothing here needs dbt or a database; a wrong entry raises a QuanyuError that names the
file and the key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, model_validator

from audience.front_matter import (
    GROUP_SEPARATOR,
    Entry,
    SegmentEntry,
    checked,
    nearest,
    read_front_matter,
)
from warehouse.errors import QuanyuError

DECISIONS = re.compile(r"\Aversion: 2\n\n# Decisions: (?P<text>.+\n(?:# .+\n)*)models:")
CODE = re.compile(r"[a-z0-9][a-z0-9_]*")
SEGMENT_CODE = re.compile(r"seg(_[a-z0-9]+)+")

DATA_TYPES = {
    "number": ("bigint", "integer", "numeric"),
    "enum": ("text", "integer"),
    "bool": ("boolean",),
    "date": ("date",),
    "text": ("text",),
}


class TagEntry(Entry):
    """`meta.tag` of a column."""

    name_zh: str = Field(min_length=1)
    # Where the tag stands in the retail line's tree, and in the brand line's where that
    # line uses it: two trees over one store of tags.
    path: str = Field(pattern=r"^[^/]+(/[^/]+)*$")
    brand_path: str | None = Field(default=None, pattern=r"^[^/]+(/[^/]+)*$")
    tag_class: Literal["basic", "business", "marketing", "algorithm"] = Field(
        alias="class"
    )
    type: Literal["number", "enum", "bool", "date", "text"]
    owner: str
    refresh: Literal["daily", "weekly", "monthly"]
    min_fill: float = Field(ge=0, le=1)
    values: dict[str | int, str] = Field(default_factory=dict)
    consent_purpose: Literal["child_data"] | None = None

    @model_validator(mode="after")
    def _enums_list_their_values(self) -> TagEntry:
        if (self.type == "enum") != bool(self.values):
            raise ValueError("values are listed for an enum, and for nothing else")
        wrong = [v for v in self.values if not CODE.fullmatch(str(v))]
        if wrong:
            raise ValueError(f"values {wrong} are not snake_case codes")
        return self


@dataclass(frozen=True)
class Tag:
    """One tag: a column and its entry."""

    code: str
    entity: str
    family: str
    data_type: str
    description: str
    entry: TagEntry
    file: Path


@dataclass(frozen=True)
class Segment:
    """One segment: a file and its front matter."""

    code: str
    goal: str
    entry: SegmentEntry
    sql: str
    file: Path

    @property
    def member_codes(self) -> list[str]:
        """Codes it has members under: its own, and one per group of a split."""
        groups = (f"{self.code}{GROUP_SEPARATOR}{group}" for group in self.entry.groups)
        return [self.code, *groups]


def load_tags(project: Path) -> list[Tag]:
    """Return the tags of a dbt project, ordered by file and column."""
    owners = load_owners(project)
    tags: list[Tag] = []
    for file in sorted((project / "models" / "tags").glob("*/tags_*.yml")):
        entity, family = file.stem.removeprefix("tags_").split("_", 1)
        for model in _yaml(file).get("models", []):
            for column in model.get("columns", []):
                meta = column.get("config", {}).get("meta", {})
                if "tag" in meta:
                    tags.append(_tag(file, entity, family, column, owners))
    for entity in sorted({tag.entity for tag in tags}):
        own = [tag for tag in tags if tag.entity == entity]
        _refuse_twins([(tag.entry.name_zh, tag.code) for tag in own], f"{entity} tags")
    _refuse_twins([(tag.code, str(tag.file)) for tag in tags], "tags")
    return tags


def load_decisions(project: Path) -> dict[tuple[str, str], str]:
    """Return what each family is for, by entity and family: its yml opens with it."""
    decisions = {}
    for file in sorted((project / "models" / "tags").glob("*/tags_*.yml")):
        entity, family = file.stem.removeprefix("tags_").split("_", 1)
        found = DECISIONS.match(file.read_text(encoding="utf-8"))
        if not found:
            raise QuanyuError(
                f"{file}: a family's yml opens with the decisions it serves, "
                "`# Decisions: ...` between `version: 2` and `models:`."
            )
        decisions[entity, family] = " ".join(found["text"].replace("\n# ", " ").split())
    return decisions


def find_tag(tags: list[Tag], code: str) -> Tag:
    """Return the tag called `code`; QuanyuError when there is none."""
    for tag in tags:
        if tag.code == code:
            return tag
    raise QuanyuError(f"There is no tag {code}; `quanyu tag list` lists them.")


def load_segments(project: Path) -> list[Segment]:
    """Return the segments of a dbt project, ordered by goal and code."""
    owners = load_owners(project)
    segments = []
    for file in sorted((project / "models" / "segments").glob("*/seg_*.sql")):
        text = file.read_text(encoding="utf-8")
        if not SEGMENT_CODE.fullmatch(file.stem):
            raise QuanyuError(
                f"{file}: a segment is named seg_<who>: lower case letters, digits and "
                "single _."
            )
        entry, sql = read_front_matter(file, text)
        _check_owner(entry.owner, owners, file, "segment")
        segments.append(
            Segment(
                code=file.stem,
                goal=file.parent.name,
                entry=entry,
                sql=sql,
                file=file,
            )
        )
    _refuse_twins([(one.code, str(one.file)) for one in segments], "segment files")
    _refuse_twins([(one.entry.name_zh, one.code) for one in segments], "segments")
    return segments


def find_segment(segments: Iterable[Segment], code: str) -> Segment:
    """Return the segment called `code`, or the split that has a group called so.

    Raises QuanyuError, with the nearest code, when there is none.
    """
    by_code = {member: one for one in segments for member in one.member_codes}
    if code not in by_code:
        near = nearest(code, by_code)
        raise QuanyuError(
            f"There is no segment {code}{near}; `quanyu segment list` lists them."
        )
    return by_code[code]


def load_owners(project: Path) -> dict[str, str]:
    """Return the groups that may own tags and segments: code -> Chinese name."""
    groups = _yaml(project / "models" / "tags" / "_tags__models.yml").get("groups", [])
    return {group["name"]: group["owner"]["name"] for group in groups}


def _tag(
    file: Path,
    entity: str,
    family: str,
    column: Mapping[str, Any],
    owners: Mapping[str, str],
) -> Tag:
    code = column["name"]
    place = f"column {code}"
    entry = checked(TagEntry, column["config"]["meta"]["tag"], file, place)
    _check_owner(entry.owner, owners, file, place)
    prefix = family if entity == "customer" else entity
    if not code.startswith(f"{prefix}_"):
        raise QuanyuError(
            f"{file}: {place}: a tag of this file is named {prefix}_<what>."
        )
    data_type = str(column.get("data_type", "")).split("(")[0]
    if data_type not in DATA_TYPES[entry.type]:
        raise QuanyuError(
            f"{file}: {place}: data_type {data_type or 'missing'} does not carry a tag "
            f"of type {entry.type}; use {' or '.join(DATA_TYPES[entry.type])}."
        )
    if not all(isinstance(value, str) for value in entry.values):
        raise QuanyuError(
            f"{file}: {place}: values: YAML reads {list(entry.values)} as other than "
            "text; quote them."
        )
    if not column.get("description"):
        raise QuanyuError(f"{file}: {place}: description is missing.")
    return Tag(
        code=code,
        entity=entity,
        family=family,
        data_type=column["data_type"],
        description=column["description"],
        entry=entry,
        file=file,
    )


def _check_owner(owner: str, owners: Mapping[str, str], file: Path, place: str) -> None:
    if owner not in owners:
        raise QuanyuError(
            f"{file}: {place}: owner: {owner!r} is none of {', '.join(owners)} "
            "(groups in models/tags/_tags__models.yml)."
        )


def _refuse_twins(named: list[tuple[str, str]], what: str) -> None:
    seen: dict[str, str] = {}
    for name, code in named:
        if name in seen:
            raise QuanyuError(f"Two {what} are called {name}: {seen[name]} and {code}.")
        seen[name] = code


def _yaml(file: Path) -> dict[str, Any]:
    try:
        # libyaml where the wheel has it: ten times as fast.
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return yaml.load(file.read_text(encoding="utf-8"), loader) or {}  # noqa: S506
    except yaml.YAMLError as error:
        raise QuanyuError(f"{file}: not valid YAML: {error}.") from error
