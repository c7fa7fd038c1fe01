"""When the next order comes, and the chance of one on any day of the next 60.

docs/models/purchase_time.md.
"""

from __future__ import annotations

from ml.model import Model
from ml.purchase_time.config import PurchaseTimeConfig
from ml.purchase_time.run import train_and_score

MODEL = Model(
    name="purchase_time",
    title_zh="下次购买时间",
    question="When does a customer buy next, and with what chance on a given day?",
    inputs={
        "features": "features.feat_customer_orders",
        "labels": "features.label_next_purchases",
        "base_dates": "features.feat_base_dates",
    },
    train_and_score=train_and_score,
    config=PurchaseTimeConfig(),
)
