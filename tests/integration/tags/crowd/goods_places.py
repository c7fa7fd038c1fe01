"""Goods, stores and guides around the crowd: what is sold, where, and who serves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.integration.tags.crowd.base import PRODUCTS, TODAY, Crowd
from tests.integration.tags.crowd.places import GUIDES, STORES

# Department, category, brand of goods that only these tags need: many, so that some are
# never sold, some only long ago, some only lately.
GOODS = [
    ("MEAT", "BEEF", "supermarket"),
    ("PRODUCE", "APPLES", "supermarket"),
    ("COSMETICS", "MAKEUP AND TREATMENT", "skincare"),
    ("DRUG GM", "TEAS", "ginseng"),
    ("TOYS", None, "baby"),
] * 13
FIRST_KEY = 51


def complete(crowd: Crowd) -> None:
    """Add goods and places to a crowd that is otherwise all there."""
    _goods(crowd)
    _walk_ins(crowd)
    for orders in _parcels(crowd).values():
        _sold_at(crowd, orders)
    _lines(crowd)
    _product_days(crowd)
    _reviews(crowd)
    _traffic(crowd)
    _service(crowd)


def _goods(crowd: Crowd) -> None:
    for row, product in zip(crowd.marts["dim_products"], PRODUCTS, strict=True):
        row.setdefault("brand_code", product[3])
        row.setdefault("list_price_amount", Decimal(crowd.rng.choice([9, 30, 60])))
    for number, (department, category, brand) in enumerate(GOODS):
        crowd.marts["dim_products"].append(
            {
                "product_key": FIRST_KEY + number,
                "item_code": f"item{number}",
                "department": department,
                "category": category,
                "brand_code": brand,
                "list_price_amount": Decimal(crowd.rng.choice([0, 5, 10, 13, 20, 40])),
                "is_gift_set": False,
            }
        )


def _walk_ins(crowd: Crowd) -> None:
    """Receipts of nobody known, one of them too large; some very good buyers."""
    for number in range(60):
        kinds = len(GOODS) - 3 if number == 0 else crowd.rng.randrange(1, 4)
        _receipt(crowd, None, 500, range(FIRST_KEY, FIRST_KEY + kinds))
    for customer_id in range(1, 9):
        for _ in range(25):
            product = FIRST_KEY + crowd.rng.randrange(20)
            _receipt(crowd, customer_id, 300, [product] * crowd.rng.randrange(9, 12))


def _receipt(
    crowd: Crowd, customer_id: int | None, earliest: int, products: Iterable[int]
) -> None:
    key, at = crowd.key(), crowd.moment(earliest)
    order = {
        "order_key": key,
        "parent_order_key": key,
        "customer_id": customer_id,
        "channel_code": "pos",
        "order_type": "sale",
        "order_status": "completed",
        "paid_at": at,
        "paid_on": at.date(),
        "goods_amount": Decimal(0),
        "net_amount": Decimal(0),
        "is_valid_order": True,
    }
    crowd.marts["fct_orders"].append(order)
    for product in products:
        _add_line(crowd, order, product)


def _parcels(crowd: Crowd) -> dict[int, list[dict[str, Any]]]:
    payments = defaultdict(list)
    for order in crowd.marts["fct_orders"]:
        payments[order["parent_order_key"]].append(order)
    return payments


def _sold_at(crowd: Crowd, orders: list[dict[str, Any]]) -> None:
    """Give one payment its store and guide, and more goods."""
    rng = crowd.rng
    if orders[0]["channel_code"] == "pos":
        # The last store sells to nobody, the one before it to few.
        store = rng.choice(STORES[:6] * 9 + [STORES[6]])
        serving = [*GUIDES[STORES.index(store) :: len(STORES)], None, None]
        staff = rng.choice(serving)
        for order in orders:
            order["store_code"], order["staff_code"] = store, staff
    if orders[0].get("is_valid_order"):
        for _ in range(rng.randrange(4)):
            number = int(len(GOODS) * rng.random() ** 4)
            since = (TODAY - orders[0]["paid_on"]).days
            # The last ones are never sold; of the others some only long ago or lately.
            begins, ends = ((0, 999), (120, 999), (0, 40), (0, 200))[number % 4]
            if number < len(GOODS) - 2 and begins <= since <= ends:
                _add_line(crowd, rng.choice(orders), FIRST_KEY + number)


def _add_line(crowd: Crowd, order: dict[str, Any], product: int) -> None:
    rng = crowd.rng
    goods = Decimal(rng.choice([499, 1000, 2500])) / 100
    net = rng.choice([goods, goods, goods, Decimal(0)])
    line_key = crowd.key()
    if not net:
        crowd.marts["fct_refunds"].append(
            {
                "order_key": order["order_key"],
                "order_line_key": line_key,
                "customer_id": order.get("customer_id"),
                "refund_type": "refund_only",
                "status": "completed",
                "quantity": Decimal(0),
                "refund_amount": goods,
                "completed_on": order["paid_on"],
            }
        )
    crowd.marts["fct_order_lines"].append(
        {
            "order_line_key": line_key,
            "order_key": order["order_key"],
            "customer_id": order.get("customer_id"),
            "brand_code": GOODS[product - FIRST_KEY][2],
            "product_key": product,
            "line_type": "sale",
            "quantity": Decimal(rng.choice([1, 1, 2])),
            "goods_amount": goods,
            "net_amount": net,
            "paid_at": order["paid_at"],
            "paid_on": order["paid_on"],
            "is_valid_line": True,
        }
    )
    order["goods_amount"] += goods
    order["net_amount"] += net


def _lines(crowd: Crowd) -> None:
    """Say of every line what it would have cost."""
    for line in crowd.marts["fct_order_lines"]:
        line.setdefault("goods_amount", line["net_amount"] or Decimal("19.99"))
        off = crowd.rng.choice([Decimal(0), Decimal(0), Decimal("2.50")])
        line.setdefault("list_amount", line["goods_amount"] + off)


def _product_days(crowd: Crowd) -> None:
    """Sum the lines up by day, as the mart does; some days only take goods back."""
    known = {row["product_key"] for row in crowd.marts["dim_products"]}
    days: dict[tuple[int, Any], dict[str, Any]] = {}
    for line in crowd.marts["fct_order_lines"]:
        if line["is_valid_line"] and line["product_key"] in known:
            key = (line["product_key"], line["paid_on"])
            day = days.setdefault(key, {"sold_quantity": 0, "sold_amount": 0})
            day["first_sold_at"] = line["paid_at"]
            day["sold_quantity"] += line["quantity"]
            day["sold_amount"] += line["goods_amount"]
    for number in (*range(5), len(GOODS) - 1):
        key = (FIRST_KEY + number, TODAY - timedelta(days=number))
        days.setdefault(key, {})["returned_quantity"] = 1
    crowd.marts["fct_product_days"] = [
        {"product_key": product, "occurred_on": on, **day}
        for (product, on), day in days.items()
    ]


def _reviews(crowd: Crowd) -> None:
    for _ in range(60):
        crowd.marts["fct_reviews"].append(
            {
                "review_key": crowd.key(),
                "product_key": crowd.rng.choice([1, 2, 5, 51, 52, 55, None]),
                "rating": crowd.rng.randrange(1, 6),
                "reviewed_on": crowd.moment(500).date(),
            }
        )


def _traffic(crowd: Crowd) -> None:
    """Hours at four doors; one counter misses people, one never saw the street."""
    rng = crowd.rng
    for number, store in enumerate(STORES[:4]):
        for hour in range(9, 21):
            for day in rng.sample(range(40), 6):
                entries = 0 if number == 0 and hour < 15 else rng.randrange(6)
                crowd.marts["fct_store_traffic"].append(
                    {
                        "traffic_key": crowd.key(),
                        "store_code": store,
                        "occurred_on": TODAY - timedelta(days=day),
                        "hour_of_day": hour,
                        "entry_count": entries,
                        "passer_count": None if number == 1 else entries + 2,
                        "receipt_count": rng.randrange(9 if number == 2 else 2),
                        "goods_amount": Decimal(rng.randrange(90)),
                    }
                )


def _service(crowd: Crowd) -> None:
    """Whom guides serve, and what they were asked to do."""
    rng = crowd.rng
    people = [row["customer_id"] for row in crowd.marts["dim_customers"]]
    for guide in GUIDES[:-1]:
        for customer_id in rng.sample(people, rng.randrange(9)):
            ends = rng.choice([None, None, TODAY, TODAY - timedelta(days=1)])
            crowd.marts["dim_guide_assignments"].append(
                {
                    "customer_id": customer_id,
                    "staff_code": guide,
                    "valid_from": TODAY - timedelta(days=rng.choice([0, 99, -3])),
                    "valid_to": ends,
                }
            )
            if rng.random() < 0.7:
                _contact(crowd, guide, rng.choice([customer_id, *people[:20], None]))
        for _ in range(rng.randrange(9)):
            _task(crowd, guide)


def _contact(crowd: Crowd, guide: str, customer_id: int | None) -> None:
    rng = crowd.rng
    added = rng.choice([crowd.moment(400), crowd.moment(400), None])
    deleted = rng.choice([None, crowd.moment(150)])
    crowd.marts["fct_guide_contacts"].append(
        {
            "guide_contact_key": crowd.key(),
            "customer_id": customer_id,
            "staff_code": guide,
            "added_at": added,
            "deleted_at": deleted,
            "deleted_by": rng.choice(["guide", "contact"]) if deleted else None,
            "is_current": deleted is None,
        }
    )


def _task(crowd: Crowd, guide: str) -> None:
    rng = crowd.rng
    given: datetime = crowd.moment(500)
    due = given + timedelta(days=rng.choice([1, 3, 30]))
    done = given + timedelta(days=rng.randrange(5)) if rng.random() < 0.7 else None
    outcomes = ["reached", "bought", "refused", "not_reached"]
    crowd.marts["fct_guide_tasks"].append(
        {
            "guide_task_key": crowd.key(),
            "staff_code": guide,
            "task_type": "follow_up",
            "assigned_at": given,
            "assigned_on": given.date(),
            "due_at": due,
            "done_at": done,
            "outcome": rng.choice(outcomes) if done else None,
        }
    )
