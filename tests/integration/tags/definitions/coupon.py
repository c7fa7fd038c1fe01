"""The coupon family."""

from __future__ import annotations

from tests.integration.tags.person import Person
from tests.integration.tags.rows import grouped


def coupon_expiring_count_7d(person: Person) -> int:
    status = {row["order_key"]: row["order_status"] for row in person.orders}
    count = 0
    coupons = grouped(
        person.of("fct_coupons"),
        lambda row: (row["channel_code"], row["coupon_id"]),
    )
    for steps in coupons.values():
        steps.sort(key=lambda row: (row["occurred_at"], row["coupon_event_key"]))
        in_hand = False
        for step in steps:
            in_hand = step["action"] in ("claim", "return") or (
                step["action"] == "use" and status.get(step["order_key"]) == "closed"
            )
        starts = [row["valid_from"] for row in steps if row["valid_from"]]
        ends = [row["valid_to"] for row in steps if row["valid_to"]]
        count += bool(
            in_hand
            and ends
            and 0 < (max(ends) - person.today).days <= 7
            and (not starts or max(starts) <= person.today)
        )
    return count
