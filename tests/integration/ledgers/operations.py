"""Random operations on points accounts: small domains, so that the edges are met."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

TODAY = date(2019, 6, 30)
STARTS_ON = date(2016, 7, 1)
DAYS = (TODAY - date(2016, 1, 1)).days
OPERATIONS_EACH = 40
SHARES = tuple(map(Decimal, ("0.1", "0.333", "0.5", "1")))

POOLS = """\
pool_code,pool_kind,name_zh,starts_on
group,group,集团,2016-07-01
beauty,brand,美妆,2017-01-01
"""

# Goods of the beauty shop earn in both pools and are paid for from its own; the group
# goes over from a rolling half-year to a day of clearing; a cap is tightened; of the
# multipliers some meet on one day.
RULES = """\
rule_code,entry_kind,pool_code,channel_code,brand_code,condition_kind,condition_value,rate,days,month_day,valid_from,valid_to,why
earn_home,earn,group,all,home,,,1,7,,2000-01-01,2099-12-31,x
earn_beauty_group,earn,group,all,beauty,,,0.5,0,,2000-01-01,2018-03-31,x
earn_beauty,earn,beauty,all,beauty,,,2,15,,2000-01-01,2099-12-31,x
silver,multiply,group,all,all,tier,silver,1.2,,,2000-01-01,2099-12-31,x
gold,multiply,group,all,all,tier,gold,1.5,,,2000-01-01,2018-12-31,x
gold_later,multiply,group,all,all,tier,gold,1.7,,,2019-01-01,2099-12-31,x
diamond,multiply,group,all,all,tier,diamond,2,,,2000-01-01,2099-12-31,x
birthday,multiply,beauty,all,all,birthday_month,,3,,,2000-01-01,2099-12-31,x
birthday_group,multiply,group,all,all,birthday_month,,1.3,,,2000-01-01,2099-12-31,x
double11,multiply,group,tmall,all,promotion,double11,2.5,,,2000-01-01,2099-12-31,x
cap,cap,group,all,all,,,900,,,2000-01-01,2017-12-31,x
cap_tight,cap,group,all,all,,,400,,,2018-01-01,2099-12-31,x
redeem_home,redeem,group,all,home,,,100,,,2000-01-01,2099-12-31,x
redeem_beauty,redeem,beauty,all,beauty,,,50,,,2000-01-01,2099-12-31,x
rolling,expire,group,all,all,rolling,,,180,,2000-01-01,2018-06-30,x
clearing,expire,group,all,all,year_end,,,,03-31,2018-07-01,2099-12-31,x
clearing_beauty,expire,beauty,all,all,year_end,,,,01-15,2000-01-01,2099-12-31,x
"""

SHOPS = {
    "t_home": ("tmall", "home"),
    "p_home": ("pos", "home"),
    "t_beauty": ("tmall", "beauty"),
}

Marts = dict[str, list[dict[str, Any]]]


def operations(count: int, seed: int) -> Marts:
    """Return marts with so many earns, spends, refunds and entries given back."""
    rng = random.Random(seed)
    marts: Marts = {
        name: []
        for name in ("dim_customers", "fct_orders", "fct_refunds", "fct_points")
    }
    marts["dim_shops"] = [
        {"shop_code": shop, "channel_code": channel, "brand_code": brand}
        for shop, (channel, brand) in SHOPS.items()
    ]
    customer_id = 0
    while count > 0:
        customer_id += 1
        mine = min(count, rng.choice([1, 5, OPERATIONS_EACH, 2 * OPERATIONS_EACH]))
        _customer(marts, rng, customer_id, mine)
        count -= mine
    return marts


def _customer(marts: Marts, rng: random.Random, customer_id: int, count: int) -> None:
    member = rng.random() < 0.95
    marts["dim_customers"].append(
        {
            "customer_id": customer_id,
            "birthday": rng.choice([None, date(1990, rng.randrange(1, 13), 5)]),
            "is_member": member,
            "joined_at": _moment(rng, rng.randrange(400)) if member else None,
        }
    )
    # Half of a life happens in a few weeks: ties, caps and debts are met there.
    crowded = rng.randrange(DAYS - 40)
    orders: list[dict[str, Any]] = []
    for _ in range(count):
        day = rng.randrange(DAYS) if rng.random() < 0.5 else crowded + rng.randrange(40)
        kind = rng.choices(
            ["order", "refund", "redeem", "give_back", "old"], [50, 18, 24, 5, 3]
        )[0]
        if kind == "order" or (kind == "refund" and not orders):
            orders.append(_order(marts, rng, customer_id, day))
        elif kind == "refund":
            _refund(marts, rng, rng.choice(orders))
        else:
            _entry(marts, rng, customer_id, kind, day)


def _order(
    marts: Marts, rng: random.Random, customer_id: int, day: int
) -> dict[str, Any]:
    shop = rng.choice(list(SHOPS))
    paid_at = _moment(rng, day)
    state = rng.choices(["completed", "shipped", "closed", "cancelled"], [90, 4, 3, 3])[
        0
    ]
    received = paid_at + timedelta(days=rng.choice([0, 0, 1, 6, 12]))
    order = {
        "order_key": _key(rng),
        "customer_id": customer_id,
        "channel_code": SHOPS[shop][0],
        "shop_code": shop,
        "brand_code": SHOPS[shop][1],
        "order_status": "closed" if state == "cancelled" else state,
        "is_valid_order": state != "cancelled",
        "paid_at": paid_at,
        "paid_on": _day(paid_at),
        "completed_at": received
        if state == "completed" and _day(received) <= TODAY
        else None,
        "goods_amount": rng.choice([1, 1, 10])
        * Decimal(rng.choice([0, 60, 100, 499, 2500, 33333]))
        / 100,
    }
    marts["fct_orders"].append(order)
    return order


def _refund(marts: Marts, rng: random.Random, order: dict[str, Any]) -> None:
    """Refunds of a part or the whole, some before the points are confirmed."""
    paid_on: date = order["paid_on"]
    day = paid_on + timedelta(days=rng.choice([0, 1, 3, 10, 30, 200, 500]))
    if day <= TODAY:
        marts["fct_refunds"].append(
            {
                "refund_key": _key(rng),
                "order_key": order["order_key"],
                "status": rng.choice(["completed", "completed", "completed", "closed"]),
                "refund_amount": (order["goods_amount"] * rng.choice(SHARES)).quantize(
                    Decimal("0.01")
                ),
                "completed_on": day,
            }
        )


def _entry(
    marts: Marts, rng: random.Random, customer_id: int, kind: str, day: int
) -> None:
    """What a channel tells: spending, giving back, and its statement of before."""
    if kind == "old":
        day = rng.randrange((STARTS_ON - date(2016, 1, 1)).days + 60)
    at = _moment(rng, day)
    entry_type = {
        "redeem": "redeem", "give_back": "return",
        "old": rng.choice(["earn", "earn", "redeem", "expire", "return"]),
    }[kind]  # fmt: skip
    points = rng.choice([10, 50, 100, 300])
    if entry_type in ("redeem", "expire") or (kind == "old" and entry_type == "return"):
        points = -points
    shop = rng.choice(list(SHOPS))
    marts["fct_points"].append(
        {
            "points_key": _key(rng),
            "customer_id": customer_id,
            "channel_code": SHOPS[shop][0],
            "shop_code": shop,
            "entry_type": entry_type,
            "points": points,
            "occurred_at": at,
            "occurred_on": _day(at),
            "expires_on": rng.choice([None, _day(at) + timedelta(days=200)])
            if entry_type == "earn"
            else None,
        }
    )


def _moment(rng: random.Random, day: int) -> datetime:
    """A moment of a day in China; whole hours, so that many are the same."""
    start = datetime(2015, 12, 31, 16, tzinfo=UTC)
    return start + timedelta(days=day, hours=rng.randrange(24))


def _day(moment: datetime) -> date:
    return (moment + timedelta(hours=8)).date()


def _key(rng: random.Random) -> int:
    return rng.getrandbits(62)
