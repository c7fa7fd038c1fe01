"""Rolling-origin splits: learn on the past, calibrate on the next month, test on the
one after. Never a random split over time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from ml.errors import NotEnoughHistoryError


@dataclass(frozen=True)
class Split:
    """Origins a model is trained and calibrated on; `test` is None in production."""

    train: tuple[pd.Timestamp, ...]
    calibrate: pd.Timestamp
    test: pd.Timestamp | None


def rolling_splits(
    origins: Iterable[pd.Timestamp],
    *,
    tests: int = 3,
    min_train: int = 1,
    label_months: int = 1,
) -> list[Split]:
    """Return one split per tested origin (the last `tests` ones), oldest first.

    When origin t is scored in life, the label of t - `label_months` has just become
    known: it calibrates, and everything before it trains; the origins between them are
    not read, their labels look beyond t. Raises NotEnoughHistoryError when the first
    tested origin would have fewer than `min_train` origins to learn from.
    """
    ordered = sorted(set(origins))
    needed = tests + label_months + min_train
    if len(ordered) < needed:
        raise NotEnoughHistoryError(
            f"The back-test needs {needed} labelled month ends and there are "
            f"{len(ordered)}: load more months of purchases."
        )
    return [
        Split(
            tuple(ordered[: at - label_months]), ordered[at - label_months], ordered[at]
        )
        for at in range(len(ordered) - tests, len(ordered))
    ]


def production_split(origins: Iterable[pd.Timestamp]) -> Split:
    """Return the split of the model that is put to use: the newest labels calibrate."""
    ordered = sorted(set(origins))
    return Split(tuple(ordered[:-1]), ordered[-1], None)
