"""The lifecycle family."""

from __future__ import annotations

from datetime import date, timedelta

from tests.integration.tags import states
from tests.integration.tags.definitions.brand import brand_main
from tests.integration.tags.person import Person
from tests.integration.tags.rows import Row


def _rule(person: Person, brand: str) -> Row:
    return person.tables.by("brand_rules", "brand_code")[brand][0]


def _stage(rule: Row, age: int, silent: int) -> str:
    if age <= rule["new_days"]:
        return "new"
    for stage in ("active", "slowing", "sleeping"):
        if silent <= rule[f"{stage}_days"]:
            return stage
    return "lost"


def _brand_stage(person: Person, brand: str | None, later: int = 0) -> str:
    """The stage in a brand, or what it will be some days later without an order."""
    kept = [day for day, net in person.brands().get(str(brand), []) if net > 0]
    if not kept:
        return "prospect"
    today = person.today + timedelta(days=later)
    return _stage(
        _rule(person, str(brand)), (today - min(kept)).days, (today - max(kept)).days
    )


def _kept_days(person: Person) -> list[date]:
    return sorted({one.day for one in person.purchases if one.net > 0})


def lifecycle_stage(person: Person) -> str:
    return _brand_stage(person, brand_main(person))


def lifecycle_stage_baby(person: Person) -> str:
    return _brand_stage(person, "baby")


def lifecycle_stage_ginseng(person: Person) -> str:
    return _brand_stage(person, "ginseng")


def lifecycle_stage_skincare(person: Person) -> str:
    return _brand_stage(person, "skincare")


def lifecycle_stage_supermarket(person: Person) -> str:
    return _brand_stage(person, "supermarket")


def lifecycle_entered_on(person: Person) -> date | None:
    return states.entered_on(person, lifecycle_stage)


def lifecycle_stage_days(person: Person) -> int | None:
    return states.days_in(person, lifecycle_stage)


def lifecycle_previous_stage(person: Person) -> str | None:
    return states.previous(person, lifecycle_stage)


def lifecycle_stage_30d_ago(person: Person) -> str | None:
    return states.ago(person, lifecycle_stage, 30)


def lifecycle_direction_30d(person: Person) -> str | None:
    return states.direction(person, lifecycle_stage, "lifecycle", 30)


def lifecycle_next_stage_days(person: Person) -> int | None:
    brand = brand_main(person)
    now = _brand_stage(person, brand)
    if now in ("prospect", "lost"):
        return None
    later = 1
    while _brand_stage(person, brand, later) == now:
        later += 1
    return later


def lifecycle_cohort_month(person: Person) -> str | None:
    days = _kept_days(person)
    return f"{days[0].year}-{days[0].month:02}" if days else None


def lifecycle_is_new_30d(person: Person) -> bool:
    days = _kept_days(person)
    return bool(days) and person.within(days[0], 30)


def lifecycle_rhythm_days(person: Person) -> int | None:
    days = _kept_days(person)
    waits = sorted((days[i + 1] - days[i]).days for i in range(len(days) - 1))
    return waits[(len(waits) - 1) // 2] if waits else None


def lifecycle_rhythm_state(person: Person) -> str | None:
    rhythm = lifecycle_rhythm_days(person)
    if rhythm is None:
        return None
    silent = (person.today - _kept_days(person)[-1]).days
    if silent < rhythm:
        return "in_rhythm"
    if silent < 2 * rhythm:
        return "due"
    return "overdue" if silent < 4 * rhythm else "broken"


def lifecycle_next_order_on(person: Person) -> date | None:
    rhythm = lifecycle_rhythm_days(person)
    return None if rhythm is None else _kept_days(person)[-1] + timedelta(days=rhythm)
