# ruff: noqa: PLR0911, PLR0912 - one case per kind of node, nothing shared
"""A condition, person by person in plain Python: what the engines are held to.

None is unknown. Numbers are fractions, so nothing is rounded but where `round` says so.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlglot import exp

from audience.predicate_kinds import CONDITIONS

COMPARED = {
    exp.EQ: lambda a, b: a == b,
    exp.NEQ: lambda a, b: a != b,
    exp.GT: lambda a, b: a > b,
    exp.GTE: lambda a, b: a >= b,
    exp.LT: lambda a, b: a < b,
    exp.LTE: lambda a, b: a <= b,
}
MONTHS = {"month": 1, "year": 12}
DAYS = {"day": 1, "week": 7}


def holds(node: exp.Expr, person: Mapping[str, Any], today: date) -> bool | None:
    """Return whether a condition is true of a person; None when that is unknown."""

    def value(term: exp.Expr) -> Any:
        return _value(term, person, today)

    def inner(condition: exp.Expr) -> bool | None:
        return holds(condition, person, today)

    match node:
        case exp.Paren():
            return inner(node.this)
        case exp.Not():
            found = inner(node.this)
            return None if found is None else not found
        case exp.And():
            return _all([inner(node.this), inner(node.expression)])
        case exp.Or():
            return _not(_all([_not(inner(node.this)), _not(inner(node.expression))]))
        case exp.Between():
            low, high = node.args["low"], node.args["high"]
            return _all(
                [
                    _compare(exp.GTE, value(node.this), value(low)),
                    _compare(exp.LTE, value(node.this), value(high)),
                ]
            )
        case exp.In():
            each = [
                _compare(exp.EQ, value(node.this), value(one))
                for one in node.expressions
            ]
            return _not(_all([_not(one) for one in each]))
        case exp.Is():
            found = value(node.this)
            if isinstance(node.expression, exp.Boolean):
                same = found is node.expression.this
            else:
                same = found is None
            return same != bool(node.args.get("negate"))
        case exp.NullSafeEQ():
            return _day(value(node.this)) == _day(value(node.expression))
        case exp.NullSafeNEQ():
            return _day(value(node.this)) != _day(value(node.expression))
        case exp.Like() | exp.RegexpLike() | exp.StartsWith():
            text = value(node.this)
            is_denied = bool(node.args.get("negate"))
            return None if text is None else _matches(node, text) != is_denied
    if type(node) in COMPARED:
        return _compare(type(node), value(node.this), value(node.expression))
    found = value(node)
    assert found is None or isinstance(found, bool)
    return found


def _value(node: exp.Expr, person: Mapping[str, Any], today: date) -> Any:
    def value(term: exp.Expr) -> Any:
        return _value(term, person, today)

    if isinstance(node, CONDITIONS):
        return holds(node, person, today)
    match node:
        case exp.Paren():
            return value(node.this)
        case exp.Literal():
            return node.this if node.is_string else Fraction(node.this)
        case exp.Boolean():
            return bool(node.this)
        case exp.Column():
            return today if node.name == "base_date" else _plain(person[node.name])
        case exp.Cast():
            found = value(node.this)
            is_date = node.args["to"].is_type("date")
            return date.fromisoformat(found) if is_date else found
        case exp.Interval():
            return (int(node.this.this), node.unit.name.lower().removesuffix("s"))
        case exp.Coalesce():
            values = map(value, [node.this, *node.expressions])
            return next((one for one in values if one is not None), None)
        case exp.Greatest() | exp.Least():
            values = [value(one) for one in [node.this, *node.expressions]]
            known = [_day(one) for one in values if one is not None]
            best = max if isinstance(node, exp.Greatest) else min
            return best(known) if known else None
        case exp.Extract():
            return _part(node.this.name.lower(), value(node.expression))
    this, other = value(node.this), None
    if node.args.get("expression"):
        other = value(node.expression)
    if isinstance(node, exp.Nullif):
        return None if this is None or _day(this) == _day(other) else this
    if this is None or (other is None and node.args.get("expression")):
        return None
    match node:
        case exp.Neg():
            return -this
        case exp.Abs():
            return abs(this)
        case exp.Length():
            return Fraction(len(this))
        case exp.Floor():
            return Fraction(this.__floor__())
        case exp.Ceil():
            return Fraction(this.__ceil__())
        case exp.Round():
            places = 10 ** int(
                node.args["decimals"].this if node.args["decimals"] else 0
            )
            half = (abs(this) * places + Fraction(1, 2)).__floor__()
            return Fraction(half, places) * (1 if this >= 0 else -1)
        case exp.Mod():
            return this - other * _whole(this / other)
        case exp.Div():
            whole = node.meta["kind"].is_whole
            return Fraction(_whole(this / other)) if whole else this / other
        case exp.Mul():
            if isinstance(this, tuple):
                return (this[0] * int(other), this[1])
            return this * other
        case exp.Add() | exp.Sub():
            return _moved(this, other, 1 if isinstance(node, exp.Add) else -1)
    raise AssertionError(f"{type(node).__name__} is new here")


def _moved(this: Any, other: Any, sign: int) -> Any:
    if not isinstance(this, date):
        return this + sign * other
    if isinstance(other, date):
        return Fraction((this - other).days)
    if not isinstance(other, tuple):
        return this + timedelta(days=sign * int(other))
    number, unit = other
    if unit in DAYS:
        return this + timedelta(days=sign * number * DAYS[unit])
    months = this.year * 12 + this.month - 1 + sign * number * MONTHS[unit]
    year, month = divmod(months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(this.day, last))


def _part(part: str, day: date | None) -> Fraction | None:
    if day is None:
        return None
    return Fraction(
        {
            "year": day.year,
            "quarter": (day.month + 2) // 3,
            "month": day.month,
            "day": day.day,
            "doy": day.timetuple().tm_yday,
            "isodow": day.isoweekday(),
        }[part]
    )


def _matches(node: exp.Expr, text: str) -> bool:
    pattern = node.expression.this
    if isinstance(node, exp.StartsWith):
        return text.startswith(pattern)
    if isinstance(node, exp.RegexpLike):
        return bool(re.search(pattern.replace("$", r"\Z"), text, re.DOTALL))
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    regex = "".join(wild.get(one, re.escape(one[-1])) for one in parts)
    return bool(re.fullmatch(regex, text, re.DOTALL))


def _compare(kind: type[exp.Expr], one: Any, other: Any) -> bool | None:
    if one is None or other is None:
        return None
    if isinstance(one, date) or isinstance(other, date):
        one, other = _day(one), _day(other)
    return bool(COMPARED[kind](one, other))


def _day(value: Any) -> Any:
    """Return a text that is a day as that day; other values as they are."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return date.fromisoformat(value)
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return Fraction(value)
    return value


def _whole(number: Fraction) -> int:
    return int(number)  # toward zero


def _all(each: list[bool | None]) -> bool | None:
    if False in each:
        return False
    return None if None in each else True


def _not(one: bool | None) -> bool | None:
    return None if one is None else not one
