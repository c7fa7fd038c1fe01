"""What each step of a built query says about one member: its CTEs, the operands of
union, intersect and except, the clauses of its last filter, the groups of a split."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlglot import exp

from audience.segment_sql import draws, statement, written
from audience.why_answers import Answer
from warehouse.connection import Connection

GROUP = "group_code"
_SET_WORDS = {exp.Union: "union", exp.Intersect: "intersect", exp.Except: "except"}


def query_answers(
    conn: Connection,
    query: exp.Query,
    key: str,
    member: Any,
    show: Callable[[str, Any], str],
) -> list[Answer]:
    """Return the answers of a query's steps about a member, in the order written.

    `key` is the column of the members (customer_id); `query` is one of built_query;
    `show` says how people see a column's value.
    """
    query = query.copy()
    with_ = query.args.get("with_")
    query.set("with_", None)
    steps = _Steps(conn, with_, key, exp.convert(member), show)
    answers = [steps.cte(one.alias) for one in with_.expressions] if with_ else []
    final = query.unnest()
    if isinstance(final, exp.Select):
        return answers + steps.last(final)
    return answers + steps.operands(final)


@dataclass(frozen=True)
class _Steps:
    conn: Connection
    with_: exp.With | None
    key: str
    member: exp.Expr
    show: Callable[[str, Any], str]

    def cte(self, name: str) -> Answer:
        """Say how many rows of a CTE are the member's, or that rows have no member."""
        rows = exp.select("*").from_(exp.to_identifier(name))
        cursor = self.conn.execute(statement(self._after_ctes(rows.limit(0))))
        count = exp.select("count(*)").from_(exp.to_identifier(name))
        if self.key not in {column.name for column in cursor.description or ()}:
            return Answer(
                name, None, note=f"{_rows(self._value(count))}, not by {self.key}"
            )
        found = self._value(count.where(exp.column(self.key).eq(self.member)))
        return Answer(name, found > 0, note=_rows(found))

    def operands(self, node: exp.Expr) -> list[Answer]:
        """Return an answer per operand of union, intersect and except."""
        node = node.unnest()
        if isinstance(node, exp.SetOperation):
            word = _SET_WORDS[type(node)]
            left, right = self.operands(node.this), self.operands(node.expression)
            return [*left, *(replace(one, text=f"{word} {one.text}") for one in right)]
        tables = ", ".join(one.name for one in node.find_all(exp.Table))
        is_in = self._value(self._count_of(node)) > 0
        return [Answer(tables, is_in, note="in it" if is_in else "not in it")]

    def last(self, final: exp.Select) -> list[Answer]:
        """Return the answers of the last select: its rows, its filters, its groups."""
        mine = next(one for one in final.selects if one.alias_or_name == self.key)
        mine = mine.unalias()
        # The member's rows before any filter: what the clauses are asked of.
        rows = exp.Select(
            from_=final.args["from_"], joins=final.args.get("joins")
        ).where(mine.eq(self.member))
        tables = ", ".join(one.alias_or_name for one in rows.find_all(exp.Table))
        found = self._value(rows.copy().select("count(*)"))
        answers = [Answer(f"from {tables}", found > 0, note=_rows(found))]
        where, having = final.args.get("where"), final.args.get("having")
        if where:
            for clause in _conjuncts(where.this):
                some = self._value(rows.copy().select(exp.func("bool_or", clause)))
                values = self._read(rows, clause)
                answers.append(Answer(f"where {written(clause)}", some, values))
            rows = rows.where(where.this)
        if having:
            grouped = rows.copy()
            grouped.set("group", final.args.get("group"))
            for clause in _conjuncts(having.this):
                holds = self._value(grouped.copy().select(clause))
                answers.append(Answer(f"having {written(clause)}", holds))
        group = next((one for one in final.selects if one.alias_or_name == GROUP), None)
        case = group.find(exp.Case) if group is not None else None
        return answers + (self._groups(rows, case) if case else [])

    def _groups(self, rows: exp.Select, case: exp.Case) -> list[Answer]:
        """Return the conditions of a split's groups; the first that holds decides."""
        answers, is_decided = [], False
        branches = [(one.this, one.args["true"]) for one in case.args["ifs"]]
        if case.args.get("default"):
            branches.append((exp.true(), case.args["default"]))
        for condition, group in branches:
            holds = self._value(rows.copy().select(condition))
            note = "decided before" if is_decided else ""
            word = "else" if isinstance(condition, exp.Boolean) else written(condition)
            name = written(group).strip("'")
            values = self._read(rows, condition)
            answers.append(Answer(f"group {name}: {word}", holds, values, note=note))
            is_decided = is_decided or bool(holds)
        return answers

    def _read(self, rows: exp.Select, clause: exp.Expr) -> dict[str, str]:
        """Return the values a clause reads where the member has one row of them."""
        read: dict[str, exp.Expr] = {
            one.name: one for one in clause.find_all(exp.Column)
        }
        for drawn in draws(clause):
            read.pop(self.key, None)
            read["bucket_of"] = drawn
        if not read:
            return {}
        query = rows.copy().select(*(one.copy() for one in read.values())).limit(2)
        found = self.conn.execute(statement(self._after_ctes(query))).fetchall()
        if len(found) != 1:
            return {}
        return {
            name: self.show(name, value)
            for name, value in zip(read, found[0], strict=True)
        }

    def _count_of(self, query: exp.Expr) -> exp.Select:
        return (
            exp.select("count(*)")
            .from_(exp.Subquery(this=query.copy(), alias=exp.to_identifier("operand")))
            .where(exp.column(self.key).eq(self.member))
        )

    def _value(self, query: exp.Select) -> Any:
        row = self.conn.execute(statement(self._after_ctes(query))).fetchone()
        return row[0] if row else None

    def _after_ctes(self, query: exp.Select) -> exp.Select:
        query = query.copy()
        query.set("with_", self.with_.copy() if self.with_ else None)
        return query


def _conjuncts(node: exp.Expr) -> list[exp.Expr]:
    return list(node.flatten()) if isinstance(node, exp.And) else [node]


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"
