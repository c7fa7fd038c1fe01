"""Four years of days; a working Saturday and a holiday on a working day come often."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any


def days() -> list[dict[str, Any]]:
    return [
        {
            "date_day": day,
            "year": day.year,
            "month": day.month,
            "weekday": day.isoweekday(),
            "is_working_day": (day.isoweekday() < 6) != (day.day % 9 == 0),
        }
        for day in (date(2014, 6, 1) + timedelta(days=number) for number in range(1500))
    ]
