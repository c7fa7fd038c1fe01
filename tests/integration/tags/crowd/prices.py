"""List prices, discounts and partial refunds: what stands behind what was paid."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from tests.integration.tags.crowd.base import Crowd

# By product in order; two of the same price and category, and one without a price.
LIST_PRICES = ("39.00", "59.00", "59.00", "120.00", "80.00", None, "15.00")


def add(crowd: Crowd, customer_id: int) -> None:
    for product in crowd.marts["dim_products"]:
        price = LIST_PRICES[(product["product_key"] - 1) % len(LIST_PRICES)]
        product.setdefault("list_price_amount", price)
    orders = {
        row["order_key"]: row
        for row in crowd.marts["fct_orders"]
        if row["customer_id"] == customer_id
    }
    refunded: defaultdict[int, Decimal] = defaultdict(Decimal)
    for refund in crowd.marts["fct_refunds"]:
        if refund["customer_id"] == customer_id and refund["status"] == "completed":
            refunded[refund["order_line_key"]] += refund["refund_amount"]
    for order in orders.values():
        order["goods_amount"] = order["refunded_amount"] = Decimal(0)
    for line in crowd.marts["fct_order_lines"]:
        if line["customer_id"] == customer_id:
            price_line(crowd, line, refunded[line["order_line_key"]])
            order = orders[line["order_key"]]
            order["goods_amount"] += line["goods_amount"]
            order["refunded_amount"] += line["refunded_amount"]


def price_line(crowd: Crowd, line: dict[str, Any], refunded: Decimal) -> None:
    """Most lines are kept whole and cost what the list says; net stays what it was."""
    rng, net = crowd.rng, line["net_amount"]
    if line["line_type"] == "sale" and net and line["paid_on"] and rng.random() < 0.25:
        refunded += 5
        crowd.marts["fct_refunds"].append(
            {
                "order_key": line["order_key"],
                "order_line_key": line["order_line_key"],
                "customer_id": line["customer_id"],
                "refund_type": "refund_only",
                "status": "completed",
                "quantity": Decimal(0),
                "refund_amount": Decimal(5),
                "completed_on": line["paid_on"],
            }
        )
    line["refunded_amount"], line["goods_amount"] = refunded, net + refunded
    markup = rng.choice([Decimal(1), Decimal("1.25"), Decimal(2)])
    line["list_amount"] = (net + refunded) * markup
