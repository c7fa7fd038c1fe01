"""Whether the rows that are scored still look like the rows that were learnt from."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# Siddiqi (Credit Risk Scorecards, 2006): below 0.1 stable, above 0.25 not the same.
LARGE = 0.25
# A bin that one side leaves empty counts as half a row.
_HALF_A_ROW = 0.5


def psi(expected: Floats, actual: Floats, *, bins: int = 10) -> float:
    """Return the population stability index of a column of numbers; NaN is a bin.

    The bins are the deciles of `expected`; a value that holds several deciles is one
    bin. Both sides must hold rows. Sum of (a - e) x ln(a / e) over the shares of bins.
    """
    known = expected[~np.isnan(expected)]
    steps = np.arange(1, bins) / bins
    edges = (
        np.unique(np.quantile(known, steps, method="lower"))
        if len(known)
        else np.empty(0)
    )
    first = _shares(expected, edges)
    second = _shares(actual, edges)
    return float(np.sum((second - first) * np.log(second / first)))


def category_psi(
    expected: npt.NDArray[np.object_], actual: npt.NDArray[np.object_]
) -> float:
    """Return the index of a column of names; null is a name."""
    names = sorted({*map(str, expected), *map(str, actual)})
    position = {name: float(at) for at, name in enumerate(names)}
    first = np.array([position[str(name)] for name in expected])
    second = np.array([position[str(name)] for name in actual])
    edges = np.arange(0.5, len(names) - 1)
    one, two = _shares(first, edges), _shares(second, edges)
    return float(np.sum((two - one) * np.log(two / one)))


def _shares(values: Floats, edges: Floats) -> Floats:
    missing = np.isnan(values)
    # A value on an edge belongs to the bin that ends there.
    at = np.searchsorted(edges, values[~missing], side="left")
    counts = np.bincount(at, minlength=len(edges) + 1).astype(np.float64)
    counts = np.append(counts, missing.sum())
    counts = np.maximum(counts, _HALF_A_ROW)
    return np.asarray(counts / counts.sum())
