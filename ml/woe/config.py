"""What can be turned in the weight-of-evidence bins."""

from __future__ import annotations

from dataclasses import dataclass

# Columns of feat_customer_brand that are binned. The tag family `woe` computes the same
# measures day by day (int_woe__measures).
FEATURES = (
    "days_since_last_purchase",
    "purchase_days_90d",
    "goods_amount_365d",
    "purchase_months_365d",
    "discounted_line_rate_180d",
    "online_line_rate_180d",
)


@dataclass(frozen=True)
class WoeConfig:
    """Settings of binning and of the weights."""

    features: tuple[str, ...] = FEATURES
    # Quantiles to begin with, and bins to end with at most (missing values apart).
    first_bins: int = 20
    max_bins: int = 6
    # Least share of a brand's rows that a bin holds.
    min_share: float = 0.05
    # Rates rise or fall from bin to bin, so that nobody has to explain a zigzag.
    monotone: bool = True
    # Rows added to each bin's outcomes: no weight is infinite.
    smoothing: float = 0.5
    # A brand with fewer rows of either outcome teaches noise: it has no bins.
    min_outcomes: int = 30
