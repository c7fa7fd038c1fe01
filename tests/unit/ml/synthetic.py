"""A small invented clientele whose habits are known, as the model's input frames."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ml.repurchase import REPURCHASE
from ml.supervised import SupervisedConfig

KEYS, LABEL = REPURCHASE.keys, REPURCHASE.label
ORIGINS = pd.to_datetime(
    ["2017-06-30", "2017-07-31", "2017-08-31", "2017-09-30", "2017-10-31"]
)
SCORING = pd.Timestamp("2017-11-30")
# Buying days per 30 days of an average customer.
BRANDS = {"baby": 0.35, "supermarket": 2.5}
# Few rounds of broad leaves: these tests ask what happens, not how good it is.
FAST = SupervisedConfig(rounds=25, learning_rate=0.15, min_child_samples=40)


@dataclass(frozen=True)
class Inputs:
    """The arguments of `train_and_score`."""

    features: pd.DataFrame
    labels: pd.DataFrame
    base_dates: pd.DataFrame
    bands: pd.DataFrame

    def with_features(self, features: pd.DataFrame) -> Inputs:
        return replace(self, features=features)

    def with_labels(self, labels: pd.DataFrame) -> Inputs:
        return replace(self, labels=labels)


def inputs(
    customers: int = 300,
    *,
    seed: int = 1,
    origins: pd.DatetimeIndex = ORIGINS,
    is_predictable: bool = True,
) -> Inputs:
    """Customers buy by their own rate; the label is drawn from the same rate.

    When not predictable the label is a coin that knows nothing of the customer.
    """
    rng = np.random.default_rng(seed)
    dates = origins.append(pd.DatetimeIndex([SCORING]))
    rows = pd.MultiIndex.from_product(
        [dates, sorted(BRANDS), range(1, customers + 1)], names=KEYS
    ).to_frame(index=False)
    habit = rng.gamma(1.0, 1.0, size=(len(BRANDS), customers))
    rate = np.tile(
        (habit * np.array([[BRANDS[name]] for name in sorted(BRANDS)])).ravel(),
        len(dates),
    )
    chance = 1 - np.exp(-rate) if is_predictable else np.full(len(rows), 0.5)
    bought = rng.random(len(rows)) < chance
    features = rows.assign(**dict.fromkeys(REPURCHASE.numbers, 0.0))
    for days in (30, 60, 90, 180, 365):
        features[f"purchase_days_{days}d"] = rng.poisson(rate * days / 30)
    features["days_since_last_purchase"] = rng.exponential(30 / (rate + 0.1)).round()
    features["goods_amount_365d"] = features["purchase_days_365d"] * rng.uniform(
        5, 50, len(rows)
    )
    features["gap_days_mean"] = np.where(
        features["purchase_days_365d"] > 1, 30 / (rate + 0.1), np.nan
    )
    features["is_member"] = rng.random(len(rows)) < 0.5
    features["gender"] = rng.choice(["female", "male", None], len(rows))
    is_past = rows["base_date"] < SCORING
    return Inputs(
        features=features,
        labels=rows.assign(**{LABEL: bought})[is_past].reset_index(drop=True),
        base_dates=pd.DataFrame({"base_date": dates, "is_scoring": dates == SCORING}),
        bands=pd.DataFrame(
            [
                (brand, band, cut)
                for brand in ("supermarket", "*")
                for band, cut in (("high", 0.8), ("mid", 0.5), ("low", 0.3))
            ],
            columns=["brand_code", "band", "min_score"],
        ),
    )
