"""Write the calendar seeds: lunar festivals, public holidays and shifted working days.

Run it once a year, when the State Council has announced the next year's holidays and
`chinesecalendar` has been released with them:

    .venv/bin/python scripts/build_calendar_seeds.py
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path

import chinese_calendar
from lunardate import LunarDate

FIRST_YEAR = 2015
SEEDS = Path(__file__).resolve().parents[1] / "dbt_project" / "seeds" / "calendar"
FESTIVALS = {"spring_festival": (1, 1), "dragon_boat": (5, 5), "mid_autumn": (8, 15)}


def lunar_festivals(last_year: int) -> list[tuple[str, int, date]]:
    """Return festival code, year and the day it falls on in the solar calendar."""
    return [
        (code, year, LunarDate(year, month, day).to_solar_date())
        for year in range(FIRST_YEAR, last_year + 1)
        for code, (month, day) in FESTIVALS.items()
    ]


def special_days(last_year: int) -> list[tuple[date, str, str]]:
    """Return public holidays and the weekends worked in exchange, with the holiday."""
    rows = [
        (day, str(day in chinese_calendar.workdays).lower(), str(name))
        for day, name in (chinese_calendar.holidays | chinese_calendar.workdays).items()
        if FIRST_YEAR <= day.year <= last_year
    ]
    return sorted(rows)


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
        special_days(last_year),
    )


if __name__ == "__main__":
    main()
