"""Who buys a brand again within 30 days: repurchase with a window of fixed length."""

from __future__ import annotations

from dataclasses import replace

from ml.repurchase import REPURCHASE
from ml.supervised import as_model

REPURCHASE_30D = replace(
    REPURCHASE,
    name="repurchase_30d",
    title_zh="30天复购预测",
    question="Does a past buyer of the brand buy it again within 30 days?",
    labels="features.label_repurchase_30d",
    label="is_repurchased_30d",
    # 30 days from the end of January end in March.
    label_months=2,
)

MODEL = as_model(REPURCHASE_30D, "repurchase")
