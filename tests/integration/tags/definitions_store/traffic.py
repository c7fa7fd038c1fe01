"""Stores: the traffic family."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from tests.integration.tags.rows import Row
from tests.integration.tags.subject import ratio
from tests.integration.tags.things import Store


def store_has_counter(store: Store) -> bool:
    return bool(_hours(store))


def store_entry_count_30d(store: Store) -> int | None:
    return _sum(store, "entry_count") if _hours(store) else None


def store_conversion_rate_30d(store: Store) -> Decimal | None:
    receipts, entries = _sum(store, "receipt_count"), _sum(store, "entry_count")
    return Decimal(1) if receipts > entries else ratio(receipts, entries)


def store_entry_rate_30d(store: Store) -> Decimal | None:
    if any(one["passer_count"] is None for one in _hours(store)):
        return None
    return ratio(_sum(store, "entry_count"), _sum(store, "passer_count"))


def store_goods_per_entry_amount_30d(store: Store) -> Decimal | None:
    goods = sum(one["goods_amount"] for one in _hours(store))
    return ratio(goods, _sum(store, "entry_count"), "0.01")


def store_busiest_daypart_30d(store: Store) -> str | None:
    counts: Counter[str] = Counter()
    for one in _hours(store):
        if one["entry_count"]:
            part = store.cut("daypart_hour", one["hour_of_day"])
            counts[str(part)] += one["entry_count"]
    return min(counts, key=lambda one: (-counts[one], one), default=None)


def _hours(store: Store) -> list[Row]:
    hours = store.tables.by("fct_store_traffic", "store_code").get(store.code, ())
    return [one for one in hours if store.within(one["occurred_on"], 30)]


def _sum(store: Store, column: str) -> int:
    return sum(one[column] for one in _hours(store))
