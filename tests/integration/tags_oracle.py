"""The trickiest tags computed again, person by person, from the rows of the marts.

Written from the definitions, not from the SQL: plain loops over events in the order
they happened, where the models use windows and closed forms.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.integration.tag_rows import Row, Tables, grouped, only

SHANGHAI = ZoneInfo("Asia/Shanghai")
CENT = Decimal("0.01")
LOOKS = ("page_view", "product_view", "search", "check_in")


@dataclass(frozen=True)
class Purchase:
    """A valid order with all its parcels."""

    key: int
    channel: str
    paid_at: datetime
    net: Decimal

    @property
    def day(self) -> date:
        return self.paid_at.astimezone(SHANGHAI).date()


class Person:
    """The rows of one customer."""

    def __init__(self, customer_id: int, tables: Tables, base_date: date) -> None:
        self.tables, self.today = tables, base_date
        self.row = only(tables["dim_customers"], customer_id)[0]
        self.orders = only(tables["fct_orders"], customer_id)
        self.lines = only(tables["fct_order_lines"], customer_id)
        self.products = {row["product_key"]: row for row in tables["dim_products"]}
        self.valid_orders = {
            row["order_key"]: row for row in self.orders if row["is_valid_order"]
        }
        self.purchases = sorted(self._purchases(), key=lambda one: one.paid_at)
        self.customer_id = customer_id

    def _purchases(self) -> Iterator[Purchase]:
        parcels = defaultdict(list)
        for order in self.valid_orders.values():
            parcels[order["parent_order_key"]].append(order)
        for key, orders in parcels.items():
            yield Purchase(
                key,
                min(order["channel_code"] for order in orders),
                min(order["paid_at"] for order in orders),
                sum((order["net_amount"] for order in orders), Decimal(0)),
            )

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

    # -- purchase ---------------------------------------------------------------

    def purchase_order_count(self) -> int:
        return len(self.purchases)

    def year(self) -> list[Purchase]:
        return [one for one in self.purchases if self.within(one.day, 365)]

    def purchase_net_amount_365d(self) -> Decimal:
        return sum((one.net for one in self.year()), Decimal(0))

    def purchase_ticket_amount_365d(self) -> Decimal | None:
        year = self.year()
        if not year:
            return None
        # PostgreSQL rounds half away from zero; amounts here are never negative.
        return (self.purchase_net_amount_365d() / len(year)).quantize(
            CENT, rounding="ROUND_HALF_UP"
        )

    def purchase_days_since_last_order(self) -> int | None:
        kept = [one.day for one in self.purchases if one.net > 0]
        return (self.today - kept[-1]).days if kept else None

    def purchase_main_daypart_365d(self) -> str | None:
        parts = [
            (self.cut("daypart_hour", one.paid_at.astimezone(SHANGHAI).hour), one)
            for one in self.year()
        ]
        counts = Counter(part for part, _ in parts)
        # The purchases are in order: among equals the part of the latest one wins.
        best = [part for part, _ in parts if counts[part] == max(counts.values())]
        return best[-1] if best else None

    # -- category -----------------------------------------------------------------

    def consumables(self) -> Iterator[tuple[date, Row, Row, Decimal]]:
        returned: dict[int, Decimal] = defaultdict(Decimal)
        for refund in only(self.tables["fct_refunds"], self.customer_id):
            if refund["refund_type"] == "return" and refund["status"] == "completed":
                returned[refund["order_line_key"]] += refund["quantity"]
        for line in self.lines:
            if (
                line["order_key"] in self.valid_orders
                and line["line_type"] in ("sale", "gift")
                and line["product_key"] in self.products
            ):
                kept = line["quantity"] - returned[line["order_line_key"]]
                if kept > 0:
                    day = self.valid_orders[line["order_key"]]["paid_on"]
                    yield day, line, self.products[line["product_key"]], kept

    def category_run_out_on(self) -> date | None:
        bought: dict[str, dict[date, Decimal]] = defaultdict(
            lambda: defaultdict(Decimal)
        )
        for day, _, product, kept in self.consumables():
            if product["consumption_days"] is not None:
                bought[product["category"]][day] += kept * product["consumption_days"]
        ends = []
        for category, days in bought.items():
            end = min(days)
            for day in sorted(days):
                end = max(end, day) + timedelta(int(days[day]))
            frequency = sum(self.within(day, 365) for day in days)
            ends.append((-frequency, -max(days).toordinal(), category, end))
        return min(ends)[3] if ends else None

    def category_formula_stage(self) -> int | None:
        stages = [
            (day, -product["formula_stage"])
            for day, line, product, _ in self.consumables()
            if product["formula_stage"] is not None and line["line_type"] == "sale"
        ]
        return -max(stages)[1] if stages else None

    # -- brand, lifecycle -----------------------------------------------------------

    def brands(self) -> dict[str, list[tuple[date, Decimal]]]:
        """Per brand the purchases: day, and what was kept of the brand."""
        kept: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
        for line in self.lines:
            if line["is_valid_line"] and line["order_key"] in self.valid_orders:
                order = self.valid_orders[line["order_key"]]
                key = (line["brand_code"], order["parent_order_key"])
                kept[key] += line["net_amount"]
        days = {one.key: one.day for one in self.purchases}
        brands = defaultdict(list)
        for (brand, parent), amount in kept.items():
            brands[brand].append((days[parent], amount))
        return brands

    def brand_main(self) -> str | None:
        ranked = []
        for brand, bought in self.brands().items():
            spent = sum(
                (net for day, net in bought if self.within(day, 365)), Decimal(0)
            )
            last = max((day.toordinal() for day, net in bought if net > 0), default=0)
            ranked.append((-spent, -last, brand))
        return min(ranked)[2] if ranked else None

    def lifecycle_stage_baby(self) -> str:
        kept = [day for day, net in self.brands().get("baby", []) if net > 0]
        if not kept:
            return "prospect"
        rule = next(r for r in self.tables["brand_rules"] if r["brand_code"] == "baby")
        if (self.today - min(kept)).days <= rule["new_days"]:
            return "new"
        silent = (self.today - max(kept)).days
        for stage in ("active", "slowing", "sleeping"):
            if silent <= rule[f"{stage}_days"]:
                return stage
        return "lost"

    def value_tier(self) -> str | None:
        if not self.purchases:
            return None
        silent = self.purchase_days_since_last_order()
        points = [
            self.cut("value_points_spend", self.purchase_net_amount_365d()),
            self.cut("value_points_frequency", len(self.year())),
            self.cut("value_points_recency", 99999 if silent is None else silent),
        ]
        return self.cut("value_tier", sum(int(one or 0) for one in points))

    def member_upgrade_gap_amount(self) -> Decimal | None:
        if not self.row["is_member"]:
            return None
        joined = self.row["joined_at"].astimezone(SHANGHAI).date()
        spent: dict[int, Decimal] = defaultdict(Decimal)
        for one in self.purchases:
            if one.day >= joined:
                spent[one.day.year] += one.net
        best = max(spent[self.today.year], spent[self.today.year - 1])
        above = [
            row["from_value"]
            for row in self.tables["tag_cuts"]
            if row["cut_set"] == "member_tier" and row["from_value"] > best
        ]
        return min(above) - spent[self.today.year] if above else None

    # -- promotion, points, coupon, behaviour ---------------------------------------

    def promotion_double11_count_3y(self) -> int:
        windows = [
            row
            for row in self.tables["platform_promotions"]
            if row["promotion_code"] == "double11" and row["starts_on"] <= self.today
        ]
        latest = max(row["year"] for row in windows)
        return len(
            {
                row["year"]
                for row in windows
                for one in self.purchases
                if row["year"] > latest - 3
                and row["channel_code"] == one.channel
                and row["starts_on"] <= one.day <= row["ends_on"]
            }
        )

    def promotion_festival_gift_count_2y(self) -> int:
        since = self.today.replace(year=self.today.year - 2)
        gifts = set()
        for day, line, product, _ in self.consumables():
            if not (product["is_gift_set"] and line["line_type"] == "sale"):
                continue
            for feast in self.tables["lunar_festivals"]:
                before = (feast["falls_on"] - day).days
                if (
                    feast["festival"] != "dragon_boat"
                    and 1 <= before <= 45
                    and day > since
                ):
                    order = self.valid_orders[line["order_key"]]
                    gifts.add(order["parent_order_key"])
        return len(gifts)

    def points_expiring_count_30d(self) -> int:
        return sum(
            self._account_expiring(entries)
            for entries in grouped(
                only(self.tables["fct_points"], self.customer_id),
                lambda row: (row["channel_code"], row["shop_code"]),
            ).values()
        )

    def _account_expiring(self, entries: list[Row]) -> int:
        """Walk the days of one account: earn, spend what ends first, let lots end."""
        open_orders = {
            order["order_key"]
            for order in self.tables["fct_orders"]
            if order["order_status"] in ("created", "deposit_paid", "paid", "shipped")
        }
        earned = [
            row
            for row in entries
            if row["order_key"] not in open_orders
            and (
                row["entry_type"] == "earn"
                or (row["entry_type"] == "return" and row["points"] < 0)
            )
        ]
        lots = []
        debts: list[tuple[date, int]] = []
        for rows in grouped(
            earned,
            lambda row: (
                ("order", row["order_key"])
                if row["order_key"] is not None
                else ("grant", row["points_key"])
            ),
        ).values():
            points = sum(row["points"] for row in rows)
            ends = max(
                (row["expires_on"] for row in rows if row["expires_on"]), default=None
            )
            if points > 0:
                lots.append([ends, points])
            else:
                debts.append((max(row["occurred_on"] for row in rows), -points))
        for row in entries:
            if row["entry_type"] == "redeem" or (
                row["entry_type"] == "return" and row["points"] > 0
            ):
                debts.append((row["occurred_on"], -row["points"]))
        lots.sort(key=lambda lot: lot[0] or date.max)
        owed, ended = 0, 0
        days = {day for day, _ in debts} | {lot[0] for lot in lots if lot[0]}
        for day in sorted(one for one in days if one <= self.today):
            owed += sum(points for when, points in debts if when == day)
            # Points of a programme end in the order they were earned, so whatever is
            # spent comes off the front; a lot that ends takes its rest with it.
            gone = owed + ended
            through = 0
            for ends, points in lots:
                through += points
                if ends is not None and ends <= day and through > gone:
                    ended += through - gone
                    gone = through
        gone = owed + ended
        expiring = 0
        for ends, points in lots:
            rest = points - min(points, max(gone, 0))
            gone -= min(points, max(gone, 0))
            if ends is not None and 0 < (ends - self.today).days <= 30:
                expiring += rest
        return expiring

    def coupon_expiring_count_7d(self) -> int:
        status = {row["order_key"]: row["order_status"] for row in self.orders}
        count = 0
        coupons = grouped(
            only(self.tables["fct_coupons"], self.customer_id),
            lambda row: (row["channel_code"], row["coupon_id"]),
        )
        for steps in coupons.values():
            steps.sort(key=lambda row: (row["occurred_at"], row["coupon_event_key"]))
            in_hand = False
            for step in steps:
                in_hand = step["action"] in ("claim", "return") or (
                    step["action"] == "use"
                    and status.get(step["order_key"]) == "closed"
                )
            starts = [row["valid_from"] for row in steps if row["valid_from"]]
            ends = [row["valid_to"] for row in steps if row["valid_to"]]
            count += bool(
                in_hand
                and ends
                and 0 < (max(ends) - self.today).days <= 7
                and (not starts or max(starts) <= self.today)
            )
        return count

    def behaviour_cart_unordered_count_7d(self) -> int | None:
        seen = [
            row
            for row in only(self.tables["fct_events"], self.customer_id)
            if row["event_type"] in LOOKS or row["event_type"].endswith("_cart")
        ]
        if not seen:
            return None
        happenings = [
            (row["occurred_at"], row["event_type"], row["product_key"], row["quantity"])
            for row in seen
            if row["event_type"].endswith("_cart")
            and self.within(row["occurred_on"], 7)
        ]
        happenings += [
            (row["paid_at"], "order", row["product_key"], None)
            for row in self.lines
            if row["is_valid_line"]
        ]
        cart: dict[int | None, Decimal] = defaultdict(Decimal)
        for _, kind, product, quantity in sorted(happenings, key=lambda one: one[0]):
            if kind == "order":
                cart[product] = Decimal(0)
            else:
                sign = 1 if kind == "add_to_cart" else -1
                cart[product] += sign * (1 if quantity is None else quantity)
        return int(sum(pieces for pieces in cart.values() if pieces > 0))


TAGS: dict[str, Callable[[Person], Any]] = {
    name: method
    for name, method in vars(Person).items()
    if name.split("_")[0]
    in (
        "behaviour",
        "brand",
        "category",
        "coupon",
        "lifecycle",
        "member",
        "points",
        "promotion",
        "purchase",
        "value",
    )
}
