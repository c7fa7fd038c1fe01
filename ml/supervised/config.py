"""What can be turned in a supervised model."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from ml.protocol.trees import repeatable


@dataclass(frozen=True)
class SupervisedConfig:
    """Settings of training, back-test, gate and reasons; part of every run's record."""

    tested_origins: int = 3
    min_train_origins: int = 1
    max_ece: float = 0.03
    rounds: int = 200
    learning_rate: float = 0.03
    num_leaves: int = 15
    min_child_samples: int = 100
    feature_fraction: float = 0.5
    bagging_fraction: float = 0.8
    lambda_l2: float = 5.0
    seed: int = 7
    # Reasons cost about 160 times a prediction: only for this band, best scores first.
    reason_band: str = "high"
    reasons_per_row: int = 3
    max_reason_rows: int = 20_000

    def lightgbm(self) -> dict[str, Any]:
        """Return LightGBM's parameters."""
        return {
            "objective": "binary",
            "learning_rate": self.learning_rate,
            "num_leaves": self.num_leaves,
            "min_child_samples": self.min_child_samples,
            "feature_fraction": self.feature_fraction,
            "bagging_fraction": self.bagging_fraction,
            "bagging_freq": 1,
            "lambda_l2": self.lambda_l2,
        } | repeatable(self.seed)

    def without_reasons(self) -> SupervisedConfig:
        """Return the same settings with nobody explained."""
        return replace(self, max_reason_rows=0)

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as plain values."""
        return asdict(self)
