"""The price family."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from tests.integration.tags.person import Person, rate, rounded
from tests.integration.tags.rows import Row, Tables


@lru_cache(maxsize=2)
def _positions(tables: Tables) -> dict[int, Decimal]:
    """Where each product's list price stands among those of its category."""
    priced = [row for row in tables["dim_products"] if row["list_price_amount"]]
    prices: dict[str, list[Decimal]] = defaultdict(list)
    for row in priced:
        prices[row["category"]].append(row["list_price_amount"])
    for ordered in prices.values():
        ordered.sort()
    found = {}
    for row in priced:
        ordered, price = prices[row["category"]], row["list_price_amount"]
        below, up_to = bisect_left(ordered, price), bisect_right(ordered, price)
        found[row["product_key"]] = rounded(
            Decimal(below + up_to) / 2 / len(ordered), 4
        )
    return found


def _lines(person: Person) -> list[Row]:
    return [
        line
        for line in person.lines
        if line["is_valid_line"]
        and line["line_type"] == "sale"
        and person.within(line["paid_on"], 365)
    ]


def _position(person: Person, lines: Iterable[Row]) -> Decimal | None:
    """The position of a basket, not rounded yet; goods sent back do not weigh."""
    weighed = Decimal(0)
    total = Decimal(0)
    for line in lines:
        position = _positions(person.tables).get(line["product_key"])
        if position is not None:
            weighed += line["net_amount"] * position
            total += line["net_amount"]
    return weighed / total if total else None


def _band(person: Person, brand: str) -> str | None:
    lines = [line for line in _lines(person) if line["brand_code"] == brand]
    position = _position(person, lines)
    if position is None:
        return None
    return person.cut("price_band", rounded(position, 4), brand)


def price_position_rate_365d(person: Person) -> Decimal | None:
    position = _position(person, _lines(person))
    return None if position is None else rounded(position, 4)


def price_band_365d(person: Person) -> str | None:
    position = price_position_rate_365d(person)
    return None if position is None else person.cut("price_band", position)


def price_baby_band_365d(person: Person) -> str | None:
    return _band(person, "baby")


def price_ginseng_band_365d(person: Person) -> str | None:
    return _band(person, "ginseng")


def price_skincare_band_365d(person: Person) -> str | None:
    return _band(person, "skincare")


def price_shift_365d(person: Person) -> str | None:
    lines = _lines(person)
    later = [line for line in lines if person.within(line["paid_on"], 180)]
    earlier = [line for line in lines if not person.within(line["paid_on"], 180)]
    now, before = _position(person, later), _position(person, earlier)
    if now is None or before is None:
        return None
    return person.cut("price_shift", rounded(now - before, 4))


def price_premium_amount_rate_365d(person: Person) -> Decimal | None:
    premium = total = Decimal(0)
    for line in _lines(person):
        position = _positions(person.tables).get(line["product_key"])
        if position is not None:
            total += line["net_amount"]
            if person.cut("price_position_band", position) == "premium":
                premium += line["net_amount"]
    return rate(premium, total)


def _unit_prices(person: Person) -> list[Decimal]:
    return [line["goods_amount"] / line["quantity"] for line in _lines(person)]


def price_unit_amount_365d(person: Person) -> Decimal | None:
    prices = _unit_prices(person)
    return rounded(sum(prices, Decimal(0)) / len(prices), 2) if prices else None


def price_max_unit_amount_365d(person: Person) -> Decimal | None:
    prices = _unit_prices(person)
    return rounded(max(prices), 2) if prices else None


def price_discount_rate_365d(person: Person) -> Decimal | None:
    listed = sum((line["list_amount"] for line in _lines(person)), Decimal(0))
    bought = sum((line["goods_amount"] for line in _lines(person)), Decimal(0))
    return rate(listed - bought, listed)


def price_discounted_amount_rate_365d(person: Person) -> Decimal | None:
    discounted = bought = Decimal(0)
    for line in _lines(person):
        bought += line["goods_amount"]
        if line["goods_amount"] < line["list_amount"]:
            discounted += line["goods_amount"]
    return rate(discounted, bought)


def price_discount_dependence_365d(person: Person) -> str | None:
    share = price_discounted_amount_rate_365d(person)
    return None if share is None else person.cut("price_discount_dependence", share)
