"""The purchase family."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from tests.integration.tags.person import CENT, SHANGHAI, Person


def purchase_order_count(person: Person) -> int:
    return len(person.purchases)


def purchase_net_amount_365d(person: Person) -> Decimal:
    return sum((one.net for one in person.year()), Decimal(0))


def purchase_ticket_amount_365d(person: Person) -> Decimal | None:
    year = person.year()
    if not year:
        return None
    # PostgreSQL rounds half away from zero; amounts here are never negative.
    return (purchase_net_amount_365d(person) / len(year)).quantize(
        CENT, rounding="ROUND_HALF_UP"
    )


def purchase_days_since_last_order(person: Person) -> int | None:
    kept = [one.day for one in person.purchases if one.net > 0]
    return (person.today - kept[-1]).days if kept else None


def purchase_main_daypart_365d(person: Person) -> str | None:
    parts = [
        (person.cut("daypart_hour", one.paid_at.astimezone(SHANGHAI).hour), one)
        for one in person.year()
    ]
    counts = Counter(part for part, _ in parts)
    # The purchases are in order: among equals the part of the latest one wins.
    best = [part for part, _ in parts if counts[part] == max(counts.values())]
    return best[-1] if best else None
