"""The category family."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import permutations

from tests.integration.tags.figures import (
    SHARE,
    indexes,
    ranked,
    rounded,
    rules,
    weighed,
)
from tests.integration.tags.person import Person


@dataclass(frozen=True)
class _Bought:
    """What one purchase brought of a category."""

    day: date
    net: Decimal
    private: Decimal


def _category(person: Person, product_key: int | None) -> str | None:
    product = person.product(product_key)
    rows = person.tables["product_categories"]
    for kind in ("category", "department"):
        for row in rows:
            if (
                product
                and row["match_on"] == kind
                and row["source_value"] == product[kind]
            ):
                return str(row["product_category"])
    return None


@lru_cache(maxsize=4096)
def _categories(person: Person) -> dict[str, list[_Bought]]:
    """Per category the purchases with it, parcels of one payment together."""
    private = {row["manufacturer_code"] for row in person.tables["private_labels"]}
    nets: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    privates: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for line in person.lines:
        category = _category(person, line["product_key"])
        if not line["is_valid_line"] or category is None:
            continue
        parent = person.valid_orders[line["order_key"]]["parent_order_key"]
        nets[category, parent] += line["net_amount"]
        product = person.product(line["product_key"])
        if product and product["manufacturer_code"] in private:
            privates[category, parent] += line["net_amount"]
    days = {one.key: one.day for one in person.purchases}
    found = defaultdict(list)
    for (category, parent), net in nets.items():
        found[category].append(_Bought(days[parent], net, privates[category, parent]))
    return found


def _last(bought: Iterable[_Bought]) -> date | None:
    return max((one.day for one in bought if one.net > 0), default=None)


def _spent(person: Person, bought: Iterable[_Bought]) -> Decimal:
    return sum((one.net for one in bought if person.within(one.day, 365)), Decimal(0))


def _count(person: Person, bought: Iterable[_Bought]) -> int:
    return sum(person.within(one.day, 365) for one in bought)


@lru_cache(maxsize=4096)
def _weights(person: Person) -> dict[str, Decimal]:
    amounts = {
        category: weighed(person, ((one.day, one.net) for one in bought), "category")
        for category, bought in _categories(person).items()
    }
    return {category: amount for category, amount in amounts.items() if amount > 0}


def category_main_365d(person: Person) -> str | None:
    found = [
        (-spent, -last.toordinal(), category)
        for category, bought in _categories(person).items()
        if (spent := _spent(person, bought)) > 0 and (last := _last(bought))
    ]
    return min(found)[2] if found else None


def category_count_365d(person: Person) -> int:
    return len(year_categories(person))


def category_concentration_rate_365d(person: Person) -> Decimal | None:
    spent = [_spent(person, bought) for bought in _categories(person).values()]
    if not sum(spent):
        return None
    shares = [Fraction(one) / Fraction(sum(spent)) for one in spent]
    return rounded(sum((share**2 for share in shares), Fraction(0)), SHARE)


def category_new_count_90d(person: Person) -> int:
    known: set[str] = set()
    new = 0
    kept = sorted(
        (one.day, category)
        for category, bought in _categories(person).items()
        for one in bought
        if one.net > 0
    )
    for day, category in kept:
        if category not in known and day > kept[0][0] and person.within(day, 90):
            new += 1
        known.add(category)
    return new


def category_private_label_rate_365d(person: Person) -> Decimal | None:
    year = [
        one
        for bought in _categories(person).values()
        for one in bought
        if person.within(one.day, 365)
    ]
    spent = sum((one.net for one in year), Decimal(0))
    own = sum((one.private for one in year), Decimal(0))
    return rounded(own / spent, SHARE) if spent else None


def category_preferred(person: Person) -> str | None:
    return next(iter(ranked(_weights(person))), None)


def category_preferred_second(person: Person) -> str | None:
    return next(iter(ranked(_weights(person))[1:]), None)


def category_preferred_rate(person: Person) -> Decimal | None:
    weights = _weights(person)
    if not weights:
        return None
    return rounded(max(weights.values()) / sum(weights.values()), SHARE)


def category_preferred_index(person: Person) -> Decimal | None:
    preferred = category_preferred(person)
    return indexes(person, _weights, "categories").get(preferred or "")


def category_characteristic(person: Person) -> str | None:
    least = rules(person, "category")["min_order_count"]
    habits = {
        category: index
        for category, index in indexes(person, _weights, "categories").items()
        if _count(person, _categories(person)[category]) >= least
    }
    return next(iter(ranked(habits)), None)


def category_lapsed(person: Person) -> str | None:
    limits = rules(person, "category")
    spent = {
        category: _spent(person, bought)
        for category, bought in _categories(person).items()
        if _count(person, bought) >= limits["min_order_count"]
        and (last := _last(bought))
        and (person.today - last).days >= limits["lapsed_days"]
    }
    return next(iter(ranked(spent)), None)


@lru_cache(maxsize=4096)
def year_categories(person: Person) -> set[str]:
    return {
        category
        for category, bought in _categories(person).items()
        if any(one.net > 0 and person.within(one.day, 365) for one in bought)
    }


def _lifts(person: Person) -> dict[tuple[str, str], Decimal]:
    baskets = [found for one in person.population() if (found := year_categories(one))]
    single = Counter(category for basket in baskets for category in basket)
    pairs = Counter(pair for basket in baskets for pair in permutations(basket, 2))
    return {
        (left, right): rounded(
            Decimal(count) * len(baskets) / (single[left] * single[right]), SHARE
        )
        for (left, right), count in pairs.items()
        if count >= rules(person, "category")["min_buyer_count"]
    }


def category_paired_unbought(person: Person) -> str | None:
    lifts = person.tables.once("lifts", lambda: _lifts(person))
    anchor = category_characteristic(person) or category_preferred(person)
    candidates = {
        right: lift
        for (left, right), lift in lifts.items()
        if left == anchor and right not in year_categories(person)
    }
    return next(iter(ranked(candidates)), None)


def _days_since(category: str) -> Callable[[Person], int | None]:
    def days_since(person: Person) -> int | None:
        last = _last(_categories(person).get(category, []))
        return (person.today - last).days if last else None

    return days_since


def _order_count(category: str) -> Callable[[Person], int]:
    return lambda person: _count(person, _categories(person).get(category, []))


category_bakery_days_since_last_order = _days_since("bakery")
category_produce_days_since_last_order = _days_since("produce")
category_meat_days_since_last_order = _days_since("meat")
category_seafood_days_since_last_order = _days_since("seafood")
category_deli_days_since_last_order = _days_since("deli")
category_health_food_days_since_last_order = _days_since("health_food")
category_vitamins_days_since_last_order = _days_since("vitamins")
category_skin_care_days_since_last_order = _days_since("skin_care")
category_hair_care_days_since_last_order = _days_since("hair_care")
category_diapers_days_since_last_order = _days_since("diapers")
category_infant_formula_days_since_last_order = _days_since("infant_formula")
category_bakery_order_count_365d = _order_count("bakery")
category_produce_order_count_365d = _order_count("produce")
category_meat_order_count_365d = _order_count("meat")
category_deli_order_count_365d = _order_count("deli")


@lru_cache(maxsize=4096)
def _stocks(person: Person) -> list[tuple[int, int, str, date, int]]:
    """Per category, the main one first: rank, when it is used up, a product."""
    bought: dict[str, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    products = {}
    for day, _, product, kept in person.consumables():
        if product["consumption_days"] is not None:
            bought[product["category"]][day] += kept * product["consumption_days"]
            products[product["category"]] = product["product_key"]
    stocks = []
    for category, days in bought.items():
        end = min(days)
        for day in sorted(days):
            end = max(end, day) + timedelta(int(days[day]))
        frequency = sum(person.within(day, 365) for day in days)
        last = max(days).toordinal()
        stocks.append((-frequency, -last, category, end, products[category]))
    return sorted(stocks)


def category_run_out_on(person: Person) -> date | None:
    return next((stock[3] for stock in _stocks(person)), None)


def category_run_out_category(person: Person) -> str | None:
    return next((_category(person, stock[4]) for stock in _stocks(person)), None)


def category_run_out_days(person: Person) -> int | None:
    return next(((stock[3] - person.today).days for stock in _stocks(person)), None)


def category_run_out_count_30d(person: Person) -> int:
    days = [(stock[3] - person.today).days for stock in _stocks(person)]
    return sum(0 <= one <= 30 for one in days)


def category_overdue_count_30d(person: Person) -> int:
    days = [(stock[3] - person.today).days for stock in _stocks(person)]
    return sum(-30 <= one < 0 for one in days)


def category_formula_stage(person: Person) -> int | None:
    stages = [
        (day, -product["formula_stage"])
        for day, line, product, _ in person.consumables()
        if product["formula_stage"] is not None and line["line_type"] == "sale"
    ]
    return -max(stages)[1] if stages else None
