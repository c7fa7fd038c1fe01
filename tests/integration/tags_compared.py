"""Compare the wide table with the definitions of tags_oracle, for every customer."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.integration.tag_rows import grouped, select
from tests.integration.tags_oracle import TAGS, Person

OF_A_PERSON = (
    "marts.dim_customers",
    "marts.fct_orders",
    "marts.fct_order_lines",
    "marts.fct_refunds",
    "marts.fct_events",
    "marts.fct_points",
    "marts.fct_coupons",
)
SHARED = (
    "marts.dim_products",
    "seeds.tag_cuts",
    "seeds.brand_rules",
    "seeds.platform_promotions",
    "seeds.lunar_festivals",
)


def differences(conn: Any, base_date: date) -> list[str]:
    """Return a line per customer and tag whose value is not the defined one."""
    shared = {name.split(".")[1]: select(conn, name) for name in SHARED}
    people = {
        name.split(".")[1]: grouped(select(conn, name), lambda row: row["customer_id"])
        for name in OF_A_PERSON
    }
    found = []
    for row in select(conn, "tags.customer_tags_wide"):
        customer_id = row["customer_id"]
        own = {name: rows.get(customer_id, []) for name, rows in people.items()}
        person = Person(customer_id, {**shared, **own}, base_date)
        for code, definition in TAGS.items():
            expected = definition(person)
            if expected != row[code]:
                found.append(f"{customer_id} {code}: {row[code]}, not {expected}")
    return found
