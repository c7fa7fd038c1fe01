"""States over time, for definitions of tags: a question asked of earlier days."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

from tests.integration.tags.person import Person
from tests.integration.tags.rows import Tables

StateOf = Callable[[Person], str | None]


class Then(Person):
    """A person as of an earlier day: later orders are not there yet."""

    def __init__(self, customer_id: int, tables: Tables, day: date) -> None:
        super().__init__(customer_id, tables, day)
        self.valid_orders = {
            key: order
            for key, order in self.valid_orders.items()
            if order["paid_on"] <= day
        }
        self.purchases = [one for one in self.purchases if one.day <= day]


def looked_back_to(tables: Tables, today: date) -> list[date]:
    """The earlier days with which a history begins."""
    days = set()
    for row in tables["flow_days"]:
        if row["unit"] == "day":
            days.add(today - timedelta(days=row["units_ago"]))
        else:
            months = today.year * 12 + today.month - 1 - row["units_ago"]
            year, month = months // 12, months % 12 + 1
            days.add(date(year, month, monthrange(year, month)[1]))
    return sorted(days)


@lru_cache(maxsize=100_000)
def _states(
    tables: Tables, customer_id: int, today: date, state_of: StateOf
) -> list[tuple[date, str]]:
    known = []
    for day in [*looked_back_to(tables, today), today]:
        then = Then(customer_id, tables, day)
        seen = then.row["first_seen_on"]
        if day == today or (seen is not None and seen <= day):
            known.append((day, state_of(then)))
    return [(day, state) for day, state in known if state is not None]


def states(person: Person, state_of: StateOf) -> list[tuple[date, str]]:
    """The states of a person, day by day looked at, in order."""
    return _states(person.tables, person.customer_id, person.today, state_of)


def stays(person: Person, state_of: StateOf) -> list[tuple[date, str]]:
    """The first day of every stay in a state."""
    found: list[tuple[date, str]] = []
    for day, state in states(person, state_of):
        if not found or found[-1][1] != state:
            found.append((day, state))
    return found


def entered_on(person: Person, state_of: StateOf) -> date | None:
    found = stays(person, state_of)
    return found[-1][0] if found else None


def days_in(person: Person, state_of: StateOf) -> int | None:
    since = entered_on(person, state_of)
    return None if since is None else (person.today - since).days


def previous(person: Person, state_of: StateOf) -> str | None:
    found = stays(person, state_of)
    return found[-2][1] if len(found) > 1 else None


def ago(person: Person, state_of: StateOf, days: int) -> str | None:
    asked = person.today - timedelta(days=days)
    found = [state for day, state in states(person, state_of) if day <= asked]
    return found[-1] if found else None


def direction(person: Person, state_of: StateOf, code: str, days: int) -> str | None:
    before, now = ago(person, state_of, days), states(person, state_of)
    if before is None:
        return None
    ranks = {
        row["state"]: row["state_rank"]
        for row in person.tables["state_ranks"]
        if row["state_code"] == code
    }
    step = ranks[now[-1][1]] - ranks[before]
    return "up" if step > 0 else "down" if step < 0 else "same"
