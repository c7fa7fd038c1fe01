"""A new segment: its file and a unit test, written where they belong.

What is written builds at once. Kinds that are more than one condition begin from the
worked example of their kind instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from audience.condition import Clause, Condition
from audience.entries import SEGMENT_CODE, find_segment, load_segments, load_tags
from audience.front_matter import nearest
from audience.new_tag import write_or_undo
from audience.predicates import parse_predicate
from audience.saved_predicates import load_vocabulary
from audience.vocabulary import Vocabulary
from warehouse.errors import QuanyuError

ONE_CONDITION = ("attributes", "events", "flow", "snapshot")
LINE_LENGTH = 88
_WRAP = 66

_DAY = re.compile(r"\bbase_date(?: (?P<sign>[+-]) (?P<days>\d+))?\b")


@dataclass(frozen=True)
class Wish:
    """What is asked for. `where` is a predicate over customers' tags."""

    goal: str
    code: str
    where: str
    kind: str = "attributes"
    name_zh: str = ""
    description: str = ""
    owner: str = "crm"
    snapshot_on: str = ""


def new_segment(root: Path, wish: Wish) -> list[Path]:
    """Write a segment's file and unit test below `root`; return the files written.

    Raises QuanyuError, and leaves every file as it was, when the goal is unknown, the
    code is taken or the condition cannot be read.
    """
    project = root / "dbt_project"
    folder = project / "models" / "segments"
    segments = load_segments(project)
    goals = sorted({one.goal for one in segments})
    if wish.goal not in goals:
        raise QuanyuError(
            f"There is no goal {wish.goal}{nearest(wish.goal, goals)}; there are "
            f"{', '.join(goals)}."
        )
    if not SEGMENT_CODE.fullmatch(wish.code):
        raise QuanyuError(
            f"{wish.code!r} is not a code: seg_<who>, lower case letters, digits and "
            "single _."
        )
    if any(one.code == wish.code for one in segments):
        raise QuanyuError(
            f"{wish.code} exists: `quanyu segment show {wish.code}` shows it."
        )
    if wish.kind not in ONE_CONDITION:
        raise QuanyuError(
            f"A {wish.kind} is more than one condition: begin from "
            f"{_example(project, wish.kind)}."
        )
    vocabulary = load_vocabulary(project)
    condition = parse_predicate(wish.where, vocabulary)
    tags = {one.code for one in load_tags(project) if one.entity == "customer"}
    _refuse_other_names(condition, wish.where, tags, vocabulary)
    model = folder / wish.goal / f"{wish.code}.sql"
    test = folder / "unit_tests" / f"test_{wish.code}.yml"
    return write_or_undo(root, {model: _model(wish, condition), test: _unit_test(wish)})


def _example(project: Path, kind: str) -> str:
    segments = load_segments(project)
    found = [one.code for one in segments if one.entry.kind == kind]
    if not found:
        raise QuanyuError(f"There is no kind {kind}; docs/segments.md tells them.")
    return str(find_segment(segments, found[0]).file.relative_to(project.parent))


def _refuse_other_names(
    condition: Condition, text: str, tags: set[str], vocabulary: Vocabulary
) -> None:
    """Refuse what the wide table has no column for."""
    words = set(re.findall(r"\w+", text)) & set(vocabulary.saved)
    for name in sorted(words | condition.names):
        if name not in tags:
            raise QuanyuError(
                f"{name} is no column of customer_tags_wide: a segment file says what "
                "it stands for, or reads another segment (kind set_operation)."
            )


def _model(wish: Wish, condition: Condition) -> str:
    entry: dict[str, object] = {
        "name_zh": wish.name_zh or wish.code,
        "description": wish.description or f"Where {wish.where}.",
        "kind": wish.kind,
    }
    if wish.kind == "snapshot":
        entry["snapshot_on"] = wish.snapshot_on
    entry |= {
        "owner": wish.owner,
        "refresh": "daily",
        "expected_size": [0, 1_000_000],
        "play": "To be written",
        "kpi": "To be written",
    }
    is_frozen = wish.kind == "snapshot"
    lines = [
        "{{ config(" + "materialized='frozen', " * is_frozen + "meta={'segment': {",
        *(line for key, value in entry.items() for line in front_line(key, value)),
        "}}) }}",
        "",
        *["-- depends_on: {{ ref('oneid_alias') }}"] * is_frozen,
        "select customer_id",
        "from {{ ref('customer_tags_wide') }}",
        "where",
        _where(condition),
    ]
    return "\n".join(lines) + "\n"


def front_line(key: str, value: object) -> list[str]:
    """Return an entry of front matter as lines of its dict."""
    line = f"    {key!r}: {value!r},"
    if len(line) <= LINE_LENGTH or not isinstance(value, str):
        return [line]
    # A long text is written as Python joins it: one literal a line.
    pieces, rest = [], value
    while len(rest) > _WRAP and " " in rest[:_WRAP]:
        cut = rest.rindex(" ", 0, _WRAP) + 1
        pieces.append(rest[:cut])
        rest = rest[cut:]
    written = [f"        {piece!r}" for piece in [*pieces, rest]]
    return [f"    {key!r}:", *written[:-1], f"{written[-1]},"]


def _where(condition: Condition) -> str:
    """Return a condition with a clause a line, days as dbt writes them."""
    lines = [
        line
        for number, clause in enumerate(condition.clauses)
        for line in _lines(clause, "and " if number else "", len(condition.clauses))
    ]
    return _DAY.sub(_as_macro, "\n".join(f"    {line}" for line in lines))


def _lines(clause: Clause, word: str, siblings: int) -> list[str]:
    if clause.joined != "or":
        return [word + clause.text]
    parts = [
        f"{'or ' if number else ''}{part.text}"
        for number, part in enumerate(clause.clauses)
    ]
    if siblings == 1:
        return parts
    return [f"{word}(", *(f"    {part}" for part in parts), ")"]


def _as_macro(day: re.Match[str]) -> str:
    if not day["days"]:
        return "{{ as_of_date() }}"
    sign = "-" if day["sign"] == "-" else ""
    return f"{{{{ dbt.dateadd('day', {sign}{day['days']}, as_of_date()) }}}}"


def _unit_test(wish: Wish) -> str:
    alias = "      - input: ref('oneid_alias')\n        rows: []\n"
    return (
        "version: 2\n\n"
        "# A stub: give rows on both sides of every edge, and one of nulls.\n"
        "unit_tests:\n"
        f"  - name: {wish.code.removeprefix('seg_')}\n"
        f"    model: {wish.code}\n"
        '    overrides: {vars: {base_date: "2017-12-31"}}\n'
        "    given:\n"
        + (alias if wish.kind == "snapshot" else "")
        + "      - input: ref('customer_tags_wide')\n"
        "        rows: []\n"
        "    expect:\n"
        "      rows: []\n"
    )
