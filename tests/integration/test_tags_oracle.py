"""Tags and segments on a crowd of random people, against plain loops in Python."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.integration.tag_project import TagProject
from tests.integration.tag_rows import select
from tests.integration.tags_compared import differences
from tests.integration.tags_oracle import SHANGHAI, TAGS
from warehouse.connection import connect

PEOPLE = 150
TODAY = date(2017, 11, 20)
CHANNELS = ("tmall", "youzan", "pos")
PRODUCTS = [
    # item, department, category, brand, gift set, consumption days, formula stage
    ("stage1", "GROCERY", "INFANT FORMULA", "baby", False, 8, 1),
    ("stage2", "GROCERY", "INFANT FORMULA", "baby", False, 8, 2),
    ("stage3", "GROCERY", "INFANT FORMULA", "baby", False, 10, 3),
    ("vitamins", "DRUG GM", "VITAMINS", "ginseng", False, 60, None),
    ("cream", "COSMETICS", "HAND/BODY/FACIAL PRODUCTS", "skincare", False, 45, None),
    ("cake", "PASTRY", "CAKES", "supermarket", False, None, None),
    ("basket", "GROCERY", "GIFT & FRUIT BASKETS", "supermarket", True, None, None),
]


@pytest.fixture(scope="module")
def project(
    module_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TagProject]:
    """The crowd's tags and segments, built as of today."""
    project = TagProject(tmp_path_factory.mktemp("tags"))
    project.land(Crowd(random.Random(7)).marts)
    project.build(TODAY.isoformat())
    return project


def test_tags_agree_with_their_definitions(project: TagProject) -> None:
    with connect() as conn:
        assert differences(conn, TODAY) == []


def test_the_crowd_is_worth_the_comparison(project: TagProject) -> None:
    with connect() as conn:
        rows = select(conn, "tags.customer_tags_wide")
        assert len(rows) == PEOPLE
        for code in TAGS:
            assert len({row[code] for row in rows}) > 1, f"{code} is constant"
        assert differences(conn, TODAY - timedelta(days=9))


def test_joined_but_not_ordered(project: TagProject) -> None:
    expected = set()
    with connect() as conn:
        orders = [r for r in select(conn, "marts.fct_orders") if r["is_valid_order"]]
        for join in select(conn, "marts.fct_events"):
            if join["event_type"] != "join":
                continue
            if not 7 <= (TODAY - join["occurred_on"]).days <= 30:
                continue
            ordered = any(
                order["customer_id"] == join["customer_id"]
                and join["occurred_at"]
                < order["paid_at"]
                <= join["occurred_at"] + timedelta(days=7)
                for order in orders
            )
            if not ordered:
                expected.add(join["customer_id"])
        assert members(conn)["seg_joined_no_order_7d"] == expected
    assert expected


def test_quality_people_without_bakery(project: TagProject) -> None:
    with connect() as conn:
        found = members(conn)
        bakers = {
            line["customer_id"]
            for line in select(conn, "marts.fct_order_lines")
            if line["product_key"] == product_key("cake")
            and line["is_valid_line"]
            and line["paid_on"] > TODAY - timedelta(days=30)
        }
    assert found["seg_quality_no_bakery"] == found["seg_quality"] - bakers
    assert found["seg_quality"] & bakers


def test_membership_history_only_grows_by_differences(project: TagProject) -> None:
    with connect() as conn:
        first_day = members(conn)
        first_events = events(conn)
    assert len(first_events) == sum(map(len, first_day.values()))

    # The same day again, even as a full refresh, adds nothing.
    project.build(TODAY.isoformat(), "--full-refresh", "--select", "+segment_members+")
    with connect() as conn:
        assert events(conn) == first_events

    tomorrow = TODAY + timedelta(days=12)
    project.build(tomorrow.isoformat())
    with connect() as conn:
        second_day = members(conn)
        assert first_events < events(conn)
        for day, expected in ((TODAY, first_day), (tomorrow, second_day)):
            was: dict[str, set[int]] = {}
            for stay in select(conn, "segments.segment_member_history"):
                left_on = stay["left_on"]
                if stay["entered_on"] <= day and (left_on is None or left_on > day):
                    was.setdefault(stay["segment_code"], set()).add(stay["customer_id"])
            assert was == expected
    assert first_day != second_day


