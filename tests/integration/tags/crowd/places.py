"""Regions, shops, stores and guides that everybody shares."""

from __future__ import annotations

from datetime import timedelta

from tests.integration.tags.crowd.base import SHOPS, TODAY, Crowd

REGIONS = [
    # code, city, tier
    ("110100", "北京市", "tier_1"),
    ("310100", "上海市", "tier_1"),
    ("410300", "洛阳市", "tier_3"),
    ("610100", "西安市", "new_tier_1"),
]
STORES = [f"S{number}" for number in range(1, 9)]
GUIDES = [f"G{number}" for number in range(1, 15)]


def build(crowd: Crowd) -> None:
    """Add them to a crowd that has nobody yet."""
    rng = crowd.rng
    for code, city, tier in REGIONS:
        crowd.marts["dim_regions"].append(
            {"region_code": code, "province": city, "city": city, "city_tier": tier}
        )
    for shop, (channel, brand) in SHOPS.items():
        crowd.marts["dim_shops"].append(
            {"shop_code": shop, "channel_code": channel, "brand_code": brand}
        )
    for number, code in enumerate(STORES):
        region, city, tier = REGIONS[number % 3]
        crowd.marts["dim_stores"].append(
            {
                "store_code": code,
                "name": f"{city}{code}店",
                "region_code": region,
                "city": city,
                "city_tier": tier,
                "status": "closed" if number % 4 == 3 else "open",
                "opened_on": TODAY - timedelta(days=rng.randrange(3000)),
                "has_guide": number % 3 > 0,
            }
        )
    for number, code in enumerate(GUIDES):
        status = ("active", "leaving", "left", "active")[number % 4]
        crowd.marts["dim_guides"].append(
            {
                "staff_code": code,
                "name": code,
                "store_code": STORES[number % len(STORES)],
                "role": rng.choice(["guide", "guide", "manager", "cashier"]),
                "status": status,
                "hired_on": TODAY - timedelta(days=500 + rng.randrange(900)),
                "left_on": TODAY - timedelta(days=9) if status == "left" else None,
            }
        )
