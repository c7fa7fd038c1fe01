"""The purchase family."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from statistics import stdev

from tests.integration.tags.person import (
    CENT,
    SHANGHAI,
    Person,
    Purchase,
    rate,
    rounded,
)
from tests.integration.tags.rows import Row


def purchase_order_count(person: Person) -> int:
    return len(person.purchases)


def purchase_net_amount_365d(person: Person) -> Decimal:
    return sum((one.net for one in person.year()), Decimal(0))


def purchase_ticket_amount_365d(person: Person) -> Decimal | None:
    year = person.year()
    if not year:
        return None
    # PostgreSQL rounds half away from zero; amounts here are never negative.
    return (purchase_net_amount_365d(person) / len(year)).quantize(
        CENT, rounding="ROUND_HALF_UP"
    )


def purchase_days_since_last_order(person: Person) -> int | None:
    kept = [one.day for one in person.purchases if one.net > 0]
    return (person.today - kept[-1]).days if kept else None


def purchase_main_daypart_365d(person: Person) -> str | None:
    parts = [
        (person.cut("daypart_hour", one.paid_at.astimezone(SHANGHAI).hour), one)
        for one in person.year()
    ]
    counts = Counter(part for part, _ in parts)
    # The purchases are in order: among equals the part of the latest one wins.
    best = [part for part, _ in parts if counts[part] == max(counts.values())]
    return best[-1] if best else None


def purchase_order_count_30d(person: Person) -> int:
    return sum(person.within(one.day, 30) for one in person.purchases)


def purchase_order_count_90d(person: Person) -> int:
    return sum(person.within(one.day, 90) for one in person.purchases)


def purchase_order_count_365d(person: Person) -> int:
    return len(person.year())


def purchase_net_amount(person: Person) -> Decimal:
    return sum((one.net for one in person.purchases), Decimal(0))


def purchase_net_amount_90d(person: Person) -> Decimal:
    return _spent(person, 0, 90)


def _spent(person: Person, since: int, until: int) -> Decimal:
    return sum(
        (
            one.net
            for one in person.purchases
            if since <= (person.today - one.day).days < until
        ),
        Decimal(0),
    )


def purchase_day_amount_365d(person: Person) -> Decimal | None:
    days = purchase_day_count_365d(person)
    return rounded(purchase_net_amount_365d(person) / days, 2) if days else None


def purchase_max_order_amount_365d(person: Person) -> Decimal | None:
    return max((one.net for one in person.year()), default=None)


def purchase_first_order_amount(person: Person) -> Decimal | None:
    return person.purchases[0].net if person.purchases else None


def purchase_last_order_amount(person: Person) -> Decimal | None:
    kept = [one.net for one in person.purchases if one.net > 0]
    return kept[-1] if kept else None


def purchase_first_on(person: Person) -> date | None:
    return person.purchases[0].day if person.purchases else None


def purchase_days_to_second_order(person: Person) -> int | None:
    if len(person.purchases) < 2:
        return None
    first, second, *_ = person.purchases
    return (second.day - first.day).days


def _buying_days(person: Person) -> list[date]:
    return sorted({one.day for one in person.purchases if one.net > 0})


def _recent_buying_days(person: Person) -> list[date]:
    return [day for day in _buying_days(person) if person.within(day, 365)]


def purchase_day_count_365d(person: Person) -> int:
    return len(_recent_buying_days(person))


def purchase_month_count_365d(person: Person) -> int:
    return len({(day.year, day.month) for day in _recent_buying_days(person)})


def purchase_month_streak_count(person: Person) -> int:
    months = {(day.year, day.month) for day in _buying_days(person)}
    month = person.today.replace(day=1)
    if (month.year, month.month) not in months:
        month = (month - timedelta(days=1)).replace(day=1)
    streak = 0
    while (month.year, month.month) in months:
        streak += 1
        month = (month - timedelta(days=1)).replace(day=1)
    return streak


def _gaps(person: Person) -> list[int]:
    gaps: list[int] = []
    previous: date | None = None
    for day in _recent_buying_days(person):
        if previous:
            gaps.append((day - previous).days)
        previous = day
    return gaps


def _mean_gap(person: Person) -> Decimal | None:
    gaps = _gaps(person)
    return Decimal(sum(gaps)) / len(gaps) if gaps else None


def purchase_interval_days_365d(person: Person) -> int | None:
    mean = _mean_gap(person)
    return int(rounded(mean, 0)) if mean else None


def purchase_regularity_365d(person: Person) -> str | None:
    gaps, mean = _gaps(person), _mean_gap(person)
    if len(gaps) < 2 or not mean:
        return None
    deviation = rounded(Decimal(stdev(gaps)) / mean, 4)
    return person.cut("purchase_regularity", deviation)


def purchase_next_expected_on(person: Person) -> date | None:
    gap = purchase_interval_days_365d(person)
    return _buying_days(person)[-1] + timedelta(days=gap) if gap else None


def purchase_recent_amount_rate_365d(person: Person) -> Decimal | None:
    return rate(_spent(person, 0, 90), _spent(person, 0, 365))


def purchase_trend_180d(person: Person) -> str | None:
    later, earlier = _spent(person, 0, 90), _spent(person, 90, 180)
    if not earlier:
        return "started" if later else None
    if not later:
        return "stopped"
    return person.cut("purchase_trend", rounded(later / earlier, 4))


def _refunded(one: Purchase) -> Decimal:
    return sum((parcel["refunded_amount"] for parcel in one.parcels), Decimal(0))


def purchase_refunded_order_count_365d(person: Person) -> int:
    return sum(_refunded(one) > 0 for one in person.year())


def purchase_refund_amount_rate_365d(person: Person) -> Decimal | None:
    refunded = sum((_refunded(one) for one in person.year()), Decimal(0))
    goods = sum((one.net + _refunded(one) for one in person.year()), Decimal(0))
    return rate(refunded, goods)


def _sale_lines(person: Person) -> list[Row]:
    return [
        line
        for line in person.lines
        if line["is_valid_line"]
        and line["line_type"] == "sale"
        and person.within(line["paid_on"], 365)
    ]


def purchase_product_count_365d(person: Person) -> int:
    return len({line["product_key"] for line in _sale_lines(person)} - {None})


def purchase_lines_per_order_365d(person: Person) -> Decimal | None:
    lines, orders = len(_sale_lines(person)), len(person.year())
    return rounded(Decimal(lines) / orders, 2) if lines and orders else None


def _calendar(person: Person, one: Purchase) -> Row:
    return person.tables.by("dim_dates", "date_day")[one.day][0]


def purchase_main_weekday_365d(person: Person) -> int | None:
    days = [one.day.isoweekday() for one in person.year()]
    counts = Counter(days)
    best = [day for day in days if counts[day] == max(counts.values())]
    return best[-1] if best else None


def purchase_peak_month_365d(person: Person) -> int | None:
    spent: dict[int, Decimal] = defaultdict(Decimal)
    for one in person.year():
        spent[one.day.month] += one.net
    best = [
        one.day.month
        for one in person.year()
        if spent[one.day.month] == max(spent.values())
    ]
    return best[-1] if best else None


def purchase_day_off_rate_365d(person: Person) -> Decimal | None:
    year = person.year()
    off = [one for one in year if not _calendar(person, one)["is_working_day"]]
    return rate(len(off), len(year))
