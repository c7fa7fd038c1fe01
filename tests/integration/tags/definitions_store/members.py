"""Stores: the members family."""

from __future__ import annotations

from decimal import Decimal

from tests.integration.tags.subject import ratio
from tests.integration.tags.things import Store, first_payments, payments


def store_buyer_count_365d(store: Store) -> int:
    return len(store.buyers)


def store_member_count_365d(store: Store) -> int:
    return sum(_members(store))


def store_new_customer_count_365d(store: Store) -> int:
    first = first_payments(store.tables)
    return sum(
        first[customer_id] in {one.paid_at for one in paid}
        for customer_id, paid in store.buyers.items()
    )


def store_identified_order_rate_365d(store: Store) -> Decimal | None:
    known = sum(one.customer_id is not None for one in store.year)
    return ratio(known, len(store.year))


def store_repurchase_rate_365d(store: Store) -> Decimal | None:
    return store.share((len(paid) > 1 for paid in store.buyers.values()), "store")


def store_member_rate_365d(store: Store) -> Decimal | None:
    return store.share(_members(store), "store")


def store_high_value_rate_365d(store: Store) -> Decimal | None:
    tiers = [
        store.known(one, "tags.tags_customer_value", "value_tier")
        for one in store.buyers
    ]
    return store.share((tier in ("v4", "v5") for tier in tiers), "store")


def store_sleeper_rate_365d(store: Store) -> Decimal | None:
    stages = [
        store.known(one, "tags.tags_customer_lifecycle", "lifecycle_stage")
        for one in store.buyers
    ]
    return store.share((stage in ("sleeping", "lost") for stage in stages), "store")


def store_online_buyer_rate_365d(store: Store) -> Decimal | None:
    online = {
        one.customer_id
        for one in payments(store.tables).values()
        if one.channel != "pos" and store.within(one.day, 365)
    }
    return store.share((one in online for one in store.buyers), "store")


def store_friend_rate_365d(store: Store) -> Decimal | None:
    friends = {
        row["customer_id"]
        for row in store.tables["fct_guide_contacts"]
        if row["is_current"]
    }
    return store.share((one in friends for one in store.buyers), "store")


def _members(store: Store) -> list[bool]:
    return [
        bool(store.known(one, "dim_customers", "is_member")) for one in store.buyers
    ]
