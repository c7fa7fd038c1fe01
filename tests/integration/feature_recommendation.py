"""What holds of the features of recommendation, asked by test_ml_features."""

from __future__ import annotations

import pandas as pd

from tests.integration.feature_world import CUT, Built


def purchases_are_what_happened_until_the_cut(
    built: Built,
) -> None:
    categories = {0: "deli", 1: "deli", 2: "meat", 3: "bakery"}
    lines = built.lines.assign(
        place_code=built.lines["store_code"].fillna("web"),
        product_category=(built.lines["product_key"] % 5).map(categories),
    )
    for name, item in (
        ("feat_product_days", "product_key"),
        ("feat_category_days", "product_category"),
    ):
        keys = ["customer_id", item, "paid_on", "place_code"]
        expected = lines[keys].dropna().drop_duplicates()
        for found, rows in (
            (built.before[name], expected[expected["paid_on"] <= CUT]),
            (built.after[name], expected),
        ):
            pd.testing.assert_frame_equal(
                found[keys].sort_values(keys, ignore_index=True),
                rows.sort_values(keys, ignore_index=True),
                check_dtype=False,
            )


def price_bands_are_fifths_of_a_category(built: Built) -> None:
    products = built.after["feat_products"]
    assert len(products) == 30
    # Six items of each category: the first fifth holds two.
    assert sorted(products["price_band"]) == sorted([1, 1, 2, 3, 4, 5] * 5)
    dearest = products[products["price_band"] == 5]
    assert set(dearest["product_key"]) == set(range(26, 31))
