"""The cltv family: the forecast is taken as given, which one holds is not."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from tests.integration.tags.person import Person
from tests.integration.tags.published import published
from tests.integration.tags.rows import Row

RATE = Decimal("0.0001")


def _held(person: Person) -> Row | None:
    rows = published(person, "cltv", "ml.cltv_scores")
    return rows[0] if rows else None


def cltv_tier(person: Person) -> str | None:
    row = _held(person)
    return f"{row['orders_tier']}_{row['order_value_tier']}" if row else None


def cltv_amount_365d(person: Person) -> Decimal | None:
    row = _held(person)
    return row["value_365d"] if row else None


def cltv_alive_rate(person: Person) -> Decimal | None:
    row = _held(person)
    if row is None:
        return None
    return Decimal(repr(row["p_alive"])).quantize(RATE, ROUND_HALF_UP)
