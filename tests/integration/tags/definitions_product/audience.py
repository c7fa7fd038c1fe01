"""Products: the audience family."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from tests.integration.tags.things import Product

PROFILE, VALUE = "tags.tags_customer_profile", "tags.tags_customer_value"


def product_main_age_band_365d(product: Product) -> str | None:
    return _mode(product, "profile_age_band")


def product_main_city_tier_365d(product: Product) -> str | None:
    return _mode(product, "profile_city_tier")


def product_female_rate_365d(product: Product) -> Decimal | None:
    genders = _known(product, PROFILE, "profile_gender")
    return product.share(
        (one == "female" for one in genders if one != "unknown"), "product"
    )


def product_high_value_rate_365d(product: Product) -> Decimal | None:
    tiers = _known(product, VALUE, "value_tier")
    return product.share((one in ("v4", "v5") for one in tiers), "product")


def product_member_rate_365d(product: Product) -> Decimal | None:
    members = _known(product, "dim_customers", "is_member")
    return product.share((bool(one) for one in members), "product")


def _mode(product: Product, column: str) -> str | None:
    counts = Counter(one for one in _known(product, PROFILE, column) if one)
    if not product.enough(sum(counts.values()), "product"):
        return None
    return min(counts, key=lambda one: (-counts[one], one))


def _known(product: Product, table: str, column: str) -> list[Any]:
    return [product.known(one, table, column) for one in product.buyers]
