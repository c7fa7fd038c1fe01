"""Platt scaling by group: any score that ranks becomes a probability.

A logistic curve has two parameters, so a few hundred rows of a small brand are enough;
isotonic steps overfit them (measured on the sample: docs/models/repurchase.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

Floats = npt.NDArray[np.float64]

# Weak enough to leave the fit alone, strong enough that separable data stay finite.
_INVERSE_REGULARISATION = 1e4


@dataclass(frozen=True)
class Calibrator:
    """Slope and intercept on the log-odds scale, per group and for all together."""

    by_group: dict[str, tuple[float, float]]
    pooled: tuple[float, float]

    @classmethod
    def fit(
        cls, scores: Floats, labels: Floats, groups: npt.NDArray[Any]
    ) -> Calibrator:
        """Fit one curve per group on held-out scores.

        A group whose labels are all the same, or whose curve would turn the ranking
        round, is left out: `predict` uses the pooled curve for it.
        """
        pooled = _curve(scores, labels) or (0.0, _log_odds(_smoothed_rate(labels)))
        by_group = {}
        for group in np.unique(groups):
            inside = groups == group
            curve = _curve(scores[inside], labels[inside])
            if curve is not None:
                by_group[str(group)] = curve
        return cls(by_group=by_group, pooled=pooled)

    def predict(self, scores: Floats, groups: npt.NDArray[Any]) -> Floats:
        """Return a probability for each score."""
        slope = np.full(len(scores), self.pooled[0])
        intercept = np.full(len(scores), self.pooled[1])
        for group, (group_slope, group_intercept) in self.by_group.items():
            inside = groups == group
            slope[inside] = group_slope
            intercept[inside] = group_intercept
        return 1.0 / (1.0 + np.exp(-(slope * scores + intercept)))


def log_odds(probabilities: Floats) -> Floats:
    """Return log-odds of probabilities, clipped so that 0 and 1 stay finite."""
    clipped = np.clip(probabilities, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(clipped / (1 - clipped)), dtype=np.float64)


def _curve(scores: Floats, labels: Floats) -> tuple[float, float] | None:
    if len(np.unique(labels)) < 2:
        return None
    model = LogisticRegression(C=_INVERSE_REGULARISATION, solver="newton-cholesky")
    model.fit(scores.reshape(-1, 1), labels)
    slope, intercept = float(model.coef_[0, 0]), float(model.intercept_[0])
    return (slope, intercept) if slope > 0 else None


def _smoothed_rate(labels: Floats) -> float:
    return float((labels.sum() + 1) / (len(labels) + 2))


def _log_odds(rate: float) -> float:
    return float(np.log(rate / (1 - rate)))
