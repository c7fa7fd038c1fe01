"""Products: the affinity family, counted basket by basket."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Any

from tests.integration.tags.definitions_product.profile import product_category
from tests.integration.tags.subject import ratio
from tests.integration.tags.things import Product, first_payments, payments


@dataclass
class Baskets:
    """What is counted once for all products."""

    total: int
    products: Counter[int]
    pairs: dict[int, dict[int, int]]
    categories: dict[int, Counter[str]]


def product_together_item_365d(product: Product) -> Any:
    partner = _partner(product)
    if partner is None:
        return None
    return product.tables.by("dim_products", "product_key")[partner][0]["item_code"]


def product_together_rate_365d(product: Product) -> Decimal | None:
    partner, baskets = _partner(product), _baskets(product)
    if partner is None:
        return None
    return ratio(baskets.pairs[product.key][partner], baskets.products[product.key])


def product_together_category_365d(product: Product) -> str | None:
    least = product.tables["affinity_rules"][0]["min_pair_count"]
    counts = _baskets(product).categories.get(product.key, Counter())
    often = [(-count, name) for name, count in counts.items() if count >= least]
    return min(often)[1] if often else None


def product_basket_amount_365d(product: Product) -> Decimal | None:
    whole = payments(product.tables)
    worth = [whole[one.key].net for one in product.year if one.customer_id is not None]
    return ratio(sum(worth), len(worth), "0.01")


def product_repurchase_rate_365d(product: Product) -> Decimal | None:
    return product.share(
        (len(bought) > 1 for bought in product.buyers.values()), "product"
    )


def product_repurchase_gap_days_365d(product: Product) -> int | None:
    gaps = [
        (later - earlier).days
        for bought in product.buyers.values()
        for earlier, later in pairwise(sorted(one.day for one in bought))
    ]
    if not product.enough(len(gaps), "product"):
        return None
    return int((Decimal(sum(gaps)) / len(gaps)).quantize(Decimal(1), ROUND_HALF_UP))


def product_new_customer_rate_365d(product: Product) -> Decimal | None:
    first = first_payments(product.tables)
    return product.share(
        (
            any(one.paid_at == first[customer_id] for one in bought)
            for customer_id, bought in product.buyers.items()
        ),
        "product",
    )


def _partner(product: Product) -> int | None:
    baskets, rules = _baskets(product), product.tables["affinity_rules"][0]
    best: tuple[Fraction, int] | None = None
    own = baskets.products[product.key]
    for partner, count in sorted(baskets.pairs.get(product.key, {}).items()):
        chance = Fraction(own * baskets.products[partner], baskets.total)
        if count >= rules["min_pair_count"] and count >= chance * Fraction(
            rules["min_lift"]
        ):
            cosine = Fraction(count * count, own * baskets.products[partner])
            if best is None or cosine > best[0]:
                best = (cosine, partner)
    return best[1] if best else None


def _baskets(product: Product) -> Baskets:
    found: Baskets = product.tables.once("baskets", lambda: _count(product))
    return found


def _count(product: Product) -> Baskets:
    rules = product.tables["affinity_rules"][0]
    held: dict[int, set[int]] = defaultdict(set)
    category: dict[int, str] = {}
    for row in product.tables["dim_products"]:
        other = Product(row["product_key"], product.tables, product.today)
        category[other.key] = product_category(other)
        for one in other.year:
            held[one.key].add(other.key)
    # Of more baskets a sample would be counted.
    assert len(held) <= rules["max_basket_count"]
    small = [one for one in held.values() if len(one) <= rules["max_basket_products"]]
    products = Counter(key for basket in small for key in basket)
    ranked = sorted(products, key=lambda key: (-products[key], key))
    top = set(ranked[: rules["top_product_count"]])
    pairs: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    categories: dict[int, Counter[str]] = defaultdict(Counter)
    for basket in small:
        for one, another in combinations(basket & top, 2):
            pairs[one][another] += 1
            pairs[another][one] += 1
        for key in basket:
            categories[key].update({category[one] for one in basket} - {category[key]})
    return Baskets(len(small), products, pairs, categories)
