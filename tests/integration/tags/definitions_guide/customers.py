"""Guides: the customers family."""

from __future__ import annotations

from decimal import Decimal

from tests.integration.tags.things import Guide, payments


def guide_customer_count(guide: Guide) -> int:
    return len(guide.assigned | guide.friends)


def guide_assigned_count(guide: Guide) -> int:
    return len(guide.assigned)


def guide_friend_count(guide: Guide) -> int:
    return len(guide.friends)


def guide_assigned_not_friend_count(guide: Guide) -> int:
    return len(guide.assigned - guide.friends)


def guide_new_friend_count_90d(guide: Guide) -> int:
    return sum(guide.within(one["added_on"], 90) for one in guide.contacts)


def guide_lost_friend_count_90d(guide: Guide) -> int:
    return sum(
        one["deleted_by"] == "contact" and guide.within(one["deleted_on"], 90)
        for one in guide.contacts
    )


def guide_high_value_count(guide: Guide) -> int:
    return sum(
        guide.known(one, "tags.tags_customer_value", "value_tier") in ("v4", "v5")
        for one in guide.assigned | guide.friends
    )


def guide_sleeper_count(guide: Guide) -> int:
    return sum(
        guide.known(one, "tags.tags_customer_lifecycle", "lifecycle_stage")
        in ("sleeping", "lost")
        for one in guide.assigned | guide.friends
    )


def guide_customer_buyer_rate_90d(guide: Guide) -> Decimal | None:
    buyers = {
        one.customer_id
        for one in payments(guide.tables).values()
        if one.net > 0 and guide.within(one.day, 90)
    }
    return guide.share(
        (one in buyers for one in guide.assigned | guide.friends), "guide"
    )
