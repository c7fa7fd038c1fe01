"""Products: the profile family."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.integration.tags.subject import ratio
from tests.integration.tags.things import Product


def product_is_gift_set(product: Product) -> bool:
    return bool(product.row["is_gift_set"])


def product_category(product: Product) -> str:
    rows = product.tables.by("product_categories", "source_value")
    for match_on in ("category", "department"):
        for row in rows.get(product.row[match_on], ()):
            if row["match_on"] == match_on:
                return str(row["product_category"])
    return "other"


def product_brand(product: Product) -> Any:
    return product.row["brand_code"]


def product_consumption_days(product: Product) -> Any:
    return product.row["consumption_days"]


def product_formula_stage(product: Product) -> Any:
    return product.row["formula_stage"]


def product_review_count_365d(product: Product) -> int:
    return len(_stars(product))


def product_rating_average_365d(product: Product) -> Decimal | None:
    return ratio(sum(_stars(product)), len(_stars(product)), "0.01")


def product_poor_review_rate_365d(product: Product) -> Decimal | None:
    return ratio(sum(one in (1, 2) for one in _stars(product)), len(_stars(product)))


def _stars(product: Product) -> list[int]:
    reviews = product.tables.by("fct_reviews", "product_key").get(product.key, ())
    return [one["rating"] for one in reviews if product.within(one["reviewed_on"], 365)]
