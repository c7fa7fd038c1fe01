"""What the model reads of features.feat_high_potential, and the rule it has to beat."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.protocol.rows import numbers
from ml.supervised.spec import Floats, Supervised


def spend_or_visit(rows: pd.DataFrame) -> Floats:
    """Return the obvious ranking: spend where there is any, else the latest sign."""
    spend = np.nan_to_num(numbers(rows["goods_amount_90d"]))
    quiet = np.nan_to_num(numbers(rows["days_since_last_sign"]), nan=1e6)
    return np.where(spend > 0, 1 + np.log1p(spend.clip(min=0)), 1 / (1 + quiet))


HIGH_POTENTIAL = Supervised(
    name="high_potential",
    title_zh="高潜人群",
    question="Who of everybody reached becomes a high-value buyer within twelve weeks?",
    features="features.feat_high_potential",
    labels="features.label_high_value",
    label="high_value_on",
    bands="seeds.high_potential_packs",
    label_months=3,
    numbers={
        "has_bought": "已购买",
        "days_since_last_purchase": "距末次购买天数",
        "days_since_first_purchase": "距首次购买天数",
        "purchase_days": "累计购买天数",
        "purchase_days_30d": "近30天购买天数",
        "purchase_days_90d": "近90天购买天数",
        "goods_amount_30d": "近30天消费额",
        "goods_amount_90d": "近90天消费额",
        "goods_amount_365d": "近一年消费额",
        "category_count_90d": "近90天购买品类数",
        "day_amount_90d": "近90天客单价",
        "days_since_last_sign": "距末次触点天数",
        "days_since_first_sign": "距首次触点天数",
        "days_since_last_visit": "距末次线上访问天数",
        "visit_days_90d": "近90天线上访问天数",
        "view_count_90d": "近90天浏览次数",
        "cart_count_90d": "近90天加购次数",
        "check_in_count_90d": "近90天签到次数",
        "share_count_90d": "近90天分享次数",
        "coupon_claim_count_90d": "近90天领券张数",
        "touch_count_90d": "近90天触达次数",
        "touch_click_count_90d": "近90天触达点击次数",
        "advert_view_count_90d": "近90天广告曝光次数",
        "advert_click_count": "累计广告点击次数",
        "content_count_90d": "近90天内容互动次数",
        "lead_count": "累计留资次数",
        "guide_count": "添加导购次数",
        "is_member": "会员",
        "age_years": "年龄",
    },
    categories={"gender": "性别"},
    baselines={"spend_or_visit": spend_or_visit},
)
