"""Behaviour tags by configuration, person by person: the rules as loops over events."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from pathlib import Path
from typing import Any

from tests.integration.tags.compared import Agreement
from tests.integration.tags.person import CENT, SHANGHAI, Person
from tests.integration.tags.rows import Row, Tables, select

COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: one == other,
    "<>": lambda one, other: one != other,
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
    "in": lambda one, other: one in other.split("|"),
    "contains": lambda one, other: other in one,
}


def compare(conn: Any, base_date: date, seed: Path) -> Agreement:
    """Compare each configured tag of every customer with what its rule says."""
    with seed.open(encoding="utf-8") as file:
        rules: list[Row] = list(csv.DictReader(file))
    tables = Tables(conn)
    rows: dict[int, dict[str, Any]] = {}
    for row in select(conn, "tags.customer_behaviour_tags"):
        typed = next(
            row[column]
            for column in ("value_on", "value_number", "tag_value")
            if row[column] is not None
        )
        rows.setdefault(row["customer_id"], {})[row["tag_code"]] = typed
    agreement = Agreement(
        "customer",
        "configured",
        {rule["tag_code"]: partial(_value, rule=rule) for rule in rules},
    )
    for customer in tables["dim_customers"]:
        customer_id = customer["customer_id"]
        row = dict.fromkeys(agreement.definitions) | rows.pop(customer_id, {})
        person = Person(customer_id, tables, base_date)
        agreement.compare(customer_id, row, (person, list(_events(person))))
    assert not rows, f"nobody has the tags of customers {sorted(rows)}"
    return agreement


def _value(seen: tuple[Person, list[Row]], rule: Row) -> Any:
    """Return what a rule says about a person's events; null where it says nothing."""
    person, events = seen
    matching = [event for event in events if _matches(person, event, rule)]
    return _measured(person, matching, rule)


def _events(person: Person) -> Iterator[Row]:
    for table, code, at in (
        ("fct_events", lambda row: f"event_{row['event_type']}", "occurred_at"),
        (
            "fct_interactions",
            lambda row: f"content_{row['interaction_type']}",
            "occurred_at",
        ),
        ("fct_ad_exposures", lambda row: f"ad_{row['action']}", "occurred_at"),
        ("fct_coupons", lambda row: f"coupon_{row['action']}", "occurred_at"),
        ("fct_reviews", lambda _: "review_written", "reviewed_at"),
        ("fct_leads", lambda _: "lead_left", "submitted_at"),
    ):
        for row in person.of(table):
            detail = row.get("scene") or row.get("placement") or row.get("lead_source")
            yield _event(person, row, code(row), row[at], detail=detail)
    for row in person.of("fct_touches"):
        channel = row["touch_channel"]
        code = f"touch_{row['status']}"
        yield _event(person, row, code, row["sent_at"], detail=channel)
        if row["clicked_at"] and row["status"] != "failed":
            at = row["clicked_at"]
            yield _event(person, row, "touch_clicked", at, detail=channel)
    for one in person.purchases:
        yield _event(person, {}, "order_paid", one.paid_at, amount=one.net)
    for line in person.lines:
        if line["is_valid_line"]:
            amount = line["net_amount"]
            yield _event(person, line, "product_bought", line["paid_at"], amount=amount)


def _event(person: Person, row: Row, code: str, at: datetime, **more: Any) -> Row:
    product = person.product(row.get("product_key")) or {}
    contents = person.tables.by("dim_contents", "content_key")
    content = contents.get(row.get("content_key"), [{}])[0]
    local = at.astimezone(SHANGHAI)
    category = _category(person, product) if product else None
    return {
        "event_type": code,
        "at": at,
        "occurred_on": local.date(),
        "hour_of_day": local.hour,
        "brand_code": row.get("brand_code") or product.get("brand_code"),
        "product_category": category,
        "content_type": content.get("content_type"),
        "topic": content.get("topic"),
        "keyword": row.get("keyword"),
        "rating": row.get("rating"),
        "seconds": row.get("duration_seconds"),
        **more,
    }


def _category(person: Person, product: Row) -> str:
    for column in ("category", "department"):
        for row in person.tables["product_categories"]:
            if (row["match_on"], row["source_value"]) == (column, product[column]):
                return str(row["product_category"])
    return "other"


def _matches(person: Person, event: Row, rule: Row) -> bool:
    if event["event_type"] not in rule["event_types"].split("|"):
        return False
    days = rule["window_days"]
    if days and not person.within(event["occurred_on"], int(days)):
        return False
    for condition in filter(None, rule["filters"].split(" and ")):
        column, operator, value = condition.split(" ", 2)
        mine = event.get(column)
        if mine is None:
            return False
        wanted = value if isinstance(mine, str) else Decimal(value)
        if not COMPARED[operator](mine, wanted):
            return False
    return True


def _measured(person: Person, events: list[Row], rule: Row) -> Any:
    if not events:
        return None
    column, days = rule["measured_column"], [event["occurred_on"] for event in events]
    values = [
        event[column] for event in events if column and event.get(column) is not None
    ]
    of_events: dict[str, Callable[[], Any]] = {
        "count": lambda: len(events),
        "first": lambda: min(days),
        "last": lambda: max(days),
        "days_since": lambda: (person.today - max(days)).days,
    }
    of_values: dict[str, Callable[[], Any]] = {
        "distinct": lambda: len(set(values)),
        "sum": lambda: sum(values),
        "average": lambda: _cents(Decimal(sum(values)) / len(values)),
        "top": lambda: _top(events, column),
    }
    if rule["measure"] in of_events:
        return of_events[rule["measure"]]()
    return of_values[rule["measure"]]() if values else None


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def _top(events: list[Row], column: str) -> Any:
    """Return the value met most often, of equals the one met last."""
    times = Counter(event[column] for event in events if event[column] is not None)
    last = {
        event[column]: event["at"] for event in sorted(events, key=lambda e: e["at"])
    }
    return max(times, key=lambda value: (times[value], last[value]))
