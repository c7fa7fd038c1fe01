"""Products: the lifecycle family."""

from __future__ import annotations

from datetime import date, timedelta

from tests.integration.tags.definitions_product.sales import (
    category_standing,
    product_net_amount_365d,
)
from tests.integration.tags.things import ZERO, Product


def product_first_sold_on(product: Product) -> date | None:
    return min((one.day for one in product.sales), default=None)


def product_days_since_last_sale(product: Product) -> int | None:
    return product.since(max((one.day for one in product.sales), default=None))


def product_sold_day_count_90d(product: Product) -> int:
    return len({one.day for one in product.sales if product.within(one.day, 90)})


def product_stage(product: Product) -> str | None:
    first, silent = (
        product_first_sold_on(product),
        product_days_since_last_sale(product),
    )
    if first is None or silent is None:
        return "unsold"
    rules = product.tables.by("product_rules", "brand_code")
    rule = rules[product.row["brand_code"]][0]
    if (product.today - first).days <= rule["new_days"]:
        return "new"
    if silent > rule["dormant_days"]:
        return "dormant"
    recent = former = ZERO
    for one in product.sales:
        if product.within(one.day, 90):
            recent += one.quantity
        elif product.within(one.day + timedelta(90), 90):
            former += one.quantity
    if former == 0:
        return "growing" if recent > 0 else "declining"
    return product.cut("product_growth", recent / former)


def product_sales_class(product: Product) -> str | None:
    if product_net_amount_365d(product) <= 0:
        return "unsold"
    _, better, whole = category_standing(product)[product.key]
    return product.cut("product_sales_class", better / whole)
