"""What can be turned in cltv, and the names of what its trees read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ml.protocol.trees import repeatable

# Days of the label and of the promise, as label_value and the scores' columns say.
TESTED_DAYS = 90
HORIZON_DAYS = 365
# A label of 90 days is known three month ends later.
LABEL_MONTHS = 3

# Column -> name in the reports.
FEATURES = {
    "days_since_last_purchase": "距末次购买天数",
    "days_since_first_purchase": "距首次购买天数",
    "purchase_days": "累计购买天数",
    "purchase_days_30d": "近30天购买天数",
    "purchase_days_60d": "近60天购买天数",
    "purchase_days_90d": "近90天购买天数",
    "purchase_days_180d": "近180天购买天数",
    "gap_days_mean": "平均购买间隔天数",
    "gap_days_stddev": "购买间隔波动",
    "gap_days_median": "购买间隔中位数",
    "gap_days_max": "最长购买间隔天数",
    "days_until_due": "距预计下次购买天数",
    "goods_amount": "累计消费额",
    "goods_amount_30d": "近30天消费额",
    "goods_amount_90d": "近90天消费额",
    "goods_amount_180d": "近180天消费额",
    "day_amount_max": "最高单日消费额",
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
class CltvConfig:
    """Settings of the buying models, the trees and the gate; part of a run's record."""

    tested_origins: int = 3
    min_train_origins: int = 1
    # How far the sum over all customers may be off, beyond chance.
    max_total_error: float = 0.10
    rounds: int = 100
    learning_rate: float = 0.05
    num_leaves: int = 15
    min_child_samples: int = 50
    # Between Poisson (1) and gamma (2): many spend nothing, few spend much.
    tweedie_power: float = 1.3
    # Pareto/NBD costs about fifty times BG/NBD: the check looks at a draw.
    check_customers: int = 300
    seed: int = 7

    def lightgbm(self) -> dict[str, Any]:
        """Return LightGBM's parameters."""
        return {
            "objective": "tweedie",
            "tweedie_variance_power": self.tweedie_power,
            "learning_rate": self.learning_rate,
            "num_leaves": self.num_leaves,
            "min_child_samples": self.min_child_samples,
            "feature_fraction": 0.6,
            "bagging_fraction": 0.8,
            "bagging_freq": 1,
        } | repeatable(self.seed)

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as plain values."""
        return asdict(self)
