"""The value family."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache

from tests.integration.tags import states
from tests.integration.tags.definitions.purchase import (
    purchase_days_since_last_order,
    purchase_net_amount_365d,
    purchase_ticket_amount_365d,
)
from tests.integration.tags.person import Person
from tests.integration.tags.rows import Tables


def _points(person: Person) -> list[int]:
    silent = purchase_days_since_last_order(person)
    points = [
        person.cut("value_points_spend", purchase_net_amount_365d(person)),
        person.cut("value_points_frequency", len(person.year())),
        person.cut("value_points_recency", 99999 if silent is None else silent),
    ]
    return [int(one or 0) for one in points]


def value_tier(person: Person) -> str | None:
    if not person.purchases:
        return None
    return person.cut("value_tier", sum(_points(person)))


@lru_cache(maxsize=2)
def _spent(tables: Tables, today: date) -> dict[int, Decimal]:
    """What everybody who spent within a year did spend."""
    everybody = (
        Person(row["customer_id"], tables, today) for row in tables["dim_customers"]
    )
    spent = {one.customer_id: purchase_net_amount_365d(one) for one in everybody}
    return {customer: amount for customer, amount in spent.items() if amount > 0}


def value_ticket_level(person: Person) -> str | None:
    tier, ticket = value_tier(person), purchase_ticket_amount_365d(person)
    if tier is None or ticket is None:
        return None
    return person.cut("value_ticket_level", ticket, tier)


def value_points_count(person: Person) -> int | None:
    return sum(_points(person)) if person.purchases else None


def value_next_tier_gap_count(person: Person) -> int | None:
    points = value_points_count(person)
    if points is None or value_tier(person) == "v5":
        return None
    more = points
    while person.cut("value_tier", more) == value_tier(person):
        more += 1
    return more - points


def value_spend_percentile_rate(person: Person) -> Decimal | None:
    spent = _spent(person.tables, person.today)
    if person.customer_id not in spent:
        return None
    below = sum(one < spent[person.customer_id] for one in spent.values())
    rate = Decimal(below) / max(len(spent) - 1, 1)
    return rate.quantize(Decimal("0.0001"), rounding="ROUND_HALF_UP")


def value_is_top_spender(person: Person) -> bool:
    rate = value_spend_percentile_rate(person)
    return rate is not None and rate >= Decimal("0.8")


def value_pareto_class(person: Person) -> str | None:
    spent = _spent(person.tables, person.today)
    if person.customer_id not in spent:
        return None
    total, above = sum(spent.values()), Decimal(0)
    for amount in sorted(spent.values(), reverse=True):
        if amount == spent[person.customer_id]:
            break
        above += amount
    if above < total * Decimal("0.80"):
        return "a"
    return "b" if above < total * Decimal("0.95") else "c"


def value_tier_entered_on(person: Person) -> date | None:
    return states.entered_on(person, value_tier)


def value_previous_tier(person: Person) -> str | None:
    return states.previous(person, value_tier)


def value_tier_30d_ago(person: Person) -> str | None:
    return states.ago(person, value_tier, 30)


def value_tier_90d_ago(person: Person) -> str | None:
    return states.ago(person, value_tier, 90)


def value_tier_direction_90d(person: Person) -> str | None:
    return states.direction(person, value_tier, "value_tier", 90)
