"""Figures that several definitions read alike: shares, indexes, weights by age."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any

from tests.integration.tags.person import CENT, Person

SHARE = Decimal("0.0001")


def rounded(value: Decimal | Fraction, unit: Decimal) -> Decimal:
    """Round half up, as PostgreSQL does with what is not negative."""
    return floor(Fraction(value) / Fraction(unit) + Fraction(1, 2)) * unit


def rules(person: Person, subject: str) -> dict[str, Any]:
    rows = person.tables["preference_rules"]
    return next(row for row in rows if row["subject"] == subject)


def weighed(
    person: Person, purchases: Iterable[tuple[date, Decimal]], subject: str
) -> Decimal:
    """What purchases still say: half as much after each half-life."""
    half_life, total = rules(person, subject)["half_life_days"], Decimal(0)
    for day, net in purchases:
        weight = 0.5 ** ((person.today - day).days / half_life)
        total += net * Decimal(f"{weight:.15g}")
    return total


def indexes(
    person: Person, weights: Callable[[Person], dict[str, Decimal]], name: str
) -> dict[str, Decimal]:
    """Per kind the share in a person's weights beside everybody's, times 100."""

    def add_up() -> Counter[str]:
        total: Counter[str] = Counter()
        for one in person.population():
            total.update(weights(one))  # type: ignore[arg-type]
        return total

    everybody = person.tables.once(name, add_up)
    mine = weights(person)

    def share(kind: str, amounts: Mapping[str, Any]) -> Fraction:
        return Fraction(amounts[kind]) / Fraction(sum(amounts.values()))

    return {
        kind: rounded(100 * share(kind, mine) / share(kind, everybody), CENT)
        for kind in mine
        if everybody[kind]
    }


def ranked(weights: dict[str, Decimal]) -> list[str]:
    return sorted(weights, key=lambda kind: (-weights[kind], kind))
