"""The value family."""

from __future__ import annotations

from tests.integration.tags.definitions.purchase import (
    purchase_days_since_last_order,
    purchase_net_amount_365d,
)
from tests.integration.tags.person import Person


def value_tier(person: Person) -> str | None:
    if not person.purchases:
        return None
    silent = purchase_days_since_last_order(person)
    points = [
        person.cut("value_points_spend", purchase_net_amount_365d(person)),
        person.cut("value_points_frequency", len(person.year())),
        person.cut("value_points_recency", 99999 if silent is None else silent),
    ]
    return person.cut("value_tier", sum(int(one or 0) for one in points))
