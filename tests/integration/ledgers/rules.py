"""The rules of points, asked one question at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

Row = dict[str, Any]


class Rules:
    """Rows of the seeds and of dim_shops."""

    def __init__(self, tables: Mapping[str, Iterable[Row]], today: date) -> None:
        self.today = today
        self.rows = list(tables["points_rules"])
        self.starts = {
            row["pool_code"]: row["starts_on"] for row in tables["points_pools"]
        }
        self.windows = list(tables["platform_promotions"])
        self.tiers = [
            row for row in tables["tag_cuts"] if row["cut_set"] == "member_tier"
        ]
        self.shops = {row["shop_code"]: row for row in tables["dim_shops"]}
        self._found: dict[tuple[str, str, date], list[Row]] = {}

    def of(self, kind: str, shop: str, day: date) -> list[Row]:
        """Return the rules of a kind that hold in a shop on a day."""
        key = (kind, shop, day)
        if key not in self._found:
            known = self.shops.get(shop)
            self._found[key] = [
                row
                for row in self.rows
                if known
                and row["entry_kind"] == kind
                and row["channel_code"] in ("all", known["channel_code"])
                and row["brand_code"] in ("all", known["brand_code"])
                and row["valid_from"] <= day <= row["valid_to"]
                and self.starts[row["pool_code"]] <= day
            ]
        return self._found[key]

    def one(self, kind: str, pool: str, shop: str, day: date) -> Row | None:
        """Return the rule of a pool."""
        found = [row for row in self.of(kind, shop, day) if row["pool_code"] == pool]
        return found[0] if found else None

    def times(
        self, pool: str, shop: str, day: date, tier: str | None, birthday: date | None
    ) -> Decimal:
        """Return the highest multiplier of those that hold."""
        best = Decimal(1)
        for row in self.of("multiply", shop, day):
            kind, asked = row["condition_kind"], row["condition_value"]
            holds = (
                (kind == "tier" and asked == tier)
                or (
                    kind == "birthday_month"
                    and birthday
                    and birthday.month == day.month
                )
                or (kind == "promotion" and self._in_promotion(asked, shop, day))
            )
            if holds and row["pool_code"] == pool:
                best = max(best, row["rate"])
        return best

    def _in_promotion(self, code: str, shop: str, day: date) -> bool:
        channel = self.shops[shop]["channel_code"]
        return any(
            window["promotion_code"] == code
            and window["channel_code"] == channel
            and window["starts_on"] <= day <= window["ends_on"]
            for window in self.windows
        )

    def ends(self, pool: str, shop: str, ruled_on: date, from_day: date) -> date:
        """Return the last day of points, by the rule of a day."""
        rule = self.one("expire", pool, shop, ruled_on)
        assert rule
        if rule["condition_kind"] == "rolling":
            return from_day + timedelta(days=rule["days"])
        month, day = map(int, rule["month_day"].split("-"))
        return date(from_day.year + 1, month, day)

    def tier(self, amount: Decimal, day: date) -> str | None:
        """Return the tier that a spend is good for."""
        for row in self.tiers:
            if (
                row["valid_from"] <= day <= row["valid_to"]
                and row["from_value"] <= amount
                and (row["to_value"] is None or amount < row["to_value"])
            ):
                return str(row["label"])
        return None
