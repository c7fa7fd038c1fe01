"""Every model there is: a line here makes an asset, a gate and the commands of it."""

from __future__ import annotations

from ml import (
    category_recommendation,
    churn,
    cltv,
    high_potential,
    lookalike,
    product_recommendation,
    purchase_intent,
    purchase_time,
    reactivation,
    repurchase,
    repurchase_30d,
)
from ml.model import Model

MODELS: dict[str, Model] = {
    module.MODEL.name: module.MODEL
    for module in (
        repurchase,
        repurchase_30d,
        purchase_intent,
        churn,
        reactivation,
        high_potential,
        cltv,
        purchase_time,
        lookalike,
        product_recommendation,
        category_recommendation,
    )
}
