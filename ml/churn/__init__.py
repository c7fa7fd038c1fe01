"""Who is about to leave: P(silent for the whole of the customer's own churn horizon).

The horizon is a column of the features (feat_churn says how it is found); its label is
known twelve weeks later at the latest (docs/models/churn.md).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ml.buyers import CATEGORIES, NUMBERS
from ml.cltv.bgnbd import BgNbd
from ml.cltv.fit import Floats
from ml.cltv.value import histories
from ml.model import Result
from ml.supervised import (
    Supervised,
    SupervisedConfig,
    as_model,
    numbers,
    train_and_score,
)
from ml.supervised.run import scoring_day


def left_by_bg_nbd(rows: pd.DataFrame) -> Floats:
    """Return 1 - P(alive) of the rows of one base_date.

    BG/NBD is fitted on what they had bought by then: it needs no label.
    """
    known = histories(rows)
    return 1.0 - BgNbd.fit(*known).p_alive(*known)


CHURN = Supervised(
    name="churn",
    title_zh="流失预警",
    question="Will a buyer be silent for longer than nearly all of his gaps were?",
    features="features.feat_churn",
    labels="features.label_churn",
    label="is_churned",
    bands="seeds.churn_bands",
    label_months=3,
    numbers={
        **NUMBERS,
        "churn_horizon_days": "流失判定天数",
        "silence_rate": "沉默时长与流失判定天数之比",
    },
    categories=CATEGORIES,
    baselines={
        "recency": lambda rows: np.log1p(numbers(rows["days_since_last_purchase"])),
        "silence": lambda rows: numbers(rows["silence_rate"]),
        "bg_nbd": left_by_bg_nbd,
        "rarity_90d": lambda rows: -np.log1p(numbers(rows["purchase_days_90d"])),
    },
    config=SupervisedConfig(rounds=120, num_leaves=7),
)


def train_with_horizons(*, features: pd.DataFrame, **inputs: Any) -> Result:
    """Train and score, and keep the horizon that each score speaks of beside it.

    The output `churn_horizons` has customer_id and churn_horizon_days of everybody who
    has a score. Raises ModelError subclasses by name.
    """
    result = train_and_score(CHURN, features=features, **inputs)
    scored = result.outputs["scores"][["customer_id"]]
    newest = features[features["base_date"] == scoring_day(inputs["base_dates"])]
    horizons = scored.merge(newest[["customer_id", "churn_horizon_days"]])
    return replace(result, outputs={**result.outputs, "churn_horizons": horizons})


MODEL = replace(
    as_model(CHURN, "buyers.py", "cltv"), train_and_score=train_with_horizons
)
