"""The promotion family."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from tests.integration.tags.figures import SHARE, rounded, rules
from tests.integration.tags.person import CENT, SHANGHAI, Person


def promotion_double11_count_3y(person: Person) -> int:
    windows = [
        row
        for row in person.tables["platform_promotions"]
        if row["promotion_code"] == "double11" and row["starts_on"] <= person.today
    ]
    latest = max(row["year"] for row in windows)
    return len(
        {
            row["year"]
            for row in windows
            for one in person.purchases
            if row["year"] > latest - 3
            and row["channel_code"] == one.channel
            and row["starts_on"] <= one.day <= row["ends_on"]
        }
    )


def promotion_festival_gift_count_2y(person: Person) -> int:
    since = person.today.replace(year=person.today.year - 2)
    gifts = set()
    for day, line, product, _ in person.consumables():
        if not (product["is_gift_set"] and line["line_type"] == "sale"):
            continue
        for feast in person.tables["lunar_festivals"]:
            before = (feast["falls_on"] - day).days
            if feast["festival"] != "dragon_boat" and 1 <= before <= 45 and day > since:
                order = person.valid_orders[line["order_key"]]
                gifts.add(order["parent_order_key"])
    return len(gifts)


@dataclass(frozen=True)
class _Order:
    """A payment with what was saved on it, and the promotion it was made in."""

    key: int
    day: date
    net: Decimal
    listed: Decimal
    discount: Decimal
    coupon: Decimal
    is_presale: bool
    edition: tuple[str, int] | None

    @property
    def is_promoted(self) -> bool:
        return self.edition is not None or self.coupon > 0


def _edition(person: Person, channel: str, day: date) -> tuple[str, int] | None:
    for row in person.tables["platform_promotions"]:
        if row["channel_code"] == channel and row["starts_on"] <= day <= row["ends_on"]:
            return row["promotion_code"], row["year"]
    return None


@lru_cache(maxsize=4096)
def _orders(person: Person) -> list[_Order]:
    """The payments, the earliest first."""
    parcels = defaultdict(list)
    for row in person.valid_orders.values():
        parcels[row["parent_order_key"]].append(row)

    def total(key: int, *columns: str) -> Decimal:
        return sum(
            (row[column] for row in parcels[key] for column in columns), Decimal(0)
        )

    return [
        _Order(
            one.key,
            one.day,
            one.net,
            total(one.key, "list_amount"),
            total(one.key, "shop_discount_amount", "platform_discount_amount"),
            total(one.key, "coupon_amount"),
            any(row["order_type"] == "presale" for row in parcels[one.key]),
            _edition(person, one.channel, one.day),
        )
        for one in sorted(person.purchases, key=lambda one: (one.paid_at, one.key))
    ]


def _year(person: Person) -> list[_Order]:
    return [one for one in _orders(person) if person.within(one.day, 365)]


def _rate(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    return rounded(Fraction(part) / Fraction(whole), SHARE) if whole else None


def promotion_order_rate_365d(person: Person) -> Decimal | None:
    year = _year(person)
    return _rate(sum(one.is_promoted for one in year), len(year))


def promotion_coupon_order_rate_365d(person: Person) -> Decimal | None:
    year = _year(person)
    return _rate(sum(one.coupon > 0 for one in year), len(year))


def promotion_full_price_order_rate_365d(person: Person) -> Decimal | None:
    year = _year(person)
    return _rate(sum(not one.coupon + one.discount for one in year), len(year))


def promotion_window_net_rate_365d(person: Person) -> Decimal | None:
    inside = outside = Decimal(0)
    for one in _year(person):
        if one.edition:
            inside += one.net
        else:
            outside += one.net
    return _rate(inside, inside + outside)


def promotion_discount_rate_365d(person: Person) -> Decimal | None:
    listed = sum((one.listed for one in _year(person)), Decimal(0))
    return _rate(promotion_saved_amount_365d(person), listed)


def promotion_saved_amount_365d(person: Person) -> Decimal:
    return sum((one.discount + one.coupon for one in _year(person)), Decimal(0))


def promotion_coupon_amount_365d(person: Person) -> Decimal:
    return sum((one.coupon for one in _year(person)), Decimal(0))


def promotion_ticket_amount_365d(person: Person) -> Decimal | None:
    nets = [one.net for one in _year(person) if one.is_promoted]
    return rounded(Fraction(sum(nets)) / len(nets), CENT) if nets else None


def promotion_presale_order_count_365d(person: Person) -> int:
    return sum(one.is_presale for one in _year(person))


def promotion_is_first_order_promoted(person: Person) -> bool | None:
    return next((one.is_promoted for one in _orders(person)), None)


def _promoted_share(orders: list[_Order]) -> Fraction:
    return Fraction(sum(one.is_promoted for one in orders), len(orders))


def _usual_share(person: Person) -> Fraction:
    return _promoted_share(
        [one for other in person.population() for one in _year(other)]
    )


def promotion_sensitivity_index(person: Person) -> Decimal | None:
    usual = person.tables.once("usual promotion rate", lambda: _usual_share(person))
    year = _year(person)
    if len(year) < rules(person, "promotion")["min_order_count"]:
        return None
    return rounded(100 * _promoted_share(year) / usual, CENT)


def promotion_sensitivity(person: Person) -> str | None:
    index = promotion_sensitivity_index(person)
    return None if index is None else person.cut("promotion_sensitivity", index)


def promotion_stock_up_ratio(person: Person) -> Decimal | None:
    in_window = {one.key: one.edition is not None for one in _orders(person)}
    sides: dict[bool, list[Decimal]] = {True: [], False: []}
    for _, line, product, kept in person.consumables():
        if product["consumption_days"] is not None and line["line_type"] == "sale":
            order = person.valid_orders[line["order_key"]]
            sides[in_window[order["parent_order_key"]]].append(kept)
    if not all(sides.values()):
        return None
    inside, outside = (
        Fraction(sum(sides[one])) / len(sides[one]) for one in (True, False)
    )
    return rounded(inside / outside, CENT)


def promotion_stock_up(person: Person) -> str | None:
    ratio = promotion_stock_up_ratio(person)
    return None if ratio is None else person.cut("promotion_stock_up", ratio)


def promotion_edition_count_365d(person: Person) -> int:
    return len({one.edition for one in _year(person)} - {None})


def _last_edition(person: Person) -> tuple[date, int, str] | None:
    bought = [
        (one.day, one.key, one.edition[0]) for one in _orders(person) if one.edition
    ]
    return max(bought, default=None)


def promotion_last_bought(person: Person) -> str | None:
    last = _last_edition(person)
    return last[2] if last else None


def promotion_last_bought_on(person: Person) -> date | None:
    last = _last_edition(person)
    return last[0] if last else None


def _latest_net_amount(promotion: str) -> Callable[[Person], Decimal]:
    def latest_net_amount(person: Person) -> Decimal:
        latest = max(
            row["year"]
            for row in person.tables["platform_promotions"]
            if row["promotion_code"] == promotion and row["starts_on"] <= person.today
        )
        return sum(
            (one.net for one in _orders(person) if one.edition == (promotion, latest)),
            Decimal(0),
        )

    return latest_net_amount


promotion_618_latest_net_amount = _latest_net_amount("618")
promotion_double11_latest_net_amount = _latest_net_amount("double11")
promotion_double12_latest_net_amount = _latest_net_amount("double12")
promotion_new_year_goods_latest_net_amount = _latest_net_amount("new_year_goods")


def promotion_unpaid_presale_count(person: Person) -> int:
    waiting = set()
    for order in person.orders:
        if order["order_type"] != "presale" or order["order_status"] != "deposit_paid":
            continue
        day = order["deposit_paid_at"].astimezone(SHANGHAI).date()
        ends = [
            row["ends_on"]
            for row in person.tables["platform_promotions"]
            if row["channel_code"] == order["channel_code"]
            and row["presale_starts_on"] is not None
            and row["presale_starts_on"] <= day <= row["ends_on"]
        ]
        # Outside the calendar the order's own status says that it is open.
        if not order["paid_at"] and (not ends or max(ends) >= person.today):
            waiting.add(order["parent_order_key"])
    return len(waiting)
