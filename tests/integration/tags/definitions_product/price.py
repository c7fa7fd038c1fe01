"""Products: the price family."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from statistics import median
from typing import Any

from tests.integration.tags.definitions_product.profile import product_category
from tests.integration.tags.subject import ratio
from tests.integration.tags.things import Payment, Product


def product_list_price_amount(product: Product) -> Any:
    return product.row["list_price_amount"]


def product_price_band(product: Product) -> str | None:
    middle = product.tables.once("medians", lambda: _medians(product))
    price, category = product.row["list_price_amount"], product_category(product)
    if price is None or category not in middle:
        return None
    return product.cut("product_price_band", price / middle[category])


def product_sold_price_amount_90d(product: Product) -> Decimal | None:
    sales = _recent(product)
    units = sum(one.quantity for one in sales)
    return ratio(sum(one.goods for one in sales), units, "0.01")


def product_discount_rate_90d(product: Product) -> Decimal | None:
    sales = _recent(product)
    off = sum(one.listed - one.goods for one in sales)
    return ratio(off, sum(one.listed for one in sales))


def product_promoted_order_rate_90d(product: Product) -> Decimal | None:
    sales = _recent(product)
    return ratio(sum(one.listed > one.goods for one in sales), len(sales))


def _recent(product: Product) -> list[Payment]:
    return [one for one in product.sales if product.within(one.day, 90)]


def _medians(product: Product) -> dict[str, Decimal]:
    prices = defaultdict(list)
    for row in product.tables["dim_products"]:
        if row["list_price_amount"]:
            other = Product(row["product_key"], product.tables, product.today)
            prices[product_category(other)].append(row["list_price_amount"])
    return {category: median(found) for category, found in prices.items()}
