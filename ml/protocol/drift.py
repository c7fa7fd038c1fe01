"""Whether the rows that are scored still look like the rows that were learnt from."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from ml.protocol.rows import numbers

Floats = npt.NDArray[np.float64]

# Siddiqi (Credit Risk Scorecards, 2006): below 0.1 stable, above 0.25 not the same.
LARGE = 0.25
# A bin that one side leaves empty counts as half a row.
_HALF_A_ROW = 0.5


def table(
    learnt: pd.DataFrame,
    scored: pd.DataFrame,
    columns: Mapping[str, str],
    said: tuple[Floats, Floats],
    categories: Collection[str] = (),
) -> pd.DataFrame:
    """Return how far each column moved from the training rows to those scored now.

    `columns` are those the model reads, with their names for people; those of
    `categories` hold names, the others numbers. `said` is what the model says of both
    sides, in the table as `score`. Columns feature, name_zh, psi, the largest first.
    """
    found = [
        (
            column,
            name_zh,
            category_psi(
                learnt[column].to_numpy(dtype=object),
                scored[column].to_numpy(dtype=object),
            )
            if column in categories
            else psi(numbers(learnt[column]), numbers(scored[column])),
        )
        for column, name_zh in columns.items()
    ]
    rows = pd.DataFrame(
        [*found, ("score", "得分", psi(*said))], columns=["feature", "name_zh", "psi"]
    )
    return rows.sort_values(
        ["psi", "feature"], ascending=[False, True], ignore_index=True
    )


def notes(moved: pd.DataFrame) -> list[str]:
    """Return a sentence for each row of `table` that is not the same population."""
    return [
        f"{row.name_zh} has drifted since training (PSI {row.psi:.2f})."
        for row in moved[moved["psi"] > LARGE].itertuples()
    ]


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
