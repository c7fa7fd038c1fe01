"""Who buys a brand again in the next calendar month: customer x brand, frozen by month.

Features as of the end of month M predict month M + 1 (docs/models/repurchase.md).
"""

from __future__ import annotations

import numpy as np

from ml.supervised import Supervised, as_model, numbers

REPURCHASE = Supervised(
    name="repurchase",
    title_zh="复购预测",
    question="Does a past buyer of the brand buy it again in the next calendar month?",
    features="features.feat_customer_brand",
    labels="features.label_repurchase",
    label="is_repurchased",
    bands="seeds.repurchase_bands",
    group="brand_code",
    # Column -> name in the reasons that the growth team reads.
    numbers={
        "days_since_last_purchase": "距末次购买本品牌天数",
        "days_since_first_purchase": "距首次购买本品牌天数",
        "purchase_days": "累计购买本品牌天数",
        "purchase_days_30d": "近30天购买本品牌天数",
        "purchase_days_60d": "近60天购买本品牌天数",
        "purchase_days_90d": "近90天购买本品牌天数",
        "purchase_days_180d": "近180天购买本品牌天数",
        "purchase_days_365d": "近一年购买本品牌天数",
        "purchase_months_365d": "近一年购买本品牌月数",
        "goods_amount": "累计本品牌消费额",
        "goods_amount_30d": "近30天本品牌消费额",
        "goods_amount_90d": "近90天本品牌消费额",
        "goods_amount_365d": "近一年本品牌消费额",
        "line_count": "累计本品牌件行数",
        "line_count_90d": "近90天本品牌件行数",
        "quantity_90d": "近90天本品牌件数",
        "gap_days_mean": "平均购买间隔天数",
        "gap_days_stddev": "购买间隔波动",
        "days_until_due": "距预计下次购买天数",
        "discounted_line_rate_180d": "近180天优惠商品占比",
        "coupon_line_rate_180d": "近180天用券商品占比",
        "online_line_rate_180d": "近180天线上购买占比",
        "discount_rate_180d": "近180天折扣率",
        "brand_day_share": "本品牌购买日占比",
        "brand_amount_share_90d": "近90天本品牌消费占比",
        "brand_count_90d": "近90天购买品牌数",
        "any_days_since_last_purchase": "距末次购买天数(全部品牌)",
        "any_purchase_days_30d": "近30天购买天数(全部品牌)",
        "any_purchase_days_90d": "近90天购买天数(全部品牌)",
        "any_goods_amount_30d": "近30天消费额(全部品牌)",
        "any_goods_amount_90d": "近90天消费额(全部品牌)",
        "event_active_days_30d": "近30天线上活跃天数",
        "event_view_count_30d": "近30天浏览次数",
        "event_cart_count_30d": "近30天加购次数",
        "touch_count_30d": "近30天触达次数",
        "coupon_used_count_90d": "近90天用券张数",
        "refund_count_90d": "近90天退款次数",
        "is_member": "会员",
        "age_years": "年龄",
    },
    categories={"brand_code": "品牌", "gender": "性别"},
    # The obvious rules a model has to beat; higher means likelier.
    baselines={
        "recency": lambda rows: -np.log1p(numbers(rows["days_since_last_purchase"])),
        "frequency_90d": lambda rows: np.log1p(numbers(rows["purchase_days_90d"])),
        "spend": lambda rows: np.log1p(numbers(rows["goods_amount_365d"]).clip(min=0)),
    },
)

MODEL = as_model(REPURCHASE)
