"""Single values of a condition: which kind they are, what they can be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlglot import exp

from audience.vocabulary import Kind

_LARGEST = {"integer": 2**31, "bigint": 2**63}


def number_kind(digits: str) -> Kind:
    """Return the kind PostgreSQL gives a written number: the smallest it fits."""
    whole, point, decimals = digits.partition(".")
    if point:
        return Kind("numeric", len(decimals))
    for name, largest in _LARGEST.items():
        if int(whole) < largest:
            return Kind(name)
    return Kind("numeric")


def wider(kinds: Sequence[Kind]) -> Kind:
    """Return the kind that numbers of several kinds become together."""
    names = {kind.name for kind in kinds}
    for name in ("numeric", "bigint"):
        if name in names:
            return Kind(name, max(kind.scale for kind in kinds))
    return Kind("integer")


def is_never_zero(node: exp.Expr) -> bool:
    """Whether a term is a number but 0, or nullif(..., 0)."""
    if isinstance(node, exp.Nullif):
        zero = node.expression
        return isinstance(zero, exp.Literal) and not zero.this.strip("0.")
    return isinstance(node, exp.Literal) and bool(node.this.strip("0."))


def is_day(node: exp.Expr) -> bool:
    """Whether a term is a text that says a day: 'yyyy-mm-dd'."""
    if not isinstance(node, exp.Literal) or len(node.this) != len("2017-12-31"):
        return False
    try:
        date.fromisoformat(node.this)
    except ValueError:
        return False
    return True
