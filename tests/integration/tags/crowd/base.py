"""Random people with crowded lives: small domains, so that the edges are met."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any

from tests.integration.tags.person import SHANGHAI

PEOPLE = 150
TODAY = date(2017, 11, 20)
CHANNELS = ("tmall", "youzan", "pos", "douyin")
SHOPS = {
    # shop: channel, brand that runs it
    "tmall_market": ("tmall", "supermarket"),
    "tmall_wellness": ("tmall", "ginseng"),
    "youzan_market": ("youzan", "baby"),
    "pos_retail": ("pos", "supermarket"),
    "douyin_flagship": ("douyin", "supermarket"),
    "club": ("mini_program", "supermarket"),
}
# The ledger of points is older than the crowd's points that end next month.
POOLS = """\
pool_code,pool_kind,name_zh,starts_on
group,group,集团通用积分,2015-06-01
ginseng,brand,红参品牌积分,2016-06-01
"""
PRODUCTS = [
    # item, department, category, brand, gift set, consumption days, formula stage
    ("stage1", "GROCERY", "INFANT FORMULA", "baby", False, 8, 1),
    ("stage2", "GROCERY", "INFANT FORMULA", "baby", False, 8, 2),
    ("stage3", "GROCERY", "INFANT FORMULA", "baby", False, 10, 3),
    ("vitamins", "DRUG GM", "VITAMINS", "ginseng", False, 60, None),
    ("cream", "COSMETICS", "HAND/BODY/FACIAL PRODUCTS", "skincare", False, 45, None),
    ("cake", "PASTRY", "CAKES", "supermarket", False, None, None),
    ("basket", "GROCERY", "GIFT & FRUIT BASKETS", "supermarket", True, None, None),
    ("lettuce", "PRODUCE", "SALAD", "supermarket", False, None, None),
    ("steak", "MEAT", "BEEF", "supermarket", False, None, None),
    ("shrimp", "SEAFOOD", "SEAFOOD - FROZEN", "supermarket", False, None, None),
    ("ham", "DELI", "DELI MEATS", "supermarket", False, None, None),
    ("bars", "NUTRITION", "SNACKS", "ginseng", False, None, None),
    ("shampoo", "DRUG GM", "HAIR CARE PRODUCTS", "skincare", False, 45, None),
    ("diapers", "DRUG GM", "DIAPERS & DISPOSABLES", "baby", False, 10, None),
    ("poster", "MISC", "POSTERS", "supermarket", False, None, None),
]
# Days ago on which windows end, and the last days of 双12 and 618.
EDGES = (0, 7, 30, 365, 343, 155)


class Crowd:
    """The marts of a crowd; each subject's module adds rows to them."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.next_key = 100
        self.marts: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)

    def key(self) -> int:
        self.next_key += 1
        return self.next_key

    def moment(self, earliest: int) -> datetime:
        """A moment of the last `earliest` days, often near the end or on a feast."""
        days = self.rng.choice(
            [
                self.rng.randrange(earliest),
                self.rng.randrange(min(earliest, 35)),
                self.rng.choice([day for day in EDGES if day < earliest]),
            ]
        )
        clock = time(self.rng.randrange(24), self.rng.randrange(60))
        return datetime.combine(TODAY - timedelta(days=days), clock, SHANGHAI)

    def order_keys(self, customer_id: int) -> list[int]:
        """The orders of a customer."""
        return [
            row["order_key"]
            for row in self.marts["fct_orders"]
            if row["customer_id"] == customer_id
        ]


def product_key(item: str) -> int:
    """Return the key of a product of the crowd."""
    return 1 + [product[0] for product in PRODUCTS].index(item)
