"""Purchases by item and category, read plainly from the invented lines."""

from __future__ import annotations

from tests.integration.feature_world import CUT, Built

CATEGORIES = {0: "deli", 1: "deli", 2: "meat", 3: "bakery"}
# Six items of each category: the first fifth holds two.
BANDS = sorted([1, 1, 2, 3, 4, 5] * 5)


def items_and_categories(built: Built) -> list[str]:
    """Return which models say something else than a plain reading."""
    lines = built.lines.assign(
        place_code=built.lines["store_code"].fillna("web"),
        product_category=(built.lines["product_key"] % 5).map(CATEGORIES),
    )
    wrong = []
    for name, item in (
        ("feat_product_days", "product_key"),
        ("feat_category_days", "product_category"),
    ):
        keys = ["customer_id", item, "paid_on", "place_code"]
        rows = lines[keys].dropna().drop_duplicates()
        for found, expected in (
            (built.before[name], rows[rows["paid_on"] <= CUT]),
            (built.after[name], rows),
        ):
            said = list(found[keys].itertuples(index=False, name=None))
            told = list(expected.itertuples(index=False, name=None))
            if sorted(said) != sorted(told):
                wrong.append(name)
    products = built.after["feat_products"]
    if sorted(products["price_band"]) != BANDS:
        wrong.append("feat_products")
    return wrong
