"""What can be turned in purchase_time, and the names of what its trees read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ml.protocol.trees import repeatable

# Days that are spoken of; the label and the stored curves have as many.
DAYS = 60
# Whole weeks, so that every weekday counts the same in a customer's pace.
PACE_DAYS = 28
# Nobody is asked beyond: who was silent longer is as good as silent that long.
MOST_ELAPSED = 180
WITHIN = (7, 14, 30)

# Column -> name in the reports.
FEATURES = {
    "days_since_last_purchase": "距末次购买天数",
    "days_since_first_purchase": "距首次购买天数",
    "purchase_days": "累计购买天数",
    "purchase_days_7d": "近7天购买天数",
    "purchase_days_14d": "近14天购买天数",
    "purchase_days_30d": "近30天购买天数",
    "purchase_days_60d": "近60天购买天数",
    "purchase_days_90d": "近90天购买天数",
    "purchase_days_180d": "近180天购买天数",
    "gap_days_mean": "平均购买间隔天数",
    "gap_days_stddev": "购买间隔波动",
    "gap_days_median": "购买间隔中位数",
    "gap_days_max": "最长购买间隔天数",
    "days_until_due": "距预计下次购买天数",
    "goods_amount_30d": "近30天消费额",
    "goods_amount_90d": "近90天消费额",
    "lines_per_day": "日均件行数",
    "discounted_line_rate": "优惠商品占比",
    "online_line_rate": "线上购买占比",
    "event_active_days_30d": "近30天线上活跃天数",
    "event_view_count_30d": "近30天浏览次数",
    "event_cart_count_30d": "近30天加购次数",
    "touch_count_30d": "近30天触达次数",
    "coupon_used_count_90d": "近90天用券张数",
    "refund_count_90d": "近90天退款次数",
    "is_member": "会员",
    "age_years": "年龄",
}


@dataclass(frozen=True)
class PurchaseTimeConfig:
    """Settings of pace, clock and gate; part of every run's record."""

    tested_origins: int = 3
    max_ece: float = 0.03
    # The clock learns from this many customers at each of the two newest origins.
    max_clock_customers: int = 10_000
    # Customers of like pace share their curves.
    pace_groups: int = 50
    rounds: int = 100
    seed: int = 7

    def pace(self) -> dict[str, Any]:
        """Return LightGBM's parameters for the number of days with a purchase."""
        return repeatable(self.seed) | {
            "objective": "poisson",
            "learning_rate": 0.05,
            "num_leaves": 15,
            "min_child_samples": 50,
            "feature_fraction": 0.6,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
        }

    def clock(self) -> dict[str, Any]:
        """Return LightGBM's parameters for the hazard of a day."""
        return repeatable(self.seed) | {
            "objective": "binary",
            "learning_rate": 0.1,
            "num_leaves": 15,
            "min_child_samples": 200,
            # Who buys more often is likelier to come today.
            "monotone_constraints": [1, 0, 0],
        }

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as plain values."""
        return asdict(self)
