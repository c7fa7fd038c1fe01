"""Who there is, and what they put into carts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from tests.integration.tags.crowd.base import PRODUCTS, Crowd


def add(crowd: Crowd, customer_id: int) -> None:
    rng = crowd.rng
    joined = crowd.moment(700)
    crowd.marts["dim_customers"].append(
        {
            "customer_id": customer_id,
            "gender": rng.choice(["female", "male", "unknown"]),
            "birthday": date(rng.randrange(1950, 2000), 3, rng.randrange(1, 29)),
            "is_member": rng.random() < 0.8,
            "joined_at": joined,
            "joined_channel_code": rng.choice(["tmall", "pos", "mini_program"]),
            "is_tmall_member": rng.random() < 0.4,
            "is_employee": rng.random() < 0.05,
            "member_tier_tmall": (None, "V1", "V2")[customer_id % 3],
            "member_tier_youzan": (None, "银卡")[customer_id % 2],
            "member_tier_pos": (None, "金卡", "白金")[customer_id // 2 % 3],
        }
    )
    crowd.marts["fct_events"].append(
        event(crowd, customer_id, "join", joined, product=None)
    )
    for _ in range(rng.choice([0, 0, 3, 8])):
        kind = rng.choice(
            ["page_view", "add_to_cart", "add_to_cart", "remove_from_cart", "share"]
        )
        product = rng.randrange(1, len(PRODUCTS) + 1)
        crowd.marts["fct_events"].append(
            event(crowd, customer_id, kind, crowd.moment(40), product)
        )


def event(
    crowd: Crowd, customer_id: int, kind: str, at: datetime, product: int | None
) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "channel_code": "youzan",
        "event_type": kind,
        "occurred_at": at,
        "occurred_on": at.date(),
        "product_key": product,
        "quantity": crowd.rng.choice([None, 1, 2]),
    }
