"""What orders would have cost without discounts and coupons."""

from __future__ import annotations

from decimal import Decimal

from tests.integration.tags.crowd.base import Crowd


def add(crowd: Crowd, customer_id: int) -> None:
    for order in crowd.marts["fct_orders"]:
        if order["customer_id"] == customer_id:
            shop, platform, coupon = (
                Decimal(crowd.rng.choice([0, 0, 0, amount])) for amount in (5, 8, 10)
            )
            order["shop_discount_amount"] = shop
            order["platform_discount_amount"] = platform
            order["coupon_amount"] = coupon
            order["list_amount"] = order["goods_amount"] + shop + platform + coupon
            # A pre-sale whose balance was paid is an order like any other.
            if order["is_valid_order"] and crowd.rng.random() < 0.1:
                order["order_type"] = "presale"
