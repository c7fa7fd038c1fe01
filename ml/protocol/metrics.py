"""How good a score is: ranking (AUC, lift) and honesty (ECE, Brier, reliability)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.metrics import roc_auc_score

Floats = npt.NDArray[np.float64]


def auc(labels: Floats, scores: Floats) -> float | None:
    """Return the area under the ROC curve; None when only one class is there."""
    if len(np.unique(labels)) < 2:
        return None
    return float(roc_auc_score(labels, scores))


def brier(labels: Floats, probabilities: Floats) -> float:
    """Return the mean squared error of the probabilities."""
    return float(np.mean((probabilities - labels) ** 2))


def reliability(
    labels: Floats, probabilities: Floats, *, bins: int = 10
) -> pd.DataFrame:
    """Return predicted and observed rate in bins of equal mass, lowest first.

    Columns: rows, predicted_rate, observed_rate.
    """
    order = np.argsort(probabilities, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return pd.DataFrame(
        {
            "rows": [len(part) for part in parts],
            "predicted_rate": [float(probabilities[part].mean()) for part in parts],
            "observed_rate": [float(labels[part].mean()) for part in parts],
        }
    )


def ece(labels: Floats, probabilities: Floats, *, bins: int = 10) -> float:
    """Return the expected calibration error: mean gap between said and seen."""
    table = reliability(labels, probabilities, bins=bins)
    gaps = (table["predicted_rate"] - table["observed_rate"]).abs()
    return float((gaps * table["rows"]).sum() / table["rows"].sum())


def chance_ece(probabilities: Floats, *, bins: int = 10) -> float:
    """Return the ECE that honest probabilities would show by chance on so few rows.

    Each bin's observed rate is off by a normal error of variance p (1 - p) / rows,
    whose mean size is sqrt(2 / pi) of its standard deviation.
    """
    parts = np.array_split(np.sort(probabilities), bins)
    errors = [np.sqrt(np.sum(part * (1 - part))) for part in parts]
    return float(np.sqrt(2 / np.pi) * np.sum(errors) / len(probabilities))


def lift(labels: Floats, probabilities: Floats, *, steps: int = 20) -> pd.DataFrame:
    """Return how much richer the top share is than everybody, for growing shares.

    Columns: share (of people, best scores first), captured (share of all buyers inside)
    and lift (captured / share).
    """
    order = np.argsort(-probabilities, kind="stable")
    found = np.cumsum(labels[order])
    sizes = np.maximum(1, np.round(np.arange(1, steps + 1) / steps * len(order)))
    sizes = sizes.astype(int)
    captured = found[sizes - 1] / max(float(found[-1]), 1.0)
    share = sizes / len(order)
    return pd.DataFrame(
        {"share": share, "captured": captured, "lift": captured / share}
    )


def summary(labels: Floats, probabilities: Floats) -> dict[str, float | int | None]:
    """Return the figures every report shows for one group of rows."""
    return {
        "rows": len(labels),
        "rate": float(labels.mean()),
        "predicted_rate": float(probabilities.mean()),
        "auc": auc(labels, probabilities),
        "ece": ece(labels, probabilities),
        "chance_ece": chance_ece(probabilities),
        "brier": brier(labels, probabilities),
    }
