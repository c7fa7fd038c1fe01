"""Bins of one feature, and what each says about the outcome.

The weight of evidence of a bin is ln(share of all positives in it / share of all
negatives in it) (Good, Probability and the Weighing of Evidence, 1950), and a feature's
information value is the sum over its bins of (the difference of the shares) * weight
(Siddiqi, Credit Risk Scorecards, 2006, chapter 6). Positive here is a repurchase: a
positive weight speaks for one. Both outcomes of every bin get `smoothing` rows more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.woe.config import WoeConfig

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Bin:
    """from_value <= value < to_value (None is open), or the missing values."""

    from_value: float | None
    to_value: float | None
    is_missing: bool
    row_count: int
    positive_count: int
    woe: float
    information_value: float


def fit_bins(values: Floats, positive: Floats, config: WoeConfig) -> list[Bin]:
    """Return the bins of a feature in order, that of missing values last.

    `positive` is 1.0 or 0.0 per value; a missing value is NaN. There is always a bin of
    missing values: where none was seen its weight is 0, it says nothing.
    """
    known = ~np.isnan(values)
    edges = _merged(values[known], positive[known], len(values), config)
    place = np.searchsorted(edges, values[known], side="right")
    counts = _counts(place, positive[known], len(edges) + 1)
    missing = np.array([[(~known).sum(), positive[~known].sum()]])
    counts = np.vstack([counts, missing])
    woe, information = weights(counts, config.smoothing)
    ends = [None, *map(float, edges), None]
    return [
        Bin(
            from_value=None if is_missing else ends[number],
            to_value=None if is_missing else ends[number + 1],
            is_missing=is_missing,
            row_count=int(counts[number, 0]),
            positive_count=int(counts[number, 1]),
            woe=float(woe[number]),
            information_value=float(information[number]),
        )
        for number in range(len(counts))
        for is_missing in (number == len(counts) - 1,)
    ]


def weights(counts: Floats, smoothing: float) -> tuple[Floats, Floats]:
    """Return weight and information value of bins given as (rows, positives).

    A bin without rows gets neither and takes no part in the smoothing.
    """
    filled = counts[:, 0] > 0
    positives = counts[filled, 1] + smoothing
    negatives = counts[filled, 0] - counts[filled, 1] + smoothing
    share_positive = positives / positives.sum()
    share_negative = negatives / negatives.sum()
    woe, information = np.zeros(len(counts)), np.zeros(len(counts))
    woe[filled] = np.log(share_positive / share_negative)
    information[filled] = (share_positive - share_negative) * woe[filled]
    return woe, information


def _merged(values: Floats, positive: Floats, rows: int, config: WoeConfig) -> Floats:
    """Return the inner edges that are left when neighbours have been merged."""
    shares = np.linspace(0, 1, config.first_bins + 1)[1:-1]
    edges = np.unique(np.quantile(values, shares)) if len(values) else np.empty(0)
    # An edge at the lowest value parts nothing from nothing.
    edges = edges[edges > values.min()] if len(values) else edges
    counts = _counts(np.searchsorted(edges, values, "right"), positive, len(edges) + 1)
    while len(edges):
        at = _worst(counts, rows, config)
        if at is None:
            break
        counts[at] += counts[at + 1]
        counts = np.delete(counts, at + 1, axis=0)
        edges = np.delete(edges, at)
    return edges


def _worst(counts: Floats, rows: int, config: WoeConfig) -> int | None:
    """Return the bin to merge with the next one, None when all is well."""
    small = np.flatnonzero(counts[:, 0] < config.min_share * rows)
    if len(small):
        at = int(small[np.argmin(counts[small, 0])])
        return _side(counts, at)
    rates = counts[:, 1] / counts[:, 0]
    if config.monotone:
        steps = np.diff(rates) * _direction(counts, rates)
        if (steps < 0).any():
            return int(np.argmin(steps))
    if len(counts) > config.max_bins:
        return int(np.argmin(np.abs(np.diff(rates))))
    return None


def _side(counts: Floats, at: int) -> int:
    """Return which pair a small bin is merged in: with the neighbour most like it."""
    if at == 0 or at == len(counts) - 1:
        return max(at - 1, 0)
    rates = counts[:, 1] / np.maximum(counts[:, 0], 1)
    is_like_previous = abs(rates[at] - rates[at - 1]) <= abs(rates[at + 1] - rates[at])
    return at - 1 if is_like_previous else at


def _direction(counts: Floats, rates: Floats) -> float:
    """Return 1 when rates rise on the whole, -1 when they fall, by rows."""
    place = np.arange(len(rates)) - np.average(
        np.arange(len(rates)), weights=counts[:, 0]
    )
    slope = float((counts[:, 0] * place * rates).sum())
    return 1.0 if slope >= 0 else -1.0


def _counts(place: npt.NDArray[np.intp], positive: Floats, bins: int) -> Floats:
    return np.column_stack(
        [
            np.bincount(place, minlength=bins),
            np.bincount(place, weights=positive, minlength=bins),
        ]
    ).astype(np.float64)
