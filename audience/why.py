"""Why somebody is in a segment or not: each part of its SQL with their answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from psycopg import sql
from sqlglot import exp

from audience.condition import Clause, Condition
from audience.entries import Segment, Tag
from audience.front_matter import ENTITY_KEYS
from audience.history import last_day
from audience.predicates import parse_predicate
from audience.segment_sql import (
    built_query,
    condition_of,
    statement,
    with_base_date,
)
from audience.steps import query_answers
from audience.vocabulary import Vocabulary
from audience.why_answers import Answer
from warehouse.connection import Connection
from warehouse.errors import QuanyuError

DIMENSIONS = {
    "customer": "tags.customer_tags_wide",
    "product": "tags.product_tags_wide",
    "store": "tags.store_tags_wide",
    "guide": "tags.guide_tags_wide",
}
MASKED = "***"


@dataclass(frozen=True)
class Explanation:
    """A segment's answer about somebody.

    `codes` are the segment's codes that the members table holds them under: none when
    they are not in it. `answers` are the parts of its SQL as of `day`.
    """

    segment: Segment
    member: Any
    asked: Any  # the id that was asked for, which `member` has taken over
    day: date
    codes: list[str]
    answers: list[Answer]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Person:
    customer_id: int
    day: date
    values: dict[str, str]  # of tags, as people see them


def explain(
    conn: Connection,
    segment: Segment,
    asked: str,
    vocabulary: Vocabulary,
    tags: Mapping[str, Tag],
    *,
    unmask: bool = False,
) -> Explanation:
    """Return why a member of its entity is in a segment or not.

    `tags` by code say how values are shown: by name, and masked, unless `unmask`, where
    a tag needs a consent of its own.
    Raises QuanyuError when there is no such member, or the segment is not built.
    """
    day = last_day(conn)
    if day is None:
        raise QuanyuError("No day of segments is recorded yet: `quanyu run` does it.")
    member, notes = _member(conn, segment, asked), []
    if str(member) != asked:
        notes.append(f"{asked} is {member} today.")
    if segment.entry.kind == "snapshot":
        notes.append(_frozen(conn, segment, member))
    condition = condition_of(segment)
    show = partial(_shown, tags, unmask)
    if condition:
        parsed = parse_predicate(condition, vocabulary)
        values = _values(conn, parsed, member, show)
        person = _Person(member, day, values)
        answers = [_answer(conn, clause, person) for clause in parsed.clauses]
    else:
        key = ENTITY_KEYS[segment.entry.entity]
        query = built_query(conn, segment)
        answers = query_answers(
            conn,
            query,
            key,
            member,
            show,
        )
    codes = _codes(conn, segment, member)
    return Explanation(segment, member, asked, day, codes, answers, notes)


def _member(conn: Connection, segment: Segment, asked: str) -> Any:
    """Return the key of a member as its table has it, today's id of a customer."""
    entity = segment.entry.entity
    key, table = ENTITY_KEYS[entity], sql.Identifier(*DIMENSIONS[entity].split("."))
    ids = [asked]
    if entity == "customer":
        row = conn.execute(
            "select customer_id from identity.oneid_alias where old_id::text = %s",
            [asked],
        ).fetchone()
        if row and row[0] is None:
            raise QuanyuError(f"Customer {asked} is gone, and nobody took over.")
        ids = [str(row[0])] if row else ids
    row = conn.execute(
        sql.SQL("select {key} from {table} where {key}::text = %s").format(
            key=sql.Identifier(key), table=table
        ),
        ids,
    ).fetchone()
    if not row:
        raise QuanyuError(f"There is no {entity} with {key} {asked}.")
    return row[0]


def _codes(conn: Connection, segment: Segment, member: Any) -> list[str]:
    entity = segment.entry.entity
    infix = "" if entity == "customer" else f"{entity}_"
    rows = conn.execute(
        sql.SQL(
            "select segment_code from {} where {} = %s and segment_code = any(%s)"
            " order by segment_code"
        ).format(
            sql.Identifier("segments", f"segment_{infix}members"),
            sql.Identifier(ENTITY_KEYS[entity]),
        ),
        [member, segment.member_codes],
    )
    return [row[0] for row in rows]


def _frozen(conn: Connection, segment: Segment, customer_id: int) -> str:
    """Say what a snapshot keeps of somebody; its condition only tells of today."""
    on_day = segment.entry.snapshot_on
    row = conn.execute(
        sql.SQL(
            """
            select max(frozen.frozen_on), max(frozen.customer_id) filter (
                where coalesce(aliases.customer_id, frozen.customer_id) = %s
            )
            from {} as frozen
            left join identity.oneid_alias as aliases
                on frozen.customer_id = aliases.old_id
            where frozen.snapshot_on = %s
            """
        ).format(sql.Identifier("segments", f"{segment.code}__frozen")),
        [customer_id, on_day],
    ).fetchone()
    frozen_on, then = row or (None, None)
    if frozen_on is None:
        return f"It is to be frozen on {on_day}; until then nobody is in it."
    was = "was not in it" if then is None else f"was in it as {then}"
    return (
        f"It was frozen on {frozen_on} and does not change: {customer_id} {was}. "
        "What follows is its condition today."
    )


def _answer(conn: Connection, clause: Clause, of: _Person) -> Answer:
    row = conn.execute(
        statement(
            exp.select(with_base_date(clause.tree, of.day))
            .from_(exp.to_table(DIMENSIONS["customer"]))
            .where(exp.column("customer_id").eq(of.customer_id))
        )
    ).fetchone()
    parts = [_answer(conn, part, of) for part in clause.clauses]
    values = {} if parts else {name: of.values[name] for name in sorted(clause.names)}
    return Answer(clause.text, row and row[0], values, clause.joined, parts)


def _values(
    conn: Connection,
    condition: Condition,
    customer_id: int,
    show: Callable[[str, Any], str],
) -> dict[str, str]:
    """Return a customer's values of the tags a condition reads, as people see them."""
    names = sorted(condition.names)
    row = conn.execute(
        sql.SQL("select {} from {} where customer_id = %s").format(
            sql.SQL(", ").join(map(sql.Identifier, names)),
            sql.Identifier(*DIMENSIONS["customer"].split(".")),
        ),
        [customer_id],
    ).fetchone()
    return {
        name: show(name, value) for name, value in zip(names, row or (), strict=True)
    }


def _shown(tags: Mapping[str, Tag], unmask: bool, name: str, value: Any) -> str:
    if value is None:
        return "null"
    entry = tags[name].entry if name in tags else None
    if entry and entry.consent_purpose and not unmask:
        return MASKED
    text = str(value).lower() if isinstance(value, bool) else str(value)
    label = entry.values.get(value) if entry else None
    return f"{text} {label}" if label else text
