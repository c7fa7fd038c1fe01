"""How strong the intent of a buyer is: P(buys anything within 30 days), in bands.

Features as of a month end predict 30 days (docs/models/purchase_intent.md).
"""

from __future__ import annotations

import numpy as np

from ml.buyers import CATEGORIES, NUMBERS
from ml.supervised import Supervised, SupervisedConfig, as_model, numbers

PURCHASE_INTENT = Supervised(
    name="purchase_intent",
    title_zh="购买意向",
    question="Does a past buyer buy anything within 30 days?",
    features="features.feat_buyer",
    labels="features.label_purchase",
    label="is_purchased_30d",
    bands="seeds.purchase_intent_bands",
    # 30 days from the end of January end in March.
    label_months=2,
    numbers=NUMBERS,
    categories=CATEGORIES,
    baselines={
        "recency": lambda rows: -np.log1p(numbers(rows["days_since_last_purchase"])),
        "frequency_90d": lambda rows: np.log1p(numbers(rows["purchase_days_90d"])),
    },
    config=SupervisedConfig(rounds=120, num_leaves=7),
)

MODEL = as_model(PURCHASE_INTENT, "buyers.py")
