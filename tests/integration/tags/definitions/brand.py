"""The brand family."""

from __future__ import annotations

from decimal import Decimal

from tests.integration.tags.person import Person


def brand_main(person: Person) -> str | None:
    ranked = []
    for brand, bought in person.brands().items():
        spent = sum((net for day, net in bought if person.within(day, 365)), Decimal(0))
        last = max((day.toordinal() for day, net in bought if net > 0), default=0)
        ranked.append((-spent, -last, brand))
    return min(ranked)[2] if ranked else None
