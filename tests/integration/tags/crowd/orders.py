"""Orders with parcels, gifts and returns; some are not sales."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from tests.integration.tags.crowd.base import CHANNELS, PRODUCTS, SHOPS, TODAY, Crowd


def add(crowd: Crowd, customer_id: int) -> None:
    # Some have been silent for months.
    silence = timedelta(days=crowd.rng.choice([0, 0, 0, 100]))
    for _ in range(crowd.rng.choice([0, 1, 2, 5, 15])):
        order(crowd, customer_id, crowd.moment(900) - silence)


def order(crowd: Crowd, customer_id: int, at: datetime) -> None:
    """One payment: one or two parcels, gifts, returns; some are not sales."""
    rng = crowd.rng
    channel, parent = rng.choice(CHANNELS), crowd.key()
    state = rng.choices(["completed", "shipped", "closed", "deposit"], [12, 1, 2, 1])[0]
    valid = state in ("completed", "shipped")
    shop = rng.choice([shop for shop in SHOPS if SHOPS[shop][0] == channel])
    received = at + timedelta(days=rng.choice([0, 1, 6, 9]))
    for _ in range(rng.choice([1, 1, 2])):
        order_key, goods, net = crowd.key(), Decimal(0), Decimal(0)
        for _ in range(rng.randrange(1, 4)):
            price, kept = line(crowd, customer_id, order_key, at, valid)
            goods += price
            net += kept
        crowd.marts["fct_orders"].append(
            {
                "order_key": order_key,
                "parent_order_key": parent,
                "customer_id": customer_id,
                "channel_code": channel,
                "shop_code": shop,
                "brand_code": SHOPS[shop][1],
                "order_type": "presale" if state == "deposit" else "sale",
                "order_status": "deposit_paid" if state == "deposit" else state,
                "deposit_paid_at": at if state == "deposit" else None,
                "paid_at": at if valid else None,
                "paid_on": at.date() if valid else None,
                "completed_at": received
                if state == "completed" and received.date() <= TODAY
                else None,
                "goods_amount": goods,
                "net_amount": net,
                "is_valid_order": valid,
                "invalid_reason": None if valid else "cancelled",
            }
        )


def line(
    crowd: Crowd, customer_id: int, order_key: int, at: datetime, valid: bool
) -> tuple[Decimal, Decimal]:
    """One line: its price, and what is kept of it after refunds."""
    rng = crowd.rng
    product, line_key = rng.randrange(1, len(PRODUCTS) + 1), crowd.key()
    is_gift = rng.random() < 0.15
    quantity = rng.choice([1, 1, 2, 4])
    price = Decimal(0) if is_gift else Decimal(rng.choice([500, 4999, 29900])) / 100
    net = price
    if not is_gift and rng.random() < 0.2:
        status = rng.choice(["completed", "completed", "applied"])
        if status == "completed":
            net = Decimal(0)
        crowd.marts["fct_refunds"].append(
            {
                "order_key": order_key,
                "order_line_key": line_key,
                "customer_id": customer_id,
                "refund_type": rng.choice(["return", "refund_only"]),
                "status": status,
                "quantity": rng.randrange(1, quantity + 1),
                "refund_amount": price,
                "completed_on": refunded_on(crowd, at)
                if status == "completed"
                else None,
            }
        )
    crowd.marts["fct_order_lines"].append(
        {
            "order_line_key": line_key,
            "order_key": order_key,
            "customer_id": customer_id,
            "brand_code": PRODUCTS[product - 1][3],
            "product_key": product,
            "line_type": "gift" if is_gift else "sale",
            "quantity": quantity,
            "net_amount": net,
            "paid_at": at if valid else None,
            "paid_on": at.date() if valid else None,
            "is_valid_line": valid and not is_gift,
        }
    )
    return price, net


def refunded_on(crowd: Crowd, paid_at: datetime) -> date:
    """Some days after it was paid, before the points count or long after."""
    days = crowd.rng.choice([0, 3, 20, 200])
    return min(paid_at.date() + timedelta(days=days), TODAY)
