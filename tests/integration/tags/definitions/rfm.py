"""The RFM family."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache

from tests.integration.tags.definitions.brand import brand_main
from tests.integration.tags.definitions.purchase import (
    purchase_days_since_last_order,
    purchase_net_amount_365d,
)
from tests.integration.tags.person import Person
from tests.integration.tags.rows import Tables

# By spend, frequency and recency, in this order: whether each is high.
GROUPS = {
    (True, True, True): "important_value",
    (True, True, False): "important_keep",
    (True, False, True): "important_develop",
    (True, False, False): "important_win_back",
    (False, True, True): "general_value",
    (False, True, False): "general_keep",
    (False, False, True): "general_develop",
    (False, False, False): "general_win_back",
}
RATE = Decimal("0.0001")


def _group(person: Person, brand: str | None) -> str | None:
    bought = person.brands().get(str(brand))
    if not bought:
        return None
    rule = person.tables.by("brand_rules", "brand_code")[brand][0]
    year = [(day, net) for day, net in bought if person.within(day, 365)]
    kept = [day for day, net in bought if net > 0]
    return GROUPS[
        sum((net for _, net in year), Decimal(0)) >= rule["rfm_monetary_amount"],
        len(year) >= rule["rfm_frequency_count"],
        bool(kept) and (person.today - max(kept)).days <= rule["rfm_recency_days"],
    ]


@lru_cache(maxsize=2)
def _buyers(tables: Tables, today: date) -> dict[int, tuple[Decimal, ...]]:
    """Recency, frequency and spend of every buyer; more is better in each."""
    found = {}
    for row in tables["dim_customers"]:
        one = Person(row["customer_id"], tables, today)
        if one.purchases:
            silent = purchase_days_since_last_order(one)
            found[one.customer_id] = (
                -Decimal(99999 if silent is None else silent),
                Decimal(len(one.year())),
                purchase_net_amount_365d(one),
            )
    return found


def _rate(person: Person, measure: int) -> Decimal | None:
    buyers = _buyers(person.tables, person.today)
    if person.customer_id not in buyers:
        return None
    own = buyers[person.customer_id][measure]
    worse = sum(other[measure] < own for other in buyers.values())
    return (Decimal(worse) / max(len(buyers) - 1, 1)).quantize(RATE, "ROUND_HALF_UP")


def _score(person: Person, measure: int) -> int | None:
    rate = _rate(person, measure)
    return None if rate is None else min(int(rate * 5) + 1, 5)


def rfm_group(person: Person) -> str | None:
    return _group(person, brand_main(person))


def rfm_group_baby(person: Person) -> str | None:
    return _group(person, "baby")


def rfm_group_ginseng(person: Person) -> str | None:
    return _group(person, "ginseng")


def rfm_group_skincare(person: Person) -> str | None:
    return _group(person, "skincare")


def rfm_group_supermarket(person: Person) -> str | None:
    return _group(person, "supermarket")


def rfm_quantile_group(person: Person) -> str | None:
    recency, frequency, spend = (_score(person, number) for number in range(3))
    if recency is None or frequency is None or spend is None:
        return None
    return GROUPS[spend >= 4, frequency >= 4, recency >= 4]


def rfm_recency_score(person: Person) -> int | None:
    return _score(person, 0)


def rfm_frequency_score(person: Person) -> int | None:
    return _score(person, 1)


def rfm_monetary_score(person: Person) -> int | None:
    return _score(person, 2)


def rfm_total_score(person: Person) -> int | None:
    scores = [_score(person, number) for number in range(3)]
    return None if None in scores else sum(one or 0 for one in scores)


def rfm_percentile_rate(person: Person) -> Decimal | None:
    rates = [_rate(person, number) for number in range(3)]
    if None in rates:
        return None
    mean = sum((one or Decimal(0) for one in rates), Decimal(0)) / 3
    return mean.quantize(RATE, "ROUND_HALF_UP")
