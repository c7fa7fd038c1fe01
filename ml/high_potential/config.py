"""What can be turned in the high-potential model."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ml.protocol.trees import repeatable


@dataclass(frozen=True)
class HighPotentialConfig:
    """Settings of bagging, trees, back-test and gate; part of every run's record."""

    tested_origins: int = 3
    # Month ends until a window of twelve weeks is over.
    label_months: int = 3
    max_ece: float = 0.03
    bags: int = 12
    # Parts of the people; each bag leaves one out.
    parts: int = 3
    # Unlabelled people drawn per positive one.
    unlabelled_per_positive: int = 5
    rounds: int = 60
    learning_rate: float = 0.05
    num_leaves: int = 7
    min_child_samples: int = 20
    feature_fraction: float = 0.5
    lambda_l2: float = 5.0
    seed: int = 7

    def lightgbm(self, bag: int) -> dict[str, Any]:
        """Return LightGBM's parameters of one bag."""
        return {
            "objective": "binary",
            "learning_rate": self.learning_rate,
            "num_leaves": self.num_leaves,
            "min_child_samples": self.min_child_samples,
            "feature_fraction": self.feature_fraction,
            "lambda_l2": self.lambda_l2,
        } | repeatable(self.seed + bag)

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as plain values."""
        return asdict(self)
