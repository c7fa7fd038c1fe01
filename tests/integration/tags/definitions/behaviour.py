"""The behaviour family."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from tests.integration.tags.person import Person

LOOKS = ("page_view", "product_view", "search", "check_in")


def behaviour_cart_unordered_count_7d(person: Person) -> int | None:
    seen = [
        row
        for row in person.of("fct_events")
        if row["event_type"] in LOOKS or row["event_type"].endswith("_cart")
    ]
    if not seen:
        return None
    happenings = [
        (row["occurred_at"], row["event_type"], row["product_key"], row["quantity"])
        for row in seen
        if row["event_type"].endswith("_cart") and person.within(row["occurred_on"], 7)
    ]
    happenings += [
        (row["paid_at"], "order", row["product_key"], None)
        for row in person.lines
        if row["is_valid_line"]
    ]
    cart: dict[int | None, Decimal] = defaultdict(Decimal)
    for _, kind, product, quantity in sorted(happenings, key=lambda one: one[0]):
        if kind == "order":
            cart[product] = Decimal(0)
        else:
            sign = 1 if kind == "add_to_cart" else -1
            cart[product] += sign * (1 if quantity is None else quantity)
    return int(sum(pieces for pieces in cart.values() if pieces > 0))
