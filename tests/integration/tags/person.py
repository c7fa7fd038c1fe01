"""One customer as the definitions of tags see them: plain rows of the marts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from tests.integration.tags.rows import Row, Tables
from tests.integration.tags.subject import SHANGHAI, Subject

CENT = Decimal("0.01")


@dataclass(frozen=True)
class Purchase:
    """A valid order with all its parcels."""

    key: int
    channel: str
    paid_at: datetime
    net: Decimal
    parcels: tuple[Row, ...] = ()

    @property
    def day(self) -> date:
        return self.paid_at.astimezone(SHANGHAI).date()


def rounded(value: Decimal, places: int) -> Decimal:
    """Round as PostgreSQL rounds a numeric: half away from zero."""
    return value.quantize(Decimal(1).scaleb(-places), rounding="ROUND_HALF_UP")


def rate(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """Return a part of a whole with four places, nothing of nothing."""
    return rounded(Decimal(part) / Decimal(whole), 4) if whole else None


class Person(Subject):
    """The rows of one customer."""

    def __init__(self, customer_id: int, tables: Tables, base_date: date) -> None:
        super().__init__(tables, base_date)
        self.customer_id = customer_id
        self.row = self.of("dim_customers")[0]
        self._brands: dict[str, list[tuple[date, Decimal]]] | None = None
        self.orders = self.of("fct_orders")
        self.lines = self.of("fct_order_lines")
        self.valid_orders = {
            row["order_key"]: row for row in self.orders if row["is_valid_order"]
        }
        self.purchases = sorted(
            self._purchases(), key=lambda one: (one.paid_at, one.key)
        )

    def of(self, table: str, column: str = "customer_id") -> list[Row]:
        """Return this customer's rows of a mart."""
        return self.tables.of(table, self.customer_id, column)

    def population(self) -> list[Person]:
        """Return everybody but the excluded, as whom people are compared with."""
        risks = self.tables["tags.tags_customer_risk"]
        return self.tables.once(
            "population",
            lambda: [
                Person(row["customer_id"], self.tables, self.today)
                for row in risks
                if row["risk_exclusion"] is None
            ],
        )

    def product(self, product_key: int | None) -> Row | None:
        """Return a product, or nothing for a key that has none."""
        rows = self.tables.by("dim_products", "product_key").get(product_key)
        return rows[0] if rows else None

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
                tuple(orders),
            )

    def year(self) -> list[Purchase]:
        return [one for one in self.purchases if self.within(one.day, 365)]

    def consumables(self) -> Iterator[tuple[date, Row, Row, Decimal]]:
        returned: dict[int, Decimal] = defaultdict(Decimal)
        for refund in self.of("fct_refunds"):
            if refund["refund_type"] == "return" and refund["status"] == "completed":
                returned[refund["order_line_key"]] += refund["quantity"]
        for line in self.lines:
            if (
                line["order_key"] in self.valid_orders
                and line["line_type"] in ("sale", "gift")
                and (product := self.product(line["product_key"]))
            ):
                kept = line["quantity"] - returned[line["order_line_key"]]
                if kept > 0:
                    day = self.valid_orders[line["order_key"]]["paid_on"]
                    yield day, line, product, kept

    def brands(self) -> dict[str, list[tuple[date, Decimal]]]:
        """Per brand the purchases: day, and what was kept of the brand."""
        if self._brands is None:
            self._brands = self._by_brand()
        return self._brands

    def _by_brand(self) -> dict[str, list[tuple[date, Decimal]]]:
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
        return dict(brands)

    def others_phones(self) -> dict[str, date]:
        """Phones parcels went to that never were the customer's own, since when."""
        rows = [row for row in self.of("dim_contact_points") if row["kind"] == "phone"]
        own = {row["value"] for row in rows if row["role"] == "account"}
        phones: dict[str, date] = {}
        for row in rows:
            if row["value"] not in own:
                day = row["valid_from"]
                phones[row["value"]] = min(day, phones.get(row["value"], day))
        return phones
