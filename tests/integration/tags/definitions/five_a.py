"""The 5A family."""

from __future__ import annotations

from datetime import date

from tests.integration.tags import signals, states
from tests.integration.tags.person import Person


def five_a_stage(person: Person) -> str:
    return signals.stage(person, "five_a")


def five_a_entered_on(person: Person) -> date | None:
    return states.entered_on(person, five_a_stage)


def five_a_stage_days(person: Person) -> int | None:
    return states.days_in(person, five_a_stage)


def five_a_previous_stage(person: Person) -> str | None:
    return states.previous(person, five_a_stage)


def five_a_stage_30d_ago(person: Person) -> str | None:
    return states.ago(person, five_a_stage, 30)


def five_a_direction_30d(person: Person) -> str | None:
    return states.direction(person, five_a_stage, "five_a", 30)


def five_a_appeal_on(person: Person) -> date | None:
    return min(signals.days_met(person, "five_a", "appeal"), default=None)


def five_a_ask_on(person: Person) -> date | None:
    return min(signals.days_met(person, "five_a", "ask"), default=None)


def five_a_last_ask_on(person: Person) -> date | None:
    return max(signals.days_met(person, "five_a", "ask"), default=None)


def five_a_advocate_on(person: Person) -> date | None:
    return min(signals.days_met(person, "five_a", "advocate"), default=None)


def five_a_ask_days_30d(person: Person) -> int:
    found = set()
    for rule, days in signals.met(person, "five_a"):
        if rule["stage"] == "ask":
            found |= {day for day in days if person.within(day, 30)}
    return len(found)


def five_a_signal_count_30d(person: Person) -> int:
    return len(
        {
            rule["signal_code"]
            for rule, days in signals.met(person, "five_a")
            if any(person.within(day, 30) for day in days)
        }
    )
