"""The category family."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from tests.integration.tags.person import Person


def category_run_out_on(person: Person) -> date | None:
    bought: dict[str, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for day, _, product, kept in person.consumables():
        if product["consumption_days"] is not None:
            bought[product["category"]][day] += kept * product["consumption_days"]
    ends = []
    for category, days in bought.items():
        end = min(days)
        for day in sorted(days):
            end = max(end, day) + timedelta(int(days[day]))
        frequency = sum(person.within(day, 365) for day in days)
        ends.append((-frequency, -max(days).toordinal(), category, end))
    return min(ends)[3] if ends else None


def category_formula_stage(person: Person) -> int | None:
    stages = [
        (day, -product["formula_stage"])
        for day, line, product, _ in person.consumables()
        if product["formula_stage"] is not None and line["line_type"] == "sale"
    ]
    return -max(stages)[1] if stages else None
