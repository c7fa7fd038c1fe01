"""The brand family."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache

from tests.integration.tags.definitions.category import _stocks
from tests.integration.tags.figures import (
    SHARE,
    indexes,
    ranked,
    rounded,
    rules,
    weighed,
)
from tests.integration.tags.person import Person

_Purchases = list[tuple[date, Decimal]]


@lru_cache(maxsize=4096)
def _brands(person: Person) -> dict[str, _Purchases]:
    return person.brands()


def _kept_days(person: Person, brand: str) -> list[date]:
    return sorted(day for day, net in _brands(person).get(brand, []) if net > 0)


def _spent(person: Person, brand: str) -> Decimal:
    bought = _brands(person).get(brand, [])
    return sum((net for day, net in bought if person.within(day, 365)), Decimal(0))


@lru_cache(maxsize=4096)
def _weights(person: Person) -> dict[str, Decimal]:
    amounts = {
        brand: weighed(person, bought, "brand")
        for brand, bought in _brands(person).items()
    }
    return {brand: amount for brand, amount in amounts.items() if amount > 0}


def brand_main(person: Person) -> str | None:
    found = []
    for brand, bought in person.brands().items():
        spent = sum((net for day, net in bought if person.within(day, 365)), Decimal(0))
        last = max((day.toordinal() for day, net in bought if net > 0), default=0)
        found.append((-spent, -last, brand))
    return min(found)[2] if found else None


def brand_main_rate_365d(person: Person) -> Decimal | None:
    spent = [_spent(person, brand) for brand in _brands(person)]
    return rounded(max(spent) / sum(spent), SHARE) if sum(spent) else None


def brand_loyalty(person: Person) -> str | None:
    rate = brand_main_rate_365d(person)
    return None if rate is None else person.cut("brand_loyalty", rate)


def brand_count_365d(person: Person) -> int:
    return sum(
        any(person.within(day, 365) for day in _kept_days(person, brand))
        for brand in _brands(person)
    )


def brand_first(person: Person) -> str | None:
    firsts = [
        (days[0], -_spent(person, brand), brand)
        for brand in _brands(person)
        if (days := _kept_days(person, brand))
    ]
    return min(firsts)[2] if firsts else None


def brand_preferred(person: Person) -> str | None:
    return next(iter(ranked(_weights(person))), None)


def brand_preferred_second(person: Person) -> str | None:
    return next(iter(ranked(_weights(person))[1:]), None)


def brand_preferred_rate(person: Person) -> Decimal | None:
    weights = _weights(person)
    if not weights:
        return None
    return rounded(max(weights.values()) / sum(weights.values()), SHARE)


def brand_characteristic(person: Person) -> str | None:
    least = rules(person, "brand")["min_order_count"]
    habits = {
        brand: index
        for brand, index in indexes(person, _weights, "brands").items()
        if sum(person.within(day, 365) for day, _ in _brands(person)[brand]) >= least
    }
    return next(iter(ranked(habits)), None)


def _moves(person: Person) -> dict[tuple[str, str], Decimal]:
    """Per pair of brands the share of the first one's buyers who came to the second."""
    buyers: Counter[str] = Counter()
    movers: Counter[tuple[str, str]] = Counter()
    for one in person.population():
        firsts = {
            brand: days[0] for brand in _brands(one) if (days := _kept_days(one, brand))
        }
        buyers.update(firsts.keys())
        movers.update(
            (left, right)
            for left, first in firsts.items()
            for right, later in firsts.items()
            if later > first
        )
    return {
        pair: rounded(Decimal(count) / buyers[pair[0]], SHARE)
        for pair, count in movers.items()
        if count >= rules(person, "brand")["min_buyer_count"]
    }


def brand_next(person: Person) -> str | None:
    moves = person.tables.once("moves", lambda: _moves(person))
    main = brand_main(person)
    candidates = {
        right: rate
        for (left, right), rate in moves.items()
        if left == main and not _kept_days(person, right)
    }
    return next(iter(ranked(candidates)), None)


def _days_since(brand: str) -> Callable[[Person], int | None]:
    def days_since(person: Person) -> int | None:
        days = _kept_days(person, brand)
        return (person.today - days[-1]).days if days else None

    return days_since


def _first_on(brand: str) -> Callable[[Person], date | None]:
    return lambda person: next(iter(_kept_days(person, brand)), None)


def _order_count(brand: str) -> Callable[[Person], int]:
    def order_count(person: Person) -> int:
        bought = _brands(person).get(brand, [])
        return sum(person.within(day, 365) for day, _ in bought)

    return order_count


def _net_amount(brand: str) -> Callable[[Person], Decimal]:
    return lambda person: _spent(person, brand)


def _run_out_on(brand: str) -> Callable[[Person], date | None]:
    def run_out_on(person: Person) -> date | None:
        for *_, end, product_key in _stocks(person):
            product = person.product(product_key)
            if product and product["brand_code"] == brand:
                return end
        return None

    return run_out_on


brand_ginseng_days_since_last_order = _days_since("ginseng")
brand_baby_days_since_last_order = _days_since("baby")
brand_skincare_days_since_last_order = _days_since("skincare")
brand_supermarket_days_since_last_order = _days_since("supermarket")
brand_ginseng_first_order_on = _first_on("ginseng")
brand_baby_first_order_on = _first_on("baby")
brand_skincare_first_order_on = _first_on("skincare")
brand_ginseng_order_count_365d = _order_count("ginseng")
brand_baby_order_count_365d = _order_count("baby")
brand_skincare_order_count_365d = _order_count("skincare")
brand_supermarket_order_count_365d = _order_count("supermarket")
brand_ginseng_net_amount_365d = _net_amount("ginseng")
brand_baby_net_amount_365d = _net_amount("baby")
brand_skincare_net_amount_365d = _net_amount("skincare")
brand_supermarket_net_amount_365d = _net_amount("supermarket")
brand_ginseng_run_out_on = _run_out_on("ginseng")
brand_baby_run_out_on = _run_out_on("baby")
brand_skincare_run_out_on = _run_out_on("skincare")
