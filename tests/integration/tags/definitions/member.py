"""The member family."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from tests.integration.tags.person import SHANGHAI, Person
from tests.integration.tags.rows import Row


def member_tier(person: Person) -> str | None:
    row = _tier_row(person)
    return row["label"] if row else None


def member_upgrade_gap_amount(person: Person) -> Decimal | None:
    spent = _spent(person)
    if spent is None:
        return None
    best = max(spent[person.today.year], spent[person.today.year - 1])
    above = [row["from_value"] for row in _tiers(person) if row["from_value"] > best]
    return min(above) - spent[person.today.year] if above else None


def member_keep_gap_amount(person: Person) -> Decimal | None:
    spent, row = _spent(person), _tier_row(person)
    if spent is None or row is None or row["from_value"] == 0:
        return None
    return max(row["from_value"] - spent[person.today.year], Decimal(0))


def member_keep_until_on(person: Person) -> date | None:
    gap = member_keep_gap_amount(person)
    if gap is None:
        return None
    return date(person.today.year + (gap == 0), 12, 31)


def member_tier_days(person: Person) -> int | None:
    history = _history(person)
    return (person.today - history[-1][0]).days if history else None


def member_tier_change_365d(person: Person) -> str | None:
    history = _history(person)
    if not history:
        return None
    if len(history) == 1 or not person.within(history[-1][0], 365):
        return "none"
    return "up" if history[-1][1] > history[-2][1] else "down"


def member_joined_days(person: Person) -> int | None:
    joined = _joined(person)
    return (person.today - joined).days if joined else None


def member_joined_channel(person: Person) -> str | None:
    channel: str | None = person.row["joined_channel_code"]
    return channel if person.row["is_member"] else None


def member_has_anniversary_30d(person: Person) -> bool:
    joined = _joined(person)
    for days in range(1, 31):
        day = person.today + timedelta(days=days)
        if joined and day.year > joined.year:
            leap = (joined.month, joined.day) == (2, 29) and day.year % 4
            if (day.month, day.day) == (joined.month, joined.day - bool(leap)):
                return True
    return False


def member_is_tmall_bound(person: Person) -> bool:
    return bool(person.row["is_tmall_member"])


def member_tier_tmall(person: Person) -> str | None:
    """A channel's own tier is shown as the channel says it."""
    return _told(person, "tmall")


def member_tier_youzan(person: Person) -> str | None:
    return _told(person, "youzan")


def member_tier_pos(person: Person) -> str | None:
    return _told(person, "pos")


def _told(person: Person, channel: str) -> str | None:
    tier: str | None = person.row[f"member_tier_{channel}"]
    return tier


def _joined(person: Person) -> date | None:
    if not person.row["is_member"]:
        return None
    day: date = person.row["joined_at"].astimezone(SHANGHAI).date()
    return day


def _tiers(person: Person) -> list[Row]:
    return [row for row in person.tables["tag_cuts"] if row["cut_set"] == "member_tier"]


def _tier_row(person: Person) -> Row | None:
    spent = _spent(person)
    if spent is None:
        return None
    best = max(spent[person.today.year], spent[person.today.year - 1])
    reached = [row for row in _tiers(person) if row["from_value"] <= max(best, 0)]
    return max(reached, key=lambda row: row["from_value"])


def _spent(person: Person) -> dict[int, Decimal] | None:
    joined = _joined(person)
    if joined is None:
        return None
    spent: dict[int, Decimal] = defaultdict(Decimal)
    for one in person.purchases:
        if one.day >= joined:
            spent[one.day.year] += one.net
    return spent


def _history(person: Person) -> list[tuple[date, Decimal]]:
    """The days on which the tier changed, and what it asks for: a walk day by day."""
    joined = _joined(person)
    if joined is None:
        return []
    events: dict[date, list[tuple[int, Decimal]]] = defaultdict(list)
    for order in person.valid_orders.values():
        paid_on = order["paid_on"]
        if paid_on >= joined:
            events[paid_on].append((paid_on.year, order["goods_amount"]))
            for refund in person.tables.by("fct_refunds", "order_key").get(
                order["order_key"], ()
            ):
                if refund["status"] == "completed":
                    day = max(refund["completed_on"], paid_on)
                    events[day].append((paid_on.year, -refund["refund_amount"]))
    asked = [row["from_value"] for row in _tiers(person)]
    spent: dict[int, Decimal] = defaultdict(Decimal)
    history: list[tuple[date, Decimal]] = []
    day = joined
    while day <= person.today:
        for year, amount in events.get(day, ()):
            spent[year] += amount
        best = max(spent[day.year], spent[day.year - 1], Decimal(0))
        tier = max(value for value in asked if value <= best)
        if not history or history[-1][1] != tier:
            history.append((day, tier))
        day += timedelta(days=1)
    return history
