"""A segment's SQL: the condition of a file, and the query that the warehouse holds.

The file's own text serves where it is one condition over customer_tags_wide. All else
is read from the view that dbt built, as PostgreSQL says it: macros are written out, and
it is what the members came from.
"""

from __future__ import annotations

import re
from datetime import date
from typing import LiteralString, cast

import sqlglot
from psycopg import sql as pg
from sqlglot import exp

from audience.condition import BASE_DATE
from audience.entries import Segment
from warehouse.connection import Connection
from warehouse.errors import QuanyuError

_COMMENT = re.compile(r"--[^\n]*\n")
_ONE_CONDITION = re.compile(
    r"select\s+customer_id\s+from\s+{{ ref\('customer_tags_wide'\) }}\s+"
    r"where\s+(?P<condition>.*)",
    re.DOTALL,
)
_TODAY = re.compile(r"{{ as_of_date\(\) }}")
_OTHER_DAY = re.compile(
    r"{{ dbt\.dateadd\('day', (?P<sign>-?)(?P<days>\d+), as_of_date\(\)\) }}"
)


def condition_of(segment: Segment) -> str | None:
    """Return a segment's condition over customer_tags_wide as a predicate.

    None when its file says more than that: other tables, other segments, groups.
    """
    found = _ONE_CONDITION.fullmatch(_COMMENT.sub("", segment.sql).strip())
    if not found:
        return None
    text = _TODAY.sub(BASE_DATE, found["condition"])
    text = _OTHER_DAY.sub(
        lambda day: f"{BASE_DATE} {day['sign'] or '+'} {day['days']}", text
    )
    return None if "{{" in text else text


def built_query(conn: Connection, segment: Segment) -> exp.Query:
    """Return the query of the view that dbt built of a segment.

    Raises QuanyuError when there is none.
    """
    row = conn.execute(
        "select pg_get_viewdef(to_regclass(%s), true)", [f"segments.{segment.code}"]
    ).fetchone()
    if not row or not row[0]:
        raise QuanyuError(
            f"{segment.code} is not in the warehouse: "
            f"`quanyu run --select key:segments/{segment.code}` builds it."
        )
    query = sqlglot.parse_one(row[0].rstrip("; \n"), dialect="postgres")
    if not isinstance(query, exp.Query):
        raise QuanyuError(f"segments.{segment.code} is not a query.")
    return query


def as_literal(day: date) -> exp.Expr:
    """Return a day as SQL."""
    return exp.cast(exp.Literal.string(day.isoformat()), "date")


def with_base_date(tree: exp.Expr, day: date) -> exp.Expr:
    """Return a predicate's tree with base_date put in."""
    return tree.transform(
        lambda node: (
            as_literal(day)
            if isinstance(node, exp.Column) and node.name == BASE_DATE
            else node
        )
    )


def written(tree: exp.Expr) -> str:
    """Return a part of a built query as people would have written it.

    PostgreSQL spells out casts and turns `in` into `= any (array[...])`.
    """
    text = tree.transform(_unspelt).sql(dialect="postgres")
    return re.sub(r"\b[A-Z_]+\b(?=([^']*'[^']*')*[^']*$)", lambda w: w[0].lower(), text)


def statement(tree: exp.Expr) -> pg.SQL:
    """Return a tree as a statement without parameters.

    Its parts were checked (predicates) or written by PostgreSQL itself (views).
    """
    return pg.SQL(cast(LiteralString, tree.sql(dialect="postgres")))


def draws(tree: exp.Expr) -> list[exp.Mod]:
    """Return what the macro bucket_of was written out as, wherever it stands."""
    return [one for one in tree.find_all(exp.Mod) if one.find(exp.MD5)]


def _unspelt(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Paren) and isinstance(node.this, exp.Mod):
        return _unspelt(node.this)
    if isinstance(node, exp.Mod) and (drawn := node.find(exp.MD5)):
        return exp.func("bucket_of", drawn.this.transform(_unspelt))
    if isinstance(node, exp.Cast) and isinstance(node.this, exp.Literal):
        return node.this
    if isinstance(node, exp.EQ) and isinstance(node.expression, exp.Any):
        array = node.expression.this.unnest()
        if isinstance(array, exp.Array):
            values = [one.transform(_unspelt) for one in array.expressions]
            return exp.In(this=node.this.transform(_unspelt), expressions=values)
    return node
