"""All of the crowd, subject by subject."""

from __future__ import annotations

import random
from types import ModuleType
from typing import Any

from tests.integration.tags.crowd import (
    calendar,
    contacts,
    coupons,
    discounts,
    goods_places,
    orders,
    people,
    places,
    points,
    prices,
    relations,
    signals,
    stores,
    touches,
    woe,
)
from tests.integration.tags.crowd.base import PEOPLE, PRODUCTS, Crowd

# Later ones may refer to rows of earlier ones, as a coupon does to an order.
SUBJECTS = (
    points,
    coupons,
    touches,
    prices,
    stores,
    signals,
    contacts,
    relations,
    discounts,
    woe,
)


def marts(seed: int) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of every mart, the same for a seed."""
    crowd = Crowd(random.Random(seed))
    crowd.marts["dim_products"] = [
        {
            "product_key": number,
            "item_code": item,
            "department": department,
            "category": category,
            "brand_code": brand,
            "manufacturer_code": "69" if number % 3 == 0 else "764",
            "is_gift_set": is_gift_set,
            "consumption_days": days,
            "formula_stage": stage,
        }
        for number, (item, department, category, brand, is_gift_set, days, stage) in (
            enumerate(PRODUCTS, start=1)
        )
    ]
    crowd.marts["dim_dates"] = calendar.days()
    places.build(crowd)
    for subject in (people, orders):
        _everybody(crowd, subject)
    goods_places.complete(crowd)
    for subject in SUBJECTS:
        _everybody(crowd, subject)
    return crowd.marts


def _everybody(crowd: Crowd, subject: ModuleType) -> None:
    for customer_id in range(1, PEOPLE + 1):
        subject.add(crowd, customer_id)
