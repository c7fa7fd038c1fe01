"""Write the calendar seeds: lunar festivals and shifted working days.

Run it once a year, when the State Council has announced the next year's holidays and
`chinesecalendar` has been released with them:

    .venv/bin/python scripts/build_calendar_seeds.py
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
from lunardate import LunarDate

FIRST_YEAR = 2015
SEEDS = Path(__file__).resolve().parents[1] / "dbt_project" / "seeds" / "calendar"
FESTIVALS = {"spring_festival": (1, 1), "dragon_boat": (5, 5), "mid_autumn": (8, 15)}
WEEKEND = (5, 6)


def lunar_festivals(last_year: int) -> list[tuple[str, int, date]]:
    """Return festival code, year and the day it falls on in the solar calendar."""
    return [
        (code, year, LunarDate(year, month, day).to_solar_date())
        for year in range(FIRST_YEAR, last_year + 1)
        for code, (month, day) in FESTIVALS.items()
    ]


def shifted_days(last_year: int) -> list[tuple[date, str, str]]:
    """Return the days that differ from their weekday, with the holiday behind it."""
    day = date(FIRST_YEAR, 1, 1)
    rows = []
    while day.year <= last_year:
        is_working = chinese_calendar.is_workday(day)
        if is_working != (day.weekday() not in WEEKEND):
            _, holiday = chinese_calendar.get_holiday_detail(day)
            holiday = holiday or chinese_calendar.workdays[day]
            rows.append((day, str(is_working).lower(), str(holiday)))
        day += timedelta(days=1)
    return rows


def write(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write one seed as CSV with unix line ends."""
    with (SEEDS / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main() -> None:
    """Write both seeds, as far ahead as the library's announced holidays reach."""
    last_year = max(chinese_calendar.holidays).year
    write(
        "lunar_festivals.csv",
        ("festival", "year", "falls_on"),
        lunar_festivals(last_year),
    )
    write(
        "working_days.csv",
        ("date_day", "is_working_day", "holiday_name"),
        shifted_days(last_year),
    )


if __name__ == "__main__":
    main()
