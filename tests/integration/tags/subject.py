"""What a definition reads from: one member of an entity, as of a day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.integration.tags.rows import Tables

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Subject:
    """A customer, product, store or guide."""

    def __init__(self, tables: Tables, today: date) -> None:
        self.tables, self.today = tables, today

    def within(self, day: date | None, days: int) -> bool:
        return day is not None and self.today - timedelta(days) < day <= self.today

    def cut(self, cut_set: str, value: Any, scope: str = "all") -> str | None:
        for row in self.tables["tag_cuts"]:
            if (
                row["cut_set"] == cut_set
                and row["scope"] == scope
                and row["valid_from"] <= self.today <= row["valid_to"]
                and row["from_value"] <= value
                and (row["to_value"] is None or value < row["to_value"])
            ):
                return str(row["label"])
        return None

    def since(self, day: date | None) -> int | None:
        """Return the days that have passed since a day."""
        return None if day is None else (self.today - day).days


def local_day(moment: datetime) -> date:
    """Return the calendar day of a moment in Asia/Shanghai."""
    return moment.astimezone(SHANGHAI).date()


def ratio(part: Any, whole: Any, places: str = "0.0001") -> Decimal | None:
    """Return part / whole as the columns round it; nothing for a whole of nothing."""
    if not whole:
        return None
    share = Decimal(part) / Decimal(whole)
    return share.quantize(Decimal(places), ROUND_HALF_UP)
