"""All of the crowd, subject by subject."""

from __future__ import annotations

import random
from typing import Any

from tests.integration.tags.crowd import coupons, orders, people, points
from tests.integration.tags.crowd.base import PEOPLE, PRODUCTS, SHOPS, Crowd

# Later ones may refer to rows of earlier ones, as a coupon does to an order.
SUBJECTS = (people, orders, points, coupons)


def marts(seed: int) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every mart, the same for a seed."""
    crowd = Crowd(random.Random(seed))
    crowd.marts["dim_products"] = [
        {
            "product_key": number,
            "item_code": item,
            "department": department,
            "category": category,
            "is_gift_set": is_gift_set,
            "consumption_days": days,
            "formula_stage": stage,
        }
        for number, (item, department, category, _, is_gift_set, days, stage) in (
            enumerate(PRODUCTS, start=1)
        )
    ]
    crowd.marts["dim_shops"] = [
        {"shop_code": shop, "channel_code": channel, "brand_code": brand}
        for shop, (channel, brand) in SHOPS.items()
    ]
    for subject in SUBJECTS:
        for customer_id in range(1, PEOPLE + 1):
            subject.add(crowd, customer_id)
    return crowd.marts
