"""Stores: the sales family."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from tests.integration.tags.definitions_product.profile import product_category
from tests.integration.tags.subject import ratio
from tests.integration.tags.things import ZERO, Payment, Product, Store


def store_total_order_count_30d(store: Store) -> int:
    return len(_month(store))


def store_total_order_count_365d(store: Store) -> int:
    return len(store.year)


def store_total_net_amount_30d(store: Store) -> Decimal:
    return sum((one.net for one in _month(store)), ZERO)


def store_total_net_amount_365d(store: Store) -> Decimal:
    return sum((one.net for one in store.year), ZERO)


def store_ticket_amount_365d(store: Store) -> Decimal | None:
    return ratio(store_total_net_amount_365d(store), len(store.year), "0.01")


def store_products_per_order_365d(store: Store) -> Decimal | None:
    held = {(line["payment"], line["product_key"]) for line in store.sold_lines}
    return ratio(len(held), len(store.year), "0.01") if held else None


def store_product_count_90d(store: Store) -> int:
    recent = {one.key for one in store.year if store.within(one.day, 90)}
    return len(
        {line["product_key"] for line in store.sold_lines if line["payment"] in recent}
    )


def store_refund_rate_365d(store: Store) -> Decimal | None:
    goods = sum(one.goods for one in store.year)
    return ratio(goods - store_total_net_amount_365d(store), goods)


def store_guide_order_rate_365d(store: Store) -> Decimal | None:
    return ratio(sum(bool(one.staff) for one in store.year), len(store.year))


def store_main_category_365d(store: Store) -> str | None:
    sold: dict[str, Decimal] = defaultdict(Decimal)
    for line in store.sold_lines:
        product = Product(line["product_key"], store.tables, store.today)
        sold[product_category(product)] += line["net_amount"]
    return min(sold, key=lambda one: (-sold[one], one), default=None)


def store_days_since_last_sale(store: Store) -> int | None:
    return store.since(max((one.day for one in store.year), default=None))


def store_sales_class(store: Store) -> str | None:
    ranking = store.tables.once("store_ranking", lambda: _ranking(store))
    better = ZERO
    for net, code in ranking:
        if code == store.code:
            whole = sum(net for net, _ in ranking)
            return store.cut("store_sales_class", better / whole)
        better += net
    return "no_sales"


def _month(store: Store) -> list[Payment]:
    return [one for one in store.year if store.within(one.day, 30)]


def _ranking(store: Store) -> list[tuple[Decimal, str]]:
    rivals = [
        Store(row["store_code"], store.tables, store.today)
        for row in store.tables["dim_stores"]
    ]
    sold = [(store_total_net_amount_365d(one), one.code) for one in rivals if one.year]
    return sorted(sold, key=lambda one: (-one[0], one[1]))
