"""The store family."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from decimal import Decimal

from tests.integration.tags.person import SHANGHAI, Person, Purchase, rate
from tests.integration.tags.rows import Row


def _visits(person: Person) -> list[Purchase]:
    return [one for one in person.purchases if _store(one)]


def _store(one: Purchase) -> str | None:
    codes = [parcel["store_code"] for parcel in one.parcels if parcel["store_code"]]
    return min(codes, default=None)


def _year(person: Person) -> list[Purchase]:
    return [one for one in _visits(person) if person.within(one.day, 365)]


def _net(purchases: list[Purchase]) -> Decimal:
    return sum((one.net for one in purchases), Decimal(0))


def store_home_store_id(person: Person) -> str | None:
    visits = _visits(person)
    best: tuple[int, Decimal, datetime] | None = None
    home = None
    for store in sorted({str(_store(one)) for one in visits}):
        recent = [one for one in _year(person) if _store(one) == store]
        last = max(one.paid_at for one in visits if _store(one) == store)
        if best is None or (len(recent), _net(recent), last) > best:
            best, home = (len(recent), _net(recent), last), store
    return home


def _home(person: Person) -> Row | None:
    rows = person.tables.by("dim_stores", "store_code")
    return rows.get(store_home_store_id(person), [None])[0]


def store_home_city(person: Person) -> str | None:
    home = _home(person)
    return home["city"] if home else None


def store_home_city_tier(person: Person) -> str | None:
    home = _home(person)
    return home["city_tier"] if home else None


def store_home_has_guide(person: Person) -> bool | None:
    home = _home(person)
    return home["has_guide"] if home else None


def store_has_own_guide(person: Person) -> bool:
    for row in person.of("dim_guide_assignments"):
        ended = row["valid_to"] is not None and row["valid_to"] <= person.today
        if row["valid_from"] <= person.today and not ended:
            return True
    return False


def store_count_365d(person: Person) -> int:
    return len({_store(one) for one in _year(person)})


def store_order_count_365d(person: Person) -> int:
    return len(_year(person))


def store_net_amount_365d(person: Person) -> Decimal:
    return _net(_year(person))


def store_home_amount_rate_365d(person: Person) -> Decimal | None:
    home = store_home_store_id(person)
    year = _year(person)
    return rate(_net([one for one in year if _store(one) == home]), _net(year))


def store_guided_order_rate_365d(person: Person) -> Decimal | None:
    guided = [
        one
        for one in _year(person)
        if any(parcel["staff_code"] for parcel in one.parcels)
    ]
    return rate(len(guided), len(_year(person)))


def store_days_since_last_order(person: Person) -> int | None:
    days = [one.day for one in _visits(person) if one.net > 0]
    return (person.today - days[-1]).days if days else None


def store_main_daypart_365d(person: Person) -> str | None:
    parts = [
        person.cut("daypart_hour", one.paid_at.astimezone(SHANGHAI).hour)
        for one in _year(person)
    ]
    counts = Counter(parts)
    best = [part for part in parts if counts[part] == max(counts.values())]
    return best[-1] if best else None


def store_day_off_rate_365d(person: Person) -> Decimal | None:
    calendar = person.tables.by("dim_dates", "date_day")
    off = [one for one in _year(person) if not calendar[one.day][0]["is_working_day"]]
    return rate(len(off), len(_year(person)))
