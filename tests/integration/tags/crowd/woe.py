"""What evidence is weighed by: list prices and channels of lines, and fitted bins."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

from tests.integration.tags.crowd.base import TODAY, Crowd

EDGES = {
    "days_since_last_purchase": [7, 30, 90],
    "purchase_days_90d": [1, 2],
    "goods_amount_365d": [49.99, 300],
    "purchase_months_365d": [1, 2, 4],
    "discounted_line_rate_180d": [0.5],
    "online_line_rate_180d": [0.5, 1],
}
# Ginseng is a brand that nothing was fitted for.
BRANDS = ("baby", "skincare", "supermarket")


def add(crowd: Crowd, customer_id: int) -> None:
    channels = {
        order["order_key"]: order["channel_code"] for order in crowd.marts["fct_orders"]
    }
    for line in crowd.marts["fct_order_lines"]:
        if line["customer_id"] == customer_id:
            line.setdefault("goods_amount", line["net_amount"])
            # Every other line below its list price.
            line.setdefault("list_amount", line["goods_amount"] + line["quantity"] % 2)
            line.setdefault("channel_code", channels[line["order_key"]])


def bins() -> list[dict[str, Any]]:
    """Return rows of ml.woe_bins: of last month, in force, and of the one before."""
    return [
        {
            "base_date": TODAY - timedelta(days=age),
            "brand_code": brand,
            "feature": feature,
            "bin_no": number,
            "from_value": start,
            "to_value": end,
            "is_missing": is_missing,
            "row_count": 100,
            "positive_count": 50,
            "woe": age * (number - 2) * (1 + place) / 100,
            "information_value": 0.1,
            "code_version": "test",
            "fitted_at": TODAY,
        }
        for age in (20, 51)
        for place, brand in enumerate(BRANDS)
        for feature, edges in EDGES.items()
        for number, (start, end, is_missing) in enumerate(
            [
                *((start, end, False) for start, end in pairwise([None, *edges, None])),
                (None, None, True),
            ],
            start=1,
        )
    ]
