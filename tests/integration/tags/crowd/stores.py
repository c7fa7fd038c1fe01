"""Which store sold, whether a guide served, and who has a guide of their own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.integration.tags.crowd.base import TODAY, Crowd

STORES = (
    ("S1", "上海市", "tier_1", True),
    ("S2", "苏州市", "new_tier_1", False),
    ("S3", "洛阳市", "tier_3", True),
)


def rows() -> list[dict[str, Any]]:
    return [
        {
            "store_code": code,
            "name": f"{city}店",
            "city": city,
            "city_tier": tier,
            "status": "open",
            "has_guide": has_guide,
        }
        for code, city, tier, has_guide in STORES
    ]


def add(crowd: Crowd, customer_id: int) -> None:
    rng = crowd.rng
    sold: dict[int, dict[str, Any]] = {}
    for order in crowd.marts["fct_orders"]:
        if order["customer_id"] == customer_id and order["channel_code"] == "pos":
            receipt = {
                "store_code": rng.choice(STORES)[0],
                "staff_code": rng.choice([None, "G1"]),
            }
            order.update(sold.setdefault(order["parent_order_key"], receipt))
    for _ in range(rng.choice([0, 0, 1, 2])):
        began = TODAY - timedelta(days=rng.choice([300, 30, 0, -1]))
        ended = TODAY + timedelta(days=rng.choice([-1, 0, 1]))
        crowd.marts["dim_guide_assignments"].append(
            {
                "customer_id": customer_id,
                "staff_code": f"G{crowd.key()}",
                "valid_from": began,
                "valid_to": rng.choice([None, ended]),
            }
        )
