"""Learning from positive and unlabelled rows by bagging.

Each bag sets all positives against a fresh draw of the unlabelled; their mean ranks. A
positive that hides among the unlabelled is in few draws only, so it does little harm
(Mordelet and Vert, A bagging SVM to learn from positive and unlabeled examples, Pattern
Recognition Letters 37, 2014; trees here instead of their SVM).

A person is looked at on many origins, and what he did after one is told by the next. So
each bag leaves out a part of the people, and everybody is ranked by the bags that have
never seen him: held-out scores are the only scores there are.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd

from ml.errors import SingleClassError
from ml.high_potential.config import HighPotentialConfig
from ml.protocol.calibration import log_odds
from ml.supervised.spec import Floats, Supervised
from ml.supervised.table import category_values, design, informative


@dataclass(frozen=True)
class Bags:
    """The fitted bags, with the columns and categories they know."""

    boosters: tuple[lgb.Booster, ...]
    parts: int
    columns: list[str]
    categories: dict[str, list[str]]
    dropped: list[str]

    def raw(self, rows: pd.DataFrame) -> Floats:
        """Return the log-odds of the mean of the bags that have not seen a person.

        It ranks; it is no rate, since bags hold more positives than life does.
        """
        matrix = design(rows, self.columns, self.categories)
        part = part_of(rows, self.parts)
        mean = np.empty(len(rows))
        for left_out in range(self.parts):
            inside = part == left_out
            if inside.any():
                said = [
                    np.asarray(one.predict(matrix[inside], num_threads=1))
                    for one in self.boosters[left_out :: self.parts]
                ]
                mean[inside] = np.mean(said, axis=0)
        return log_odds(mean)

    def gain(self) -> Floats:
        """Return each column's share of the gain of all bags."""
        gain = np.sum([one.feature_importance("gain") for one in self.boosters], axis=0)
        return np.asarray(gain / max(float(gain.sum()), 1e-12))

    def settings_json(self) -> str:
        """Return everything beside the trees as JSON."""
        return json.dumps(
            {
                "parts": self.parts,
                "columns": self.columns,
                "categories": self.categories,
                "dropped": self.dropped,
            },
            ensure_ascii=False,
            sort_keys=True,
        )


def fit(
    rows: pd.DataFrame,
    is_positive: npt.NDArray[np.bool_],
    spec: Supervised,
    config: HighPotentialConfig,
) -> Bags:
    """Fit the bags; rows that are not positive are unlabelled, not negative.

    Raises SingleClassError when there is no positive row, or no other.
    """
    if not is_positive.any() or is_positive.all():
        raise SingleClassError(
            f"Of {len(rows)} rows {is_positive.sum()} became high-value buyers: there "
            "is nothing to tell apart."
        )
    columns, dropped = informative(rows, spec)
    categories = category_values(rows, columns, spec)
    matrix = design(rows, columns, categories)
    part = part_of(rows, config.parts)
    boosters = []
    for bag in range(config.bags):
        is_seen = part != bag % config.parts
        drawn = _draw(
            is_positive & is_seen,
            ~is_positive & is_seen,
            rows["base_date"].to_numpy(),
            config.unlabelled_per_positive,
            np.random.default_rng([config.seed, bag]),
        )
        boosters.append(
            lgb.train(
                config.lightgbm(bag),
                lgb.Dataset(
                    matrix[drawn],
                    label=is_positive[drawn].astype(np.float64),
                    feature_name=columns,
                    categorical_feature=list(categories),
                ),
                num_boost_round=config.rounds,
            )
        )
    return Bags(tuple(boosters), config.parts, columns, categories, dropped)


def _draw(
    is_positive: npt.NDArray[np.bool_],
    is_unlabelled: npt.NDArray[np.bool_],
    origin: npt.NDArray[Any],
    each: int,
    rng: np.random.Generator,
) -> npt.NDArray[np.int64]:
    """Return the rows of a bag: all positives, `each` unlabelled rows for every one.

    They are drawn from the positive's own origin: at an origin whose window is still
    open fewer have risen, and whatever tells the origins apart would tell them apart.
    """
    drawn = [np.flatnonzero(is_positive)]
    for one in np.unique(origin[is_positive]):
        inside = origin == one
        unlabelled = np.flatnonzero(is_unlabelled & inside)
        if len(unlabelled):
            size = int((is_positive & inside).sum()) * each
            drawn.append(rng.choice(unlabelled, size))
    rows = np.concatenate(drawn)
    if len(drawn) == 1 or not len(drawn[0]):
        raise SingleClassError(
            f"{is_positive.sum()} high-value buyers are too few to learn from."
        )
    return rows


def part_of(rows: pd.DataFrame, parts: int) -> npt.NDArray[np.int64]:
    """Return which part of the people each row's customer belongs to."""
    return np.asarray(rows["customer_id"].to_numpy(dtype=np.int64) % parts)
