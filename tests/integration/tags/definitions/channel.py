"""The channel family."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal

from tests.integration.tags.person import Person, Purchase, rate


def _kind(person: Person, one: Purchase, column: str) -> str:
    return str(
        person.tables.by("channel_kinds", "channel_code")[one.channel][0][column]
    )


def _in_order(person: Person) -> list[str]:
    """The channels in the order they were first bought in; of one moment by name."""
    purchases = sorted(person.purchases, key=lambda one: (one.paid_at, one.channel))
    return list(dict.fromkeys(one.channel for one in purchases))


def _most_spent(purchases: Iterable[Purchase], of: Callable[[Purchase], str]) -> str:
    """Among what had the most spent on it, the one bought last."""
    spent: dict[str, Decimal] = defaultdict(Decimal)
    last: dict[str, datetime] = {}
    for one in purchases:
        spent[of(one)] += one.net
        last[of(one)] = one.paid_at
    return max(sorted(spent), key=lambda key: (spent[key], last[key]))


def channel_first_channel(person: Person) -> str | None:
    return next(iter(_in_order(person)), None)


def channel_is_cross_channel_365d(person: Person) -> bool:
    return channel_count_365d(person) >= 2


def channel_main_channel_365d(person: Person) -> str | None:
    year = person.year()
    return _most_spent(year, lambda one: one.channel) if year else None


def channel_last_channel(person: Person) -> str | None:
    moment = person.purchases[-1].paid_at if person.purchases else None
    latest = [one.channel for one in person.purchases if one.paid_at == moment]
    return min(latest, default=None)


def channel_second_channel(person: Person) -> str | None:
    channels = _in_order(person)
    return channels[1] if len(channels) > 1 else None


def channel_days_to_second_channel(person: Person) -> int | None:
    second = channel_second_channel(person)
    for one in person.purchases:
        if one.channel == second:
            return (one.day - person.purchases[0].day).days
    return None


def channel_count_365d(person: Person) -> int:
    return len({one.channel for one in person.year()})


def _count(person: Person, channel: str) -> int:
    return [one.channel for one in person.year()].count(channel)


def channel_tmall_order_count_365d(person: Person) -> int:
    return _count(person, "tmall")


def channel_youzan_order_count_365d(person: Person) -> int:
    return _count(person, "youzan")


def channel_douyin_order_count_365d(person: Person) -> int:
    return _count(person, "douyin")


def _share(person: Person, column: str, kind: str) -> Decimal | None:
    year = person.year()
    part = [one.net for one in year if _kind(person, one, column) == kind]
    return rate(sum(part, Decimal(0)), sum((one.net for one in year), Decimal(0)))


def channel_online_amount_rate_365d(person: Person) -> Decimal | None:
    return _share(person, "side", "online")


def channel_private_amount_rate_365d(person: Person) -> Decimal | None:
    return _share(person, "domain", "private")


def channel_main_domain_365d(person: Person) -> str | None:
    year = person.year()
    return _most_spent(year, lambda one: _kind(person, one, "domain")) if year else None


def channel_route(person: Person) -> str | None:
    # Both at one moment: the store first.
    seen = sorted((one.paid_at, _kind(person, one, "side")) for one in person.purchases)
    sides = list(dict.fromkeys(side for _, side in seen))
    if not sides:
        return None
    return f"{sides[0]}_only" if len(sides) == 1 else f"{sides[0]}_to_{sides[1]}"


def channel_crossed_on(person: Person) -> date | None:
    seen = set()
    for one in person.purchases:
        seen.add(_kind(person, one, "side"))
        if len(seen) == 2:
            return one.day
    return None


def channel_public_to_private_on(person: Person) -> date | None:
    began: dict[str, Purchase] = {}
    for one in person.purchases:
        began.setdefault(_kind(person, one, "domain"), one)
    public, private = began.get("public"), began.get("private")
    if public and private and public.paid_at < private.paid_at:
        return private.day
    return None


def channel_days_since_last_online_order(person: Person) -> int | None:
    days = [
        one.day
        for one in person.purchases
        if one.net > 0 and _kind(person, one, "side") == "online"
    ]
    return (person.today - max(days)).days if days else None
