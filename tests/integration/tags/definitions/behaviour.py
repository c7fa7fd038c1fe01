"""The behaviour family."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.integration.tags.person import SHANGHAI, Person
from tests.integration.tags.rows import Row

LOOKS = ("page_view", "product_view", "search", "check_in")


def _seen(person: Person) -> list[Row]:
    """Return all visits, oldest first."""
    return sorted(
        (
            row
            for row in person.of("fct_events")
            if row["event_type"] in LOOKS or row["event_type"].endswith("_cart")
        ),
        key=lambda row: row["occurred_at"],
    )


def _of_kind(person: Person, days: int, *kinds: str) -> list[Row]:
    return [
        row
        for row in person.of("fct_events")
        if row["event_type"] in kinds and person.within(row["occurred_on"], days)
    ]


def _if_seen(person: Person, number: int) -> int | None:
    return number if _seen(person) else None


def _active_days(person: Person, days: int) -> set[date]:
    rows = (row["occurred_on"] for row in _seen(person))
    return {day for day in rows if person.within(day, days)}


def _most(rows: list[Row], name: Callable[[Row], Any]) -> Any:
    """Return what is met most among rows, of equals the one met last."""
    times: Counter[Any] = Counter()
    last: dict[Any, datetime] = {}
    for row in rows:
        times[name(row)] += 1
        last[name(row)] = max(
            last.get(name(row), row["occurred_at"]), row["occurred_at"]
        )
    return max(times, key=lambda one: (times[one], last[one]), default=None)


def _category(person: Person, key: int) -> str | None:
    product = person.product(key)
    if product is None:
        return None
    by_column = {
        (row["match_on"], row["source_value"]): row["product_category"]
        for row in person.tables["product_categories"]
    }
    for column in ("category", "department"):
        if (column, product[column]) in by_column:
            return str(by_column[column, product[column]])
    return "other"


def _ordered_after(person: Person, product: int, at: datetime) -> bool:
    return any(
        row["is_valid_line"] and row["product_key"] == product and row["paid_at"] >= at
        for row in person.lines
    )


def behaviour_last_visit_on(person: Person) -> date | None:
    seen = _seen(person)
    return seen[-1]["occurred_on"] if seen else None


def behaviour_days_since_last_visit(person: Person) -> int | None:
    day = behaviour_last_visit_on(person)
    return (person.today - day).days if day else None


def behaviour_active_days_7d(person: Person) -> int | None:
    return _if_seen(person, len(_active_days(person, 7)))


def behaviour_active_days_30d(person: Person) -> int | None:
    return _if_seen(person, len(_active_days(person, 30)))


def behaviour_activity_trend(person: Person) -> str | None:
    if not _seen(person):
        return None
    month = len(_active_days(person, 30))
    if not month:
        return "away"
    week = len(_active_days(person, 7))
    return person.cut("activity_trend", Decimal(week * 30) / Decimal(month * 7))


def behaviour_main_daypart_180d(person: Person) -> str | None:
    def daypart(row: Row) -> str | None:
        hour = row["occurred_at"].astimezone(SHANGHAI).hour
        return person.cut("daypart_hour", hour)

    return _most(
        [r for r in _seen(person) if person.within(r["occurred_on"], 180)], daypart
    )


def behaviour_main_channel_180d(person: Person) -> str | None:
    recent = [r for r in _seen(person) if person.within(r["occurred_on"], 180)]
    return _most(recent, lambda row: row["channel_code"])


def _views(person: Person) -> list[Row]:
    rows = _of_kind(person, 30, "page_view", "product_view")
    return [row for row in rows if row["product_key"] is not None]


def behaviour_view_count_30d(person: Person) -> int | None:
    return _if_seen(person, len(_views(person)))


def behaviour_viewed_unbought_count_30d(person: Person) -> int | None:
    first: dict[int, datetime] = {}
    for row in sorted(_views(person), key=lambda row: row["occurred_at"]):
        first.setdefault(row["product_key"], row["occurred_at"])
    left = [key for key, at in first.items() if not _ordered_after(person, key, at)]
    return _if_seen(person, len(left))


def behaviour_viewed_unbought_category_30d(person: Person) -> str | None:
    bought = {
        _category(person, row["product_key"])
        for row in person.lines
        if row["is_valid_line"] and person.within(row["paid_on"], 30)
    }
    left = [
        row
        for row in _views(person)
        if _category(person, row["product_key"]) not in bought | {None}
    ]
    return _most(left, lambda row: _category(person, row["product_key"]))


def behaviour_search_count_30d(person: Person) -> int | None:
    return _if_seen(person, len(_of_kind(person, 30, "search")))


def behaviour_last_keyword(person: Person) -> str | None:
    searches = [row for row in _seen(person) if row["event_type"] == "search"]
    return searches[-1]["keyword"] if searches else None


def behaviour_cart_add_count_30d(person: Person) -> int | None:
    return _if_seen(person, len(_of_kind(person, 30, "add_to_cart")))


def behaviour_cart_unordered_count_7d(person: Person) -> int | None:
    seen = _seen(person)
    if not seen:
        return None
    happenings = [
        (row["occurred_at"], row["event_type"], row["product_key"], row["quantity"])
        for row in seen
        if row["event_type"].endswith("_cart") and person.within(row["occurred_on"], 7)
    ]
    happenings += [
        (row["paid_at"], "order", row["product_key"], None)
        for row in person.lines
        if row["is_valid_line"]
    ]
    cart: dict[int | None, Decimal] = defaultdict(Decimal)
    for _, kind, product, quantity in sorted(happenings, key=lambda one: one[0]):
        if kind == "order":
            cart[product] = Decimal(0)
        else:
            sign = 1 if kind == "add_to_cart" else -1
            cart[product] += sign * (1 if quantity is None else quantity)
    return int(sum(pieces for pieces in cart.values() if pieces > 0))


def behaviour_cart_order_rate_90d(person: Person) -> Decimal | None:
    first: dict[int, datetime] = {}
    for row in sorted(
        _of_kind(person, 90, "add_to_cart"), key=lambda r: r["occurred_at"]
    ):
        if row["product_key"] is not None:
            first.setdefault(row["product_key"], row["occurred_at"])
    if not first:
        return None
    ordered = sum(_ordered_after(person, key, at) for key, at in first.items())
    rate = Decimal(ordered) / len(first)
    return rate.quantize(Decimal("0.0001"), ROUND_HALF_UP)


def behaviour_share_count_90d(person: Person) -> int | None:
    return _if_seen(person, len(_of_kind(person, 90, "share")))


def behaviour_check_in_days_30d(person: Person) -> int | None:
    days = {row["occurred_on"] for row in _of_kind(person, 30, "check_in")}
    return _if_seen(person, len(days))


def behaviour_is_looking_only_90d(person: Person) -> bool:
    bought = any(person.within(one.day, 90) for one in person.purchases)
    return bool(_active_days(person, 90)) and not bought


def behaviour_coupon_view_count_30d(person: Person) -> int:
    return len(_of_kind(person, 30, "coupon_view"))


def behaviour_top_keyword_90d(person: Person) -> str | None:
    searches = _of_kind(person, 90, "search")
    return _most([r for r in searches if r["keyword"]], lambda row: row["keyword"])
