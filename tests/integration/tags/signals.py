"""Signals of AIPL and 5A, for definitions of tags: which rule was met on which day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain

from tests.integration.tags.person import SHANGHAI, Person
from tests.integration.tags.rows import Row, Tables

Signals = dict[tuple[str, str | None], set[date]]


def _brand(person: Person, row: Row) -> str | None:
    product = person.product(row["product_key"])
    return product["brand_code"] if product else None


def _shown(person: Person) -> Iterator[tuple[str, str | None, date]]:
    """What the group showed a person, and what came of sharing it."""
    for row in person.of("fct_ad_exposures"):
        yield f"ad_{row['action']}", None, row["occurred_on"]
    for row in person.of("fct_touches"):
        if row["clicked_at"]:
            clicked_on = row["clicked_at"].astimezone(SHANGHAI).date()
            yield "touch_click", None, clicked_on
    for row in person.of("fct_referrals", "inviter_customer_id"):
        yield f"referral_{row['referral_kind']}", None, row["occurred_on"]


def _done(person: Person) -> Iterator[tuple[str, str | None, date]]:
    """What a person did, asked and bought: signal, brand of its product, day."""
    for row in person.of("fct_interactions"):
        yield (
            f"content_{row['interaction_type']}",
            _brand(person, row),
            row["occurred_on"],
        )
    for row in person.of("fct_events"):
        yield f"event_{row['event_type']}", _brand(person, row), row["occurred_on"]
    for row in person.of("fct_leads"):
        if row["status"] != "invalid":
            yield "lead", None, row["submitted_on"]
    for row in person.of("fct_service_cases"):
        yield f"case_{row['case_type']}", _brand(person, row), row["opened_on"]
    for row in person.of("fct_reviews"):
        words = person.cut("review_rating", row["rating"])
        yield f"review_{words}", _brand(person, row), row["reviewed_on"]
    for name, bought in person.brands().items():
        for day, net in bought:
            if net > 0:
                yield "order", name, day


@lru_cache(maxsize=100_000)
def _signals(tables: Tables, customer_id: int, today: date) -> Signals:
    found: Signals = defaultdict(set)
    person = Person(customer_id, tables, today)
    for signal, brand, day in chain(_shown(person), _done(person)):
        if day <= today:
            found[signal, None].add(day)
            if brand is not None:
                found[signal, brand].add(day)
    return found


def met(
    person: Person, code: str, scope: str = "all"
) -> Iterator[tuple[Row, set[date]]]:
    """Each rule of a scope with the days by today on which its signal was seen."""
    signals = _signals(person.tables, person.customer_id, person.today)
    for rule in person.tables.by("stage_signals", "state_code")[code]:
        if rule["scope"] == scope:
            key = (rule["signal_code"], None if scope == "all" else scope)
            yield rule, signals.get(key, set())


def stage(person: Person, code: str, scope: str = "all") -> str:
    """The highest stage of which a rule holds today."""
    ranks = {
        row["state"]: row["state_rank"]
        for row in person.tables.by("state_ranks", "state_code")[code]
    }
    best = "opportunity"
    for rule, days in met(person, code, scope):
        if ranks[rule["stage"]] > ranks[best]:
            seen = sum(person.within(day, rule["window_days"]) for day in days)
            if seen >= rule["min_days"]:
                best = rule["stage"]
    return best


def days_met(person: Person, code: str, *stages: str) -> list[date]:
    """The days of a signal on which the rules of these stages held, in order."""
    found = set()
    for rule, days in met(person, code):
        if rule["stage"] in stages:
            for day in days:
                begin = day - timedelta(days=rule["window_days"])
                if sum(begin < one <= day for one in days) >= rule["min_days"]:
                    found.add(day)
    return sorted(found)
