"""A checked condition as PostgreSQL and as DuckDB, which must count the same people.

Both are written anew from the checked tree. DuckDB differs in what is below: whole
numbers divide to a fraction, decimals to a double; products of decimals overflow at 18
digits; a day moves by an INTEGER only; `like` knows no escape; a dot is no line end.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlglot import exp

from audience.condition import BASE_DATE
from audience.predicate_kinds import COMPARISONS, KIND, is_ratio
from audience.vocabulary import Kind

# Room for every product the checker lets pass.
_DIGITS = 38
_MIRRORED: dict[type[Any], type[Any]] = {
    exp.GT: exp.LT,
    exp.LT: exp.GT,
    exp.GTE: exp.LTE,
    exp.LTE: exp.GTE,
}


def to_postgres(tree: exp.Expr, base_date: date) -> str:
    """Return a checked tree as PostgreSQL; names stand for columns of one table."""
    return tree.transform(
        lambda node: (
            _day(base_date)
            if isinstance(node, exp.Column) and node.name == BASE_DATE
            else node
        )
    ).sql(dialect="postgres")


def to_duckdb(tree: exp.Expr, base_date: date) -> exp.Expr:
    """Return a checked tree for DuckDB; names stand for columns of the copy."""
    return _Writer(base_date).write(tree)


class _Writer:
    def __init__(self, base_date: date) -> None:
        self.base_date = base_date
        self.special: dict[type[exp.Expr], Callable[..., exp.Expr]] = {
            exp.Column: self._column,
            exp.Literal: self._literal,
            exp.Cast: self._cast,
            exp.Interval: lambda node: node.copy(),
            exp.Add: self._sum,
            exp.Sub: self._sum,
            exp.Mul: self._product,
            exp.Div: self._quotient,
            exp.Mod: self._quotient,
            exp.Like: self._like,
            exp.RegexpLike: self._regex,
            exp.Extract: self._extract,
            **dict.fromkeys(COMPARISONS, self._comparison),
        }

    def write(self, node: exp.Expr) -> exp.Expr:
        """Return a node for DuckDB."""
        if isinstance(node, (exp.And, exp.Or)):
            parts = [self.write(part) for part in node.flatten(unnest=False)]
            join = exp.and_ if isinstance(node, exp.And) else exp.or_
            return join(*parts, copy=False)
        return self.special.get(type(node), self._same)(node)

    def _same(self, node: exp.Expr) -> exp.Expr:
        return type(node)(
            **{
                name: [self.write(one) for one in argument]
                if isinstance(argument, list)
                else self.write(argument)
                if isinstance(argument, exp.Expr)
                else argument
                for name, argument in node.args.items()
            }
        )

    def _column(self, node: exp.Expr) -> exp.Expr:
        if node.name == BASE_DATE:
            return _day(self.base_date)
        return exp.column(node.name, quoted=True)

    def _literal(self, node: exp.Expr) -> exp.Expr:
        if node.is_string:
            text = exp.Literal.string(node.this)
            is_day = node.meta.get(KIND) == Kind("date")
            return exp.cast(text, "date") if is_day else text
        return exp.Literal.number(node.this.removesuffix("."))

    def _cast(self, node: exp.Expr) -> exp.Expr:
        # To numeric: here every whole number is exact already.
        if node.args["to"].is_type("date"):
            return exp.cast(exp.Literal.string(node.this.this), "date")
        return exp.paren(self.write(node.this), copy=False)

    def _sum(self, node: exp.Expr) -> exp.Expr:
        kind = node.meta[KIND].name
        written = self._same(node)
        if kind == "date":
            written.set("expression", exp.cast(written.expression, "int"))
        elif node.this.meta[KIND].name == "date" and kind == "integer":
            written = exp.cast(exp.paren(written, copy=False), "int")
        return written

    def _product(self, node: exp.Expr) -> exp.Expr:
        if node.meta[KIND].name != "numeric":
            return self._same(node)
        return exp.Mul(
            this=self._wide(node.this), expression=self._wide(node.expression)
        )

    def _wide(self, node: exp.Expr) -> exp.Expr:
        scale = node.meta[KIND].scale
        return exp.cast(self.write(node), f"decimal({_DIGITS}, {scale})")

    def _quotient(self, node: exp.Expr) -> exp.Expr:
        kind = exp.IntDiv if isinstance(node, exp.Div) else exp.Mod
        return kind(this=self.write(node.this), expression=self.write(node.expression))

    def _comparison(self, node: exp.Expr) -> exp.Expr:
        left, right = node.this, node.expression
        if is_ratio(right):
            mirrored = _MIRRORED.get(type(node), type(node))
            return self._ratio(mirrored, right, left)
        if is_ratio(left):
            return self._ratio(type(node), left, right)
        return self._same(node)

    def _ratio(
        self, comparison: type[Any], ratio: exp.Expr, other: exp.Expr
    ) -> exp.Expr:
        """Return a / b < c as a < b * c where b is positive, a > b * c where negative.

        So no digit is lost, as none is in PostgreSQL's numeric.
        """
        quotient = ratio.unnest()
        above, below = quotient.this, quotient.expression

        def compared(kind: type[Any]) -> exp.Expr:
            product = exp.Mul(this=self._wide(other), expression=self._wide(below))
            return kind(this=self._wide(above), expression=product)

        def sign(kind: type[Any]) -> exp.Expr:
            return kind(this=self.write(below), expression=exp.Literal.number(0))

        mirrored = _MIRRORED.get(comparison, comparison)
        result = (
            exp.case()
            .when(sign(exp.GT), compared(comparison))
            .when(sign(exp.LT), compared(mirrored))
        )
        return exp.paren(result, copy=False)

    def _like(self, node: exp.Expr) -> exp.Expr:
        like = self._same(node)
        if "\\" not in node.expression.this:
            return like
        return exp.Escape(this=like, expression=exp.Literal.string("\\"))

    def _regex(self, node: exp.Expr) -> exp.Expr:
        flag = exp.Literal.string("s")
        return exp.func(
            "regexp_matches", self.write(node.this), self.write(node.expression), flag
        )

    def _extract(self, node: exp.Expr) -> exp.Expr:
        return exp.Extract(
            this=node.this.copy(), expression=self.write(node.expression)
        )


def _day(day: date) -> exp.Expr:
    return exp.cast(exp.Literal.string(day.isoformat()), "date")
