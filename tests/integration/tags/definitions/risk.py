"""The risk family."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.integration.tags.person import Person
from tests.integration.tags.rows import Row


def _rule(person: Person, code: str) -> Row:
    rows: list[Row] = person.tables.by("risk_rules", "rule_code")[code]
    return rows[0]


def _year_orders(person: Person) -> list[list[Row]]:
    """The year's purchases, each with its parcels."""
    keys = [one.key for one in person.year()]
    orders = person.valid_orders.values()
    return [[row for row in orders if row["parent_order_key"] == key] for key in keys]


def _refunded(person: Person, kind: str) -> Decimal | None:
    """Share of the year's orders with a refund of a kind."""
    orders = {
        row["order_key"]
        for row in person.tables["fct_refunds"]
        if row["refund_type"] == kind and row["status"] == "completed"
    }
    year = _year_orders(person)
    if not year:
        return None
    hit = [one for one in year if orders & {row["order_key"] for row in one}]
    return Decimal(len(hit)) / len(year)


def _coupons(person: Person) -> Decimal | None:
    year = _year_orders(person)
    if not year:
        return None
    hit = [one for one in year if any((row["coupon_amount"] or 0) > 0 for row in one)]
    return Decimal(len(hit)) / len(year)


def _trips(person: Person, code: str, share: Decimal | None) -> bool:
    rule = _rule(person, code)
    return (
        share is not None
        and len(_year_orders(person)) >= rule["min_count"]
        and share >= rule["min_rate"]
    )


def _short(share: Decimal | None) -> Decimal | None:
    if share is None:
        return None
    return share.quantize(Decimal("0.0001"), ROUND_HALF_UP)


def _is_listed(person: Person, reason: str) -> bool:
    contacts = {(row["kind"], row["value"]) for row in person.of("dim_contact_points")}
    return any(
        row["reason"] == reason
        and row["listed_on"] <= person.today
        and (row["contact_kind"], row["contact_value"]) in contacts
        for row in person.tables["risk_listed"]
    )


def _is_tester(person: Person) -> bool:
    tests = [row for row in person.orders if row["invalid_reason"] == "test"]
    return bool(tests) and not person.purchases


def _fakes_orders(person: Person) -> bool:
    rule = _rule(person, "fake_order")
    recent = [
        one for one in person.purchases if person.within(one.day, rule["window_days"])
    ]
    back = [one for one in recent if one.net <= 0]
    return len(recent) >= rule["min_count"] and len(back) >= rule["min_rate"] * len(
        recent
    )


def _resells(person: Person) -> bool:
    """Stock of one category for longer than anybody needs, bought in a month."""
    rule = _rule(person, "reseller")
    days: dict[tuple[str, int, int], Decimal] = defaultdict(Decimal)
    last: dict[tuple[str, int, int], date] = {}
    for day, line, product, kept in person.consumables():
        if product["consumption_days"] and line["line_type"] == "sale":
            month = (product["category"], day.year, day.month)
            days[month] += kept * product["consumption_days"]
            last[month] = max(day, last.get(month, day))
    return any(
        supply >= rule["min_count"] and person.within(last[month], rule["window_days"])
        for month, supply in days.items()
    )


def risk_exclusion(person: Person) -> str | None:
    found = {
        "employee": bool(person.row["is_employee"]),
        "test": _is_tester(person),
        "fake_order": _fakes_orders(person),
        "reseller": _resells(person),
    }
    gravest = ("erased", "blocklist", "test", "employee", "fake_order", "reseller")
    for reason in gravest:
        if found.get(reason) or _is_listed(person, reason):
            return reason
    return None


def risk_refund_only_rate_365d(person: Person) -> Decimal | None:
    return _short(_refunded(person, "refund_only"))


def risk_return_rate_365d(person: Person) -> Decimal | None:
    return _short(_refunded(person, "return"))


def risk_is_refund_only_abuser(person: Person) -> bool:
    return _trips(person, "refund_only", _refunded(person, "refund_only"))


def risk_is_high_returner(person: Person) -> bool:
    return _trips(person, "high_return", _refunded(person, "return"))


def risk_is_coupon_hunter(person: Person) -> bool:
    return _trips(person, "coupon_hunter", _coupons(person))


def risk_has_many_receivers(person: Person) -> bool:
    least = _rule(person, "many_receivers")["min_count"]
    days = person.others_phones().values()
    return sum(person.within(day, 365) for day in days) >= int(least)


def risk_is_suspect_identity(person: Person) -> bool:
    least = _rule(person, "suspect_identity")["min_count"]
    return any(row["suspicion"] >= least for row in person.of("mart_suspect_customers"))


def risk_level(person: Person) -> Any:
    signs = [
        risk_is_refund_only_abuser(person),
        risk_is_high_returner(person),
        risk_is_coupon_hunter(person),
        risk_has_many_receivers(person),
        risk_is_suspect_identity(person),
    ]
    if risk_exclusion(person) in ("blocklist", "fake_order", "reseller"):
        return "high"
    return person.cut("risk_level", sum(signs))
