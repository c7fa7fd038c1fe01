"""Products, stores and guides as lists of what happened, for the definitions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

from tests.integration.tags.rows import Row, Tables
from tests.integration.tags.subject import Subject, local_day, ratio

ZERO = Decimal(0)


@dataclass
class Payment:
    """One payment, or what it held of one product."""

    key: int
    customer_id: int | None
    channel: str
    store: str | None
    staff: str | None
    paid_at: datetime
    quantity: Decimal = ZERO
    listed: Decimal = ZERO
    goods: Decimal = ZERO
    net: Decimal = ZERO

    @property
    def day(self) -> date:
        return local_day(self.paid_at)


def payments(tables: Tables) -> dict[int, Payment]:
    """Return all payments of valid orders, parcels put together."""

    def gather() -> dict[int, Payment]:
        found: dict[int, Payment] = {}
        for order in tables["fct_orders"]:
            if order["is_valid_order"]:
                key = order["parent_order_key"]
                one = found.setdefault(key, _payment(order))
                one.goods += order["goods_amount"]
                one.net += order["net_amount"]
        return found

    found: dict[int, Payment] = tables.once("payments", gather)
    return found


def payments_by(tables: Tables, field: str) -> dict[str, list[Payment]]:
    """Return all payments by their store or their guide."""

    def gather() -> dict[str, list[Payment]]:
        groups: dict[str, list[Payment]] = defaultdict(list)
        for one in payments(tables).values():
            groups[getattr(one, field)].append(one)
        return groups

    found: dict[str, list[Payment]] = tables.once(f"payments_by_{field}", gather)
    return found


def first_payments(tables: Tables) -> dict[int, datetime]:
    """Return when each customer first paid for anything, anywhere."""

    def gather() -> dict[int, datetime]:
        first: dict[int, datetime] = {}
        for one in payments(tables).values():
            if one.customer_id is not None:
                earlier = first.get(one.customer_id, one.paid_at)
                first[one.customer_id] = min(one.paid_at, earlier)
        return first

    found: dict[int, datetime] = tables.once("first_payments", gather)
    return found


class Thing(Subject):
    """A member of an entity that is not a person of its own."""

    def known(self, customer_id: int, table: str, column: str) -> Any:
        """Return a fact or tag of a customer."""
        return self.tables.of(table, customer_id)[0][column]

    def enough(self, people: int, entity: str) -> bool:
        """Say whether a share of so many people (or tasks) is told."""
        return people >= self.tables.by("share_rules", "entity")[entity][0]["min_count"]

    def share(self, members: Any, entity: str) -> Decimal | None:
        """Return the share of the members that are true, if they are enough."""
        known = list(members)
        return (
            ratio(sum(known), len(known)) if self.enough(len(known), entity) else None
        )


class Product(Thing):
    """The rows of one product."""

    def __init__(self, product_key: int, tables: Tables, base_date: date) -> None:
        super().__init__(tables, base_date)
        self.key = product_key
        self.row = tables.by("dim_products", "product_key")[product_key][0]

    @cached_property
    def sales(self) -> list[Payment]:
        """What each payment ever held of it."""
        orders = self.tables.by("fct_orders", "order_key")
        found: dict[int, Payment] = {}
        for line in self.tables.by("fct_order_lines", "product_key").get(self.key, ()):
            if line["is_valid_line"]:
                order = orders[line["order_key"]][0]
                one = found.setdefault(order["parent_order_key"], _payment(order))
                one.quantity += line["quantity"]
                one.listed += line["list_amount"]
                one.goods += line["goods_amount"]
                one.net += line["net_amount"]
        return list(found.values())

    @cached_property
    def year(self) -> list[Payment]:
        return [one for one in self.sales if self.within(one.day, 365)]

    @cached_property
    def buyers(self) -> dict[int, list[Payment]]:
        """The year's payments by customer."""
        return by_customer(self.year)


class Store(Thing):
    """The rows of one store."""

    def __init__(self, store_code: str, tables: Tables, base_date: date) -> None:
        super().__init__(tables, base_date)
        self.code = store_code
        self.row = tables.by("dim_stores", "store_code")[store_code][0]

    @cached_property
    def year(self) -> list[Payment]:
        return [
            one
            for one in payments_by(self.tables, "store").get(self.code, ())
            if self.within(one.day, 365)
        ]

    @cached_property
    def buyers(self) -> dict[int, list[Payment]]:
        """The year's payments by customer."""
        return by_customer(self.year)

    @cached_property
    def sold_lines(self) -> list[Row]:
        """Valid lines of the year with a known product."""
        keys = {one.key for one in self.year}
        orders = [
            order
            for order in self.tables.by("fct_orders", "store_code").get(self.code, ())
            if order["parent_order_key"] in keys and order["is_valid_order"]
        ]
        lines = self.tables.by("fct_order_lines", "order_key")
        return [
            {**line, "payment": order["parent_order_key"]}
            for order in orders
            for line in lines.get(order["order_key"], ())
            if line["is_valid_line"] and line["product_key"] is not None
        ]


class Guide(Thing):
    """The rows of one person of the staff."""

    def __init__(self, staff_code: str, tables: Tables, base_date: date) -> None:
        super().__init__(tables, base_date)
        self.code = staff_code
        self.row = tables.by("dim_guides", "staff_code")[staff_code][0]
        self.tasks = tables.by("fct_guide_tasks", "staff_code").get(staff_code, [])
        self.contacts = tables.by("fct_guide_contacts", "staff_code").get(
            staff_code, []
        )

    @cached_property
    def year(self) -> list[Payment]:
        return [
            one
            for one in payments_by(self.tables, "staff").get(self.code, ())
            if self.within(one.day, 365)
        ]

    def _of(self, table: str) -> list[Row]:
        return self.tables.by(table, "staff_code").get(self.code, [])

    @cached_property
    def assigned(self) -> set[int]:
        return {
            row["customer_id"]
            for row in self._of("dim_guide_assignments")
            if row["valid_from"] <= self.today
            and not (row["valid_to"] and row["valid_to"] < self.today)
        }

    @cached_property
    def friends(self) -> set[int]:
        return {row["customer_id"] for row in self.contacts if row["is_current"]} - {
            None
        }


def by_customer(sales: list[Payment]) -> dict[int, list[Payment]]:
    """Return the payments of known customers, by customer."""
    found = defaultdict(list)
    for one in sales:
        if one.customer_id is not None:
            found[one.customer_id].append(one)
    return found


def _payment(order: Row) -> Payment:
    return Payment(
        order["parent_order_key"],
        order["customer_id"],
        order["channel_code"],
        order["store_code"],
        order["staff_code"],
        order["paid_at"],
    )
