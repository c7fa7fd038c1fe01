"""Which sleeper of a brand comes back to it within a campaign's window.

Asleep is what the brand's own horizon says (seed brand_rules). Which category and which
offer go with it is decided in SQL (docs/models/reactivation.md).
"""

from __future__ import annotations

import numpy as np

from ml.repurchase import REPURCHASE
from ml.supervised import Supervised, SupervisedConfig, as_model, numbers

REACTIVATION = Supervised(
    name="reactivation",
    title_zh="沉睡召回",
    question="Does a sleeper of the brand come back to it within a campaign's window?",
    features="features.feat_sleeper",
    labels="features.label_reactivation",
    label="is_reactivated",
    bands="seeds.reactivation_bands",
    group="brand_code",
    # 30 days from the end of January end in March.
    label_months=2,
    numbers={
        **REPURCHASE.numbers,
        "overdue_rate": "沉默时长与平均间隔之比",
        "any_purchase_days_365d": "近一年购买天数(全部品牌)",
        "any_goods_amount_365d": "近一年消费额(全部品牌)",
        "any_day_amount_90d": "近90天客单价(全部品牌)",
        "any_category_count_90d": "近90天购买品类数(全部品牌)",
        "any_gap_days_mean": "平均购买间隔天数(全部品牌)",
        "days_since_last_visit": "距末次线上访问天数",
        "visit_days_90d": "近90天线上访问天数",
        "content_count_90d": "近90天内容互动次数",
        "touch_click_count_90d": "近90天触达点击次数",
        "coupon_claim_count_90d": "近90天领券张数",
        "guide_count": "添加导购次数",
    },
    categories=REPURCHASE.categories,
    baselines={
        "recency": lambda rows: -np.log1p(numbers(rows["days_since_last_purchase"])),
        "frequency_365d": lambda rows: np.log1p(numbers(rows["purchase_days_365d"])),
        "spend": lambda rows: np.log1p(numbers(rows["goods_amount_365d"]).clip(min=0)),
    },
    config=SupervisedConfig(rounds=120, num_leaves=7),
)

MODEL = as_model(REACTIVATION, "repurchase")
