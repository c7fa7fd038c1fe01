"""The profile family."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from tests.integration.tags.person import Person
from tests.integration.tags.rows import Row


def _region(person: Person) -> Row | None:
    for row in person.tables["dim_regions"]:
        if row["region_code"] == person.row["region_code"]:
            return row
    return None


def _completed_years(birthday: date, today: date) -> int:
    """Count the birthdays that have come, year by year."""
    years = 0
    while (birthday.year + years + 1, birthday.month, birthday.day) <= (
        today.year,
        today.month,
        today.day,
    ):
        years += 1
    return years


def _months(birthday: date, today: date) -> int:
    """Completed months; below 0 before the birth."""
    months = 12 * (today.year - birthday.year) + today.month - birthday.month
    return months if today.day >= birthday.day else months - 1


def _days_to(birthday: date, today: date) -> int:
    """Walk the days until one is a birthday; 29 February falls on the 28th."""
    day = today
    while day < birthday or (day.month, day.day) != (birthday.month, birthday.day):
        is_last_of_february = day.month == 2 and (day + timedelta(days=1)).month == 3
        if (birthday.month, birthday.day) == (2, 29) and is_last_of_february:
            break
        day += timedelta(days=1)
    return (day - today).days


def profile_gender(person: Person) -> str:
    return person.row["gender"] or "unknown"


def profile_gender_is_inferred(person: Person) -> bool:
    return bool(person.row["gender_is_inferred"])


def profile_age_band(person: Person) -> str | None:
    born = person.row["birthday"]
    if born is None:
        return None
    return person.cut("age_band", _completed_years(born, person.today))


def profile_age_years(person: Person) -> int | None:
    born = person.row["birthday"]
    return None if born is None else _completed_years(born, person.today)


def profile_generation(person: Person) -> str | None:
    born = person.row["birthday"]
    return None if born is None else person.cut("generation", born.year)


def profile_birthday_month(person: Person) -> int | None:
    born = person.row["birthday"]
    return None if born is None else born.month


def profile_days_to_birthday(person: Person) -> int | None:
    born = person.row["birthday"]
    return None if born is None else _days_to(born, person.today)


def profile_province(person: Person) -> str | None:
    region = _region(person)
    return region and region["province"]


def profile_city(person: Person) -> str | None:
    region = _region(person)
    return region and region["city"]


def profile_city_tier(person: Person) -> str | None:
    region = _region(person)
    return region and region["city_tier"]


def profile_area(person: Person) -> str | None:
    areas = {
        row["province_code"]: row["area"] for row in person.tables["province_areas"]
    }
    return areas[person.row["region_code"][:2]] if _region(person) else None


def profile_city_store_count(person: Person) -> int | None:
    if not _region(person):
        return None
    stores = person.tables.by("dim_stores", "region_code")
    here = stores.get(person.row["region_code"], [])
    return sum(store["status"] == "open" for store in here)


def profile_has_child(person: Person) -> bool:
    return person.row["baby_birthday"] is not None


def profile_baby_age_months(person: Person) -> int | None:
    born = person.row["baby_birthday"]
    return None if born is None else _months(born, person.today)


def profile_child_stage(person: Person) -> str | None:
    born = person.row["baby_birthday"]
    if born is None:
        return None
    return person.cut("child_stage", _months(born, person.today))


def profile_days_to_baby_birthday(person: Person) -> int | None:
    born = person.row["baby_birthday"]
    return None if born is None else _days_to(born, person.today)


def profile_completeness_rate(person: Person) -> Decimal:
    row = person.row
    known = [
        row["name"] is not None,
        row["gender"] in ("male", "female"),
        row["birthday"] is not None,
        row["region_code"] is not None,
    ]
    return Decimal(sum(known)) / 4
