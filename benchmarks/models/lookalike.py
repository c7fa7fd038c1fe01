"""Lookalike of first redeemers on Complete Journey, beside ranking by spend.

    python -m benchmarks.models.lookalike

Features see purchases, campaigns and redemptions up to 30 June 2017. The seeds are the
204 households that redeemed a first coupon after it; those who had redeemed before are
no candidates. Ten times half of the seeds is held out and looked for among everybody
else, by votes of similar households, by trees (seed or not), by both and by spend. The
method is chosen on ten draws and its figures come from ten others. The last line on
stdout is one JSON object.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

from ingestion.sample.source import data_folder
from ml.lookalike.audience import Resemblance
from ml.lookalike.config import LookalikeConfig
from ml.lookalike.evaluate import evaluate, summary
from ml.lookalike.neighbours import neighbours
from ml.lookalike.rankers import SPEND
from ml.lookalike.table import marks, people
from ml.lookalike.vectors import vectors

CUT = pd.Timestamp("2017-06-30")
CHOOSING, TESTING = 101, 7


def measure(config: LookalikeConfig | None = None) -> dict[str, Any]:
    """Return {"lookalike": figures of the chosen method beside spend}."""
    config = config or LookalikeConfig()
    features, traits, seeds = first_redeemers()
    those = people(features, traits)
    found = vectors(marks(those, config), config)
    near = neighbours(found, config)
    everybody = np.arange(len(those))
    known = Resemblance(those, found, everybody, near.places, near.scores, config)
    is_seed = np.isin(those.ids, seeds)
    chosen, tested = (
        summary(evaluate(is_seed, known.rankings, count=config.draws, seed=seed))
        for seed in (CHOOSING, TESTING)
    )
    print(f"{len(those):,} households, {is_seed.sum()} seeds")
    print(tested.round(3).to_string(index=False))
    winner = str(chosen["method"].iloc[0])
    figures = tested.set_index("method")

    def figure(method: str, name: str) -> float:
        return round(float(figures[name][method]), 3)

    return {
        "lookalike": {
            "lift5": figure(winner, "lift5"),
            "lift5_sd": figure(winner, "lift5_sd"),
            "spend_lift5": figure(SPEND, "lift5"),
            "paired_difference": figure(winner, "difference"),
            "paired_difference_sd": figure(winner, "difference_sd"),
            "winner": winner,
        }
    }


def first_redeemers() -> tuple[pd.DataFrame, pd.DataFrame, list[int]]:
    """Return features and traits as of CUT, and who redeems a first coupon after it."""
    folder = data_folder()
    lines = pd.read_parquet(
        folder / "transactions.parquet",
        columns=[
            "household_id", "product_id", "store_id", "sales_value", "retail_disc",
            "coupon_disc", "transaction_timestamp",
        ],
    )  # fmt: skip
    lines["day"] = pd.to_datetime(lines["transaction_timestamp"]).dt.tz_localize(None)
    lines["day"] = lines["day"].dt.normalize()
    lines = lines[lines["day"] <= CUT].rename(columns={"household_id": "customer_id"})
    lines["customer_id"] = lines["customer_id"].astype(np.int64)
    products = pd.read_parquet(folder / "products.parquet")
    lines = lines.merge(products[["product_id", "product_category"]], on="product_id")
    redemptions = pd.read_parquet(folder / "coupon_redemptions.parquet")
    redemptions["day"] = pd.to_datetime(redemptions["redemption_date"])
    first = redemptions.groupby("household_id")["day"].min()
    before = first.index[first <= CUT].astype(np.int64)
    seeds = first.index[first > CUT].astype(np.int64)
    lines = lines[~lines["customer_id"].isin(before)]
    campaigns = pd.read_parquet(folder / "campaigns.parquet").merge(
        pd.read_parquet(folder / "campaign_descriptions.parquet"), on="campaign_id"
    )
    campaigns = campaigns[pd.to_datetime(campaigns["start_date"]) <= CUT]
    campaigns["customer_id"] = campaigns["household_id"].astype(np.int64)
    return _features(lines, campaigns), _traits(lines, campaigns), list(seeds)


def _features(lines: pd.DataFrame, campaigns: pd.DataFrame) -> pd.DataFrame:
    ago = (CUT - lines["day"]).dt.days
    of = lines.assign(
        days_ago=ago,
        is_discounted=lines["retail_disc"] > 0,
        has_coupon=lines["coupon_disc"] > 0,
    ).groupby("customer_id")
    found = pd.DataFrame(
        {
            "days_since_last_purchase": of["days_ago"].min(),
            "days_since_first_purchase": of["days_ago"].max(),
            "purchase_days_365d": of["day"].nunique(),
            "goods_amount_365d": of["sales_value"].sum(),
            "line_count_365d": of.size(),
            "discounted_line_rate_365d": of["is_discounted"].mean(),
            "coupon_line_rate_365d": of["has_coupon"].mean(),
            "category_count_365d": of["product_category"].nunique(),
            "store_count_365d": of["store_id"].nunique(),
        }
    )
    for days in (30, 90):
        recent = lines[ago < days].groupby("customer_id")
        found[f"purchase_days_{days}d"] = recent["day"].nunique()
        found[f"goods_amount_{days}d"] = recent["sales_value"].sum()
    found["campaign_count_365d"] = campaigns.groupby("customer_id").size()
    found = found.fillna(0).reset_index()
    demographics = pd.read_parquet(data_folder() / "demographics.parquet").astype(
        {"household_id": np.int64}
    )
    kept = demographics[["household_id", "age", "income", "kids_count"]].astype(
        {"age": object, "income": object, "kids_count": object}
    )
    return found.merge(
        kept.rename(columns={"household_id": "customer_id"}),
        on="customer_id",
        how="left",
    ).assign(base_date=CUT)


def _traits(lines: pd.DataFrame, campaigns: pd.DataFrame) -> pd.DataFrame:
    parts = []
    for kind, code in (("category", "product_category"), ("store", "store_id")):
        of = lines.groupby(["customer_id", code], observed=True)
        parts.append(
            of.agg(goods_amount=("sales_value", "sum"), day_count=("day", "nunique"))
            .rename_axis(["customer_id", "code"])
            .reset_index()
            .assign(kind=kind)
        )
    parts.append(
        campaigns[["customer_id", "campaign_id"]]
        .rename(columns={"campaign_id": "code"})
        .assign(kind="campaign", goods_amount=0.0, day_count=1)
    )
    return pd.concat(parts, ignore_index=True).assign(base_date=CUT)


if __name__ == "__main__":
    print(json.dumps(measure()))
