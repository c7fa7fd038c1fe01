"""What channels tell of points: most of it before our ledger starts, or spent."""

from __future__ import annotations

from datetime import date, timedelta

from tests.integration.tags.crowd.base import TODAY, Crowd


def add(crowd: Crowd, customer_id: int) -> None:
    for shop in ("pos_retail", "tmall_market", "tmall_wellness"):
        account(crowd, customer_id, shop)


def account(crowd: Crowd, customer_id: int, shop: str) -> None:
    """A year of an account: lots last 330 days, or end together in December."""
    rng = crowd.rng
    orders = crowd.order_keys(customer_id)
    days = sorted(rng.randrange(700) for _ in range(rng.choice([0, 3, 9])))
    for day in reversed(days):
        on = TODAY - timedelta(days=day)
        kind = rng.choices(["earn", "redeem", "return", "expire"], [6, 3, 2, 1])[0]
        ends = on + timedelta(days=330)
        if shop.startswith("tmall"):
            ends = date(on.year + (on.month == 12), 12, 15)
        gives_back = kind == "return" and rng.random() < 0.3
        crowd.marts["fct_points"].append(
            {
                "points_key": crowd.key(),
                "customer_id": customer_id,
                "channel_code": shop.partition("_")[0],
                "shop_code": shop,
                "entry_type": kind,
                "points": rng.choice([10, 100, 250])
                * (1 if kind == "earn" or gives_back else -1),
                "order_key": rng.choice([*orders, None, None]),
                "expires_on": ends if kind == "earn" else None,
                "occurred_on": on,
            }
        )
