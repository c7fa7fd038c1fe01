"""The points family: a customer's facts replayed, account by account."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from weakref import WeakKeyDictionary

from tests.integration.ledgers.account import Account
from tests.integration.ledgers.replay import Customer
from tests.integration.ledgers.rules import Rules
from tests.integration.tags.person import CENT, Person
from tests.integration.tags.rows import Tables, grouped

_RULES: WeakKeyDictionary[Tables, Rules] = WeakKeyDictionary()
_CUSTOMERS: WeakKeyDictionary[Person, Customer] = WeakKeyDictionary()


def points_available_count(person: Person) -> int:
    return sum(_left(account) for account in _accounts(person).values())


def points_brand_available_count(person: Person) -> int:
    brands = {
        row["pool_code"]
        for row in person.tables["points_pools"]
        if row["pool_kind"] == "brand"
    }
    return sum(
        _left(account) for pool, account in _accounts(person).items() if pool in brands
    )


def points_pending_count(person: Person) -> int:
    return sum(
        points
        for account in _accounts(person).values()
        for day, points in account.pending.items()
        if day <= person.today
    )


def points_value_amount(person: Person) -> Decimal:
    value = Decimal(0)
    for pool, account in _accounts(person).items():
        rates = {
            row["rate"]
            for row in person.tables["points_rules"]
            if row["entry_kind"] == "redeem"
            and row["pool_code"] == pool
            and row["valid_from"] <= person.today <= row["valid_to"]
        }
        if rates:
            value += _left(account) / max(rates)
    return value.quantize(CENT, ROUND_HALF_UP)


def points_expiring_count_30d(person: Person) -> int:
    return sum(
        lot.left
        for account in _accounts(person).values()
        for lot in account.lots
        if lot.ends <= person.today + timedelta(days=30)
    )


def points_next_expiry_on(person: Person) -> date | None:
    return min(
        (
            lot.ends
            for account in _accounts(person).values()
            for lot in account.lots
            if lot.left
        ),
        default=None,
    )


def points_expired_count_365d(person: Person) -> int:
    return sum(
        points
        for account in _accounts(person).values()
        for day, points in account.expired.items()
        if person.within(day, 365)
    )


def points_earned_count_365d(person: Person) -> int:
    return max(sum(points for day, points in _earned(person) if _year(person, day)), 0)


def points_bonus_count_365d(person: Person) -> int:
    return sum(
        bonus for day, bonus in _customer(person).bonuses if person.within(day, 365)
    )


def points_redeemed_count_365d(person: Person) -> int:
    return max(
        -sum(points for day, _, points in _spent(person) if _year(person, day)), 0
    )


def points_redemption_count_365d(person: Person) -> int:
    return sum(
        kind == "redeem" and _year(person, day) for day, kind, _ in _spent(person)
    )


def points_days_since_last_redemption(person: Person) -> int | None:
    days = [day for day, kind, _ in _spent(person) if kind == "redeem"]
    return (person.today - max(days)).days if days else None


def points_redemption_rate(person: Person) -> Decimal | None:
    came = sum(points for _, points in _earned(person))
    for account in _accounts(person).values():
        came += sum(account.opened)
    if came <= 0:
        return None
    used = -sum(points for _, _, points in _spent(person))
    rate = min(max(Decimal(used) / came, Decimal(0)), Decimal(1))
    return rate.quantize(Decimal("0.0001"), ROUND_HALF_UP)


def _year(person: Person, day: date) -> bool:
    return person.within(day, 365)


def _left(account: Account) -> int:
    return sum(lot.left for lot in account.lots)


def _earned(person: Person) -> list[tuple[date, int]]:
    """Points of orders as they came to be spent, and as refunds took them back."""
    found = []
    orders = {row["order_key"] for row in person.orders}
    for account in _accounts(person).values():
        ends = {}
        for lot in account.lots:
            if lot.origin in orders:
                found.append((lot.arrives, lot.size))
                ends[lot.origin] = lot.ends
        for day, origin, points in account.taken_back:
            if day <= ends[origin]:
                found.append((day, -points))
    return found


def _spent(person: Person) -> list[tuple[date, str, int]]:
    """What channels tell of points spent and given back since the ledger starts."""
    rules = _customer(person).rules
    return [
        (row["occurred_on"], row["entry_type"], row["points"])
        for row in person.of("fct_points")
        if rules.of("redeem", row["shop_code"], row["occurred_on"])
        and (
            row["entry_type"] == "redeem"
            or (row["entry_type"] == "return" and row["points"] > 0)
        )
    ]


def _customer(person: Person) -> Customer:
    tables = person.tables
    if tables not in _RULES:
        names = ("points_rules", "points_pools", "platform_promotions", "tag_cuts")
        seeds = {name: tables[name] for name in names}
        _RULES[tables] = Rules(
            {**seeds, "dim_shops": tables["dim_shops"]}, person.today
        )
    if person not in _CUSTOMERS:
        refunds = grouped(
            (
                refund
                for order in person.orders
                for refund in tables.by("fct_refunds", "order_key").get(
                    order["order_key"], ()
                )
            ),
            lambda row: row["order_key"],
        )
        customer = Customer(
            _RULES[tables], person.row, person.orders, refunds, person.of("fct_points")
        )
        customer.balances()
        _CUSTOMERS[person] = customer
    return _CUSTOMERS[person]


def _accounts(person: Person) -> dict[str, Account]:
    return _customer(person).accounts
