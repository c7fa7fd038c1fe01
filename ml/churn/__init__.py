"""Who is about to leave: P(silent for the whole of the customer's own churn horizon).

The horizon is a column of the features (feat_churn says how it is found); its label is
known twelve weeks later at the latest (docs/models/churn.md).
"""

from __future__ import annotations

import numpy as np

from ml.buyers import CATEGORIES, NUMBERS
from ml.supervised import Supervised, as_model, numbers

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
        "rarity_90d": lambda rows: -np.log1p(numbers(rows["purchase_days_90d"])),
    },
)

MODEL = as_model(CHURN, "buyers.py")
