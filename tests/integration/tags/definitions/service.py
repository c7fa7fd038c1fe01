"""The service family."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.integration.tags.person import CENT, Person
from tests.integration.tags.rows import Row, grouped


def _cases(person: Person) -> list[Row]:
    return sorted(person.of("fct_service_cases"), key=lambda row: row["opened_at"])


def _year(person: Person) -> list[Row]:
    return [row for row in _cases(person) if person.within(row["opened_on"], 365)]


def _unsettled(person: Person) -> list[Row]:
    return [
        row
        for row in _cases(person)
        if not row["is_closed"] and row["case_type"] not in ("consult", "invoice")
    ]


def _mean(times: list[timedelta], unit: timedelta, step: Decimal) -> Decimal | None:
    if not times:
        return None
    seconds = sum((Decimal(str(one.total_seconds())) for one in times), Decimal(0))
    mean = seconds / len(times) / Decimal(str(unit.total_seconds()))
    return mean.quantize(step, ROUND_HALF_UP)


def service_has_open_case(person: Person) -> bool:
    applied = [row for row in person.of("fct_refunds") if row["status"] == "applied"]
    return bool(applied or _unsettled(person))


def service_open_case_days(person: Person) -> int | None:
    for row in _unsettled(person):
        return int((person.today - row["opened_on"]).days)
    return None


def service_last_case_on(person: Person) -> date | None:
    last = None
    for row in _cases(person):
        last = row["opened_on"]
    return last


def service_last_contact_channel(person: Person) -> Any:
    cases = _cases(person)
    return cases[-1]["contact_channel"] if cases else None


def service_case_count_365d(person: Person) -> int:
    return len(_year(person))


def service_main_case_type_365d(person: Person) -> Any:
    types = grouped(_year(person), lambda row: row["case_type"])
    if not types:
        return None
    most = max(len(rows) for rows in types.values())
    # Backwards, the first type with the most cases is the latest of them.
    for row in reversed(_year(person)):
        if len(types[row["case_type"]]) == most:
            return row["case_type"]
    return None


def service_return_case_count_365d(person: Person) -> int:
    return len([row for row in _year(person) if row["case_type"] == "return"])


def service_complaint_rate_365d(person: Person) -> Decimal | None:
    cases = _year(person)
    if not cases:
        return None
    complaints = len([row for row in cases if row["case_type"] == "complaint"])
    return (Decimal(complaints) / len(cases)).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def service_days_since_last_complaint(person: Person) -> int | None:
    for row in reversed(_cases(person)):
        if row["case_type"] == "complaint":
            return int((person.today - row["opened_on"]).days)
    return None


def service_first_reply_hours_365d(person: Person) -> Decimal | None:
    times = [
        row["first_reply_at"] - row["opened_at"]
        for row in _year(person)
        if row["first_reply_at"]
    ]
    return _mean(times, timedelta(hours=1), CENT)


def service_close_days_365d(person: Person) -> int | None:
    times = [
        row["closed_at"] - row["opened_at"] for row in _year(person) if row["closed_at"]
    ]
    mean = _mean(times, timedelta(days=1), Decimal(1))
    return None if mean is None else int(mean)


def service_satisfaction_365d(person: Person) -> Decimal | None:
    rated = [row["satisfaction"] for row in _year(person) if row["satisfaction"]]
    if not rated:
        return None
    return (Decimal(sum(rated)) / len(rated)).quantize(CENT, ROUND_HALF_UP)


def service_last_satisfaction(person: Person) -> int | None:
    last = None
    for row in _cases(person):
        last = row["satisfaction"] or last
    return last
