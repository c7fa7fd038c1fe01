"""What a customer is worth over the next twelve months (docs/models/cltv.md).

Value is what is paid for goods: the group's data hold no cost of goods, so no margin.
"""

from __future__ import annotations

from ml.cltv.config import CltvConfig
from ml.cltv.run import train_and_score
from ml.model import Model

MODEL = Model(
    name="cltv",
    title_zh="客户未来价值",
    question="How often, and for how much, does a customer buy in twelve months?",
    inputs={
        "features": "features.feat_customer_orders",
        "labels": "features.label_value",
        "base_dates": "features.feat_base_dates",
        "tiers": "seeds.cltv_tiers",
    },
    train_and_score=train_and_score,
    config=CltvConfig(),
    main_figure="gini",
)
