"""Products: the sales family."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from tests.integration.tags.definitions_product.profile import product_category
from tests.integration.tags.subject import ratio
from tests.integration.tags.things import ZERO, Payment, Product


def product_order_count_30d(product: Product) -> int:
    return len(_recent(product, 30))


def product_order_count_90d(product: Product) -> int:
    return len(_recent(product, 90))


def product_order_count_365d(product: Product) -> int:
    return len(_recent(product, 365))


def product_buyer_count_90d(product: Product) -> int:
    return len({one.customer_id for one in _recent(product, 90)} - {None})


def product_buyer_count_365d(product: Product) -> int:
    return len({one.customer_id for one in _recent(product, 365)} - {None})


def product_quantity_30d(product: Product) -> Decimal:
    return sum((one.quantity for one in _recent(product, 30)), ZERO)


def product_net_amount_30d(product: Product) -> Decimal:
    return sum((one.net for one in _recent(product, 30)), ZERO)


def product_net_amount_365d(product: Product) -> Decimal:
    return sum((one.net for one in _recent(product, 365)), ZERO)


def product_category_rank_365d(product: Product) -> int | None:
    own = product_net_amount_365d(product)
    return category_standing(product)[product.key][0] if own > 0 else None


def product_refund_rate_365d(product: Product) -> Decimal | None:
    sales = _recent(product, 365)
    back = sum(one.goods - one.net for one in sales)
    return ratio(back, sum(one.goods for one in sales))


def product_online_rate_365d(product: Product) -> Decimal | None:
    sales = _recent(product, 365)
    return ratio(sum(not one.store for one in sales), len(sales))


def product_main_channel_365d(product: Product) -> str | None:
    counts = Counter(one.channel for one in _recent(product, 365))
    return min(counts, key=lambda one: (-counts[one], one), default=None)


def product_store_count_90d(product: Product) -> int:
    return len({one.store for one in _recent(product, 90)} - {None})


def category_standing(product: Product) -> dict[int, tuple[int, Decimal, Decimal]]:
    """Return each product's rank, what better ones sold, and what its category sold."""

    def gather() -> dict[int, tuple[int, Decimal, Decimal]]:
        categories: dict[str, list[tuple[Decimal, int]]] = {}
        for row in product.tables["dim_products"]:
            other = Product(row["product_key"], product.tables, product.today)
            rivals = categories.setdefault(product_category(other), [])
            rivals.append((product_net_amount_365d(other), other.key))
        standing = {}
        for rivals in categories.values():
            rivals.sort(key=lambda one: (-one[0], one[1]))
            whole, better, rank = sum((net for net, _ in rivals), ZERO), ZERO, 0
            for place, (net, key) in enumerate(rivals, start=1):
                # Equals share the rank of the first of them.
                rank = rank if place > 1 and net == rivals[place - 2][0] else place
                standing[key] = (rank, better, whole)
                better += net
        return standing

    found: dict[int, tuple[int, Decimal, Decimal]] = product.tables.once(
        "category_standing", gather
    )
    return found


def _recent(product: Product, days: int) -> list[Payment]:
    return [one for one in product.sales if product.within(one.day, days)]
