"""Settings of one run; they are part of its identity in the registry."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from ml.protocol.trees import repeatable


@dataclass(frozen=True)
class RankerConfig:
    """The trees that tell seeds from everybody else."""

    rounds: int = 80
    learning_rate: float = 0.05
    num_leaves: int = 7
    min_child_samples: int = 20
    feature_fraction: float = 0.3
    lambda_l2: float = 5.0
    # A candidate is scored by trees that have not learnt it to be no seed.
    folds: int = 5
    # Of the others; more teach the trees little and cost as much as they are.
    max_others: int = 20_000
    seed: int = 7

    def lightgbm(self) -> dict[str, Any]:
        """Return LightGBM's parameters."""
        return {
            "objective": "binary",
            "learning_rate": self.learning_rate,
            "num_leaves": self.num_leaves,
            "min_child_samples": self.min_child_samples,
            "feature_fraction": self.feature_fraction,
            "lambda_l2": self.lambda_l2,
        } | repeatable(self.seed)


@dataclass(frozen=True)
class LookalikeConfig:
    """Vectors, neighbours and how both are judged."""

    # More factors found no more held-out seeds (docs/models/lookalike.md), and every
    # one of them makes comparing customers dearer.
    factors: int = 16
    regularization: float = 5.0
    alpha: float = 1.0
    iterations: int = 15
    # A number becomes one mark of so many equal-mass bins.
    number_bins: int = 5
    # Traits of fewer customers than this say nothing about resemblance.
    min_holders: int = 5
    neighbours: int = 50
    # Below this many customers all pairs are compared: it takes a second or so.
    exact_up_to: int = 20_000
    min_recall: float = 0.95
    recall_sample: int = 1_000
    # Categories whose buyers are looked for with the category hidden, to judge a run.
    hidden_categories: int = 10
    draws: int = 10
    # Fewer customers than this have no neighbourhoods worth storing.
    min_customers: int = 50
    seed: int = 7
    ranker: RankerConfig = field(default_factory=RankerConfig)

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as plain values."""
        return asdict(self)
