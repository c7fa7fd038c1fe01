"""The AIPL family."""

from __future__ import annotations

from datetime import date

from tests.integration.tags import signals, states
from tests.integration.tags.person import Person


def aipl_stage(person: Person) -> str:
    return signals.stage(person, "aipl")


def aipl_stage_baby(person: Person) -> str:
    return signals.stage(person, "aipl", "baby")


def aipl_stage_ginseng(person: Person) -> str:
    return signals.stage(person, "aipl", "ginseng")


def aipl_stage_skincare(person: Person) -> str:
    return signals.stage(person, "aipl", "skincare")


def aipl_stage_supermarket(person: Person) -> str:
    return signals.stage(person, "aipl", "supermarket")


def aipl_entered_on(person: Person) -> date | None:
    return states.entered_on(person, aipl_stage)


def aipl_stage_days(person: Person) -> int | None:
    return states.days_in(person, aipl_stage)


def aipl_previous_stage(person: Person) -> str | None:
    return states.previous(person, aipl_stage)


def aipl_stage_30d_ago(person: Person) -> str | None:
    return states.ago(person, aipl_stage, 30)


def aipl_direction_30d(person: Person) -> str | None:
    return states.direction(person, aipl_stage, "aipl", 30)


def aipl_aware_on(person: Person) -> date | None:
    return min(signals.days_met(person, "aipl", "aware"), default=None)


def aipl_interest_on(person: Person) -> date | None:
    return min(signals.days_met(person, "aipl", "interest"), default=None)


def aipl_loyalty_on(person: Person) -> date | None:
    return min(signals.days_met(person, "aipl", "loyalty"), default=None)


def aipl_last_interest_on(person: Person) -> date | None:
    return max(signals.days_met(person, "aipl", "interest"), default=None)


def aipl_contact_days_30d(person: Person) -> int:
    found = set()
    for rule, days in signals.met(person, "aipl"):
        if rule["stage"] in ("aware", "interest"):
            found |= {day for day in days if person.within(day, 30)}
    return len(found)
