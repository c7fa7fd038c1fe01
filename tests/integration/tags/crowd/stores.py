"""Which store sold, whether a guide served, and who has a guide of their own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.integration.tags.crowd.base import TODAY, Crowd
from tests.integration.tags.crowd.places import GUIDES, STORES


def add(crowd: Crowd, customer_id: int) -> None:
    rng = crowd.rng
    sold: dict[int, dict[str, Any]] = {}
    for order in crowd.marts["fct_orders"]:
        if order["customer_id"] == customer_id and order["channel_code"] == "pos":
            receipt = {
                # The last two are left to few, or nobody.
                "store_code": rng.choice(STORES[:6]),
                "staff_code": rng.choice([None, "G1"]),
            }
            order.update(sold.setdefault(order["parent_order_key"], receipt))
    for _ in range(rng.choice([0, 0, 1, 2])):
        began = TODAY - timedelta(days=rng.choice([300, 30, 0, -1]))
        ended = TODAY + timedelta(days=rng.choice([-1, 0, 1]))
        crowd.marts["dim_guide_assignments"].append(
            {
                "customer_id": customer_id,
                "staff_code": rng.choice(GUIDES),
                "valid_from": began,
                "valid_to": rng.choice([None, ended]),
            }
        )