def members(conn: Any) -> dict[str, set[int]]:
    """Return who is in which segment."""
    found: dict[str, set[int]] = {}
    for row in select(conn, "segments.segment_members"):
        found.setdefault(row["segment_code"], set()).add(row["customer_id"])
    return found


def events(conn: Any) -> set[tuple[Any, ...]]:
    """Return all membership events, run ids aside."""
    return {
        tuple(value for name, value in row.items() if name != "run_id")
        for row in select(conn, "segments.segment_membership_event")
    }


def product_key(item: str) -> int:
    """Return the key of a product of the crowd."""
    return 1 + [product[0] for product in PRODUCTS].index(item)


class Crowd:
    """Random people with crowded lives: small domains, so that the edges are met."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.next_key = 100
        self.marts: dict[str, list[dict[str, Any]]] = {
            name: []
            for name in (
                "dim_customers",
                "fct_orders",
                "fct_order_lines",
                "fct_refunds",
                "fct_events",
                "fct_points",
                "fct_coupons",
                "fct_touches",
            )
        }
        self.marts["dim_products"] = [
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
        for customer_id in range(1, PEOPLE + 1):
            self.live(customer_id)

    def key(self) -> int:
        self.next_key += 1
        return self.next_key

    def moment(self, earliest: int) -> datetime:
        """A moment of the last `earliest` days, often near the end or on a feast."""
        days = self.rng.choice(
            [
                self.rng.randrange(earliest),
                self.rng.randrange(min(earliest, 35)),
                self.rng.choice([day for day in (0, 7, 30, 365) if day < earliest]),
            ]
        )
        clock = time(self.rng.randrange(24), self.rng.randrange(60))
        return datetime.combine(TODAY - timedelta(days=days), clock, SHANGHAI)

    def live(self, customer_id: int) -> None:
        rng = self.rng
        joined = self.moment(700)
        self.marts["dim_customers"].append(
            {
                "customer_id": customer_id,
                "gender": rng.choice(["female", "male", "unknown"]),
                "birthday": date(rng.randrange(1950, 2000), 3, rng.randrange(1, 29)),
                "is_member": rng.random() < 0.8,
                "joined_at": joined,
                "is_employee": rng.random() < 0.02,
            }
        )
        self.marts["fct_events"].append(
            self.event(customer_id, "join", joined, product=None)
        )
        for _ in range(rng.choice([0, 1, 2, 5, 15])):
            self.order(customer_id)
        for _ in range(rng.choice([0, 0, 3, 8])):
            kind = rng.choice(
                ["page_view", "add_to_cart", "add_to_cart", "remove_from_cart", "share"]
            )
            product = rng.randrange(1, len(PRODUCTS) + 1)
            self.marts["fct_events"].append(
                self.event(customer_id, kind, self.moment(40), product)
            )
        for shop in ("pos_retail", "tmall_market"):
            self.points(customer_id, shop)
        for _ in range(rng.choice([0, 1, 3])):
            self.coupon(customer_id)
        for _ in range(rng.choice([0, 2, 8])):
            self.marts["fct_touches"].append(
                {
                    "customer_id": customer_id,
                    "status": rng.choice(["delivered", "failed", "unsubscribed"]),
                    "sent_on": self.moment(60).date(),
                }
            )

    def event(
        self, customer_id: int, kind: str, at: datetime, product: int | None
    ) -> dict[str, Any]:
        return {
            "customer_id": customer_id,
            "event_type": kind,
            "occurred_at": at,
            "occurred_on": at.date(),
            "product_key": product,
            "quantity": self.rng.choice([None, 1, 2]),
        }

    def order(self, customer_id: int) -> None:
        """One payment: one or two parcels, gifts, returns; some are not sales."""
        rng = self.rng
        channel, at, parent = rng.choice(CHANNELS), self.moment(1000), self.key()
        state = rng.choices(
            ["completed", "shipped", "closed", "deposit"], [12, 1, 2, 1]
        )[0]
        valid = state in ("completed", "shipped")
        for _ in range(rng.choice([1, 1, 2])):
            order_key, net = self.key(), Decimal(0)
            for _ in range(rng.randrange(1, 4)):
                net += self.line(customer_id, order_key, at, valid)
            self.marts["fct_orders"].append(
                {
                    "order_key": order_key,
                    "parent_order_key": parent,
                    "customer_id": customer_id,
                    "channel_code": channel,
                    "order_type": "presale" if state == "deposit" else "sale",
                    "order_status": "deposit_paid" if state == "deposit" else state,
                    "deposit_paid_at": at if state == "deposit" else None,
                    "paid_at": at if valid else None,
                    "paid_on": at.date() if valid else None,
                    "goods_amount": net,
                    "net_amount": net,
                    "is_valid_order": valid,
                    "invalid_reason": None if valid else "cancelled",
                }
            )

    def line(
        self, customer_id: int, order_key: int, at: datetime, valid: bool
    ) -> Decimal:
        rng = self.rng
        product, line_key = rng.randrange(1, len(PRODUCTS) + 1), self.key()
        is_gift = rng.random() < 0.15
        quantity = rng.choice([1, 1, 2, 4])
        net = Decimal(0) if is_gift else Decimal(rng.choice([500, 4999, 29900])) / 100
        if not is_gift and rng.random() < 0.2:
            net = Decimal(0)
            self.marts["fct_refunds"].append(
                {
                    "order_line_key": line_key,
                    "customer_id": customer_id,
                    "refund_type": rng.choice(["return", "refund_only"]),
                    "status": rng.choice(["completed", "completed", "applied"]),
                    "quantity": rng.randrange(1, quantity + 1),
                }
            )
        self.marts["fct_order_lines"].append(
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
        return net

    def points(self, customer_id: int, shop: str) -> None:
        """A year of an account: lots last 330 days, or end together in December."""
        rng = self.rng
        orders = [
            row["order_key"]
            for row in self.marts["fct_orders"]
            if row["customer_id"] == customer_id
        ]
        days = sorted(rng.randrange(700) for _ in range(rng.choice([0, 3, 9])))
        for day in reversed(days):
            on = TODAY - timedelta(days=day)
            kind = rng.choices(["earn", "redeem", "return", "expire"], [6, 3, 2, 1])[0]
            ends = on + timedelta(days=330)
            if shop == "tmall_market":
                ends = date(on.year + (on.month == 12), 12, 15)
            gives_back = kind == "return" and rng.random() < 0.3
            self.marts["fct_points"].append(
                {
                    "points_key": self.key(),
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

    def coupon(self, customer_id: int) -> None:
        rng = self.rng
        coupon_id, channel = str(self.key()), rng.choice(CHANNELS)
        orders = [
            row["order_key"]
            for row in self.marts["fct_orders"]
            if row["customer_id"] == customer_id
        ]
        ends = TODAY + timedelta(days=rng.choice([-1, 0, 1, 5, 7, 8]))
        at = self.moment(40)
        for action in ("issue", "claim", "use", "return")[: rng.randrange(1, 5)]:
            at += timedelta(minutes=rng.randrange(3))
            self.marts["fct_coupons"].append(
                {
                    "coupon_event_key": self.key(),
                    "customer_id": customer_id,
                    "channel_code": channel,
                    "coupon_id": coupon_id,
                    "action": action,
                    "valid_from": TODAY + timedelta(days=rng.choice([-30, 0, 1])),
                    "valid_to": ends if action == "claim" else None,
                    "order_key": rng.choice(orders or [None])
                    if action == "use"
                    else None,
                    "occurred_at": at,
                }
            )
