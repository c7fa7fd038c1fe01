"""The timing family: the forecast is taken as given, which one holds is not."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from tests.integration.tags.person import Person
from tests.integration.tags.published import published
from tests.integration.tags.rows import Row

RATE = Decimal("0.0001")


def _held(person: Person) -> Row | None:
    rows = published(person, "purchase_time", "ml.purchase_time_scores")
    return rows[0] if rows else None


def _rate(person: Person, column: str) -> Decimal | None:
    row = _held(person)
    if row is None:
        return None
    return Decimal(repr(row[column])).quantize(RATE, ROUND_HALF_UP)


def timing_next_purchase_on(person: Person) -> date | None:
    row = _held(person)
    return row["expected_on"] if row else None


def timing_purchase_rate_7d(person: Person) -> Decimal | None:
    return _rate(person, "probability_7d")


def timing_purchase_rate_30d(person: Person) -> Decimal | None:
    return _rate(person, "probability_30d")
