"""Scores, bands and reasons of one base_date."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ml.errors import EmptyInputError, InvalidInputError, MissingColumnError
from ml.supervised.config import SupervisedConfig
from ml.supervised.spec import Supervised
from ml.supervised.table import design, relation
from ml.supervised.train import Model

BANDS = ("high", "mid", "low")
NO_BAND = "none"
# Cuts for a group that the seed does not name.
ANY_GROUP = "*"

Cuts = dict[str, dict[str, float]]


def band_cuts(bands: pd.DataFrame, spec: Supervised) -> Cuts:
    """Return {group: {band: least probability}} of the seed with the cuts.

    The seed has band, min_score and, where the question has groups, brand_code; '*'
    stands for the groups it does not name. Raises when a group lacks a band or its cuts
    do not fall from high to low.
    """
    name = relation(spec.bands)
    wanted = {"band", "min_score"} | ({"brand_code"} if spec.group else set())
    missing = wanted - set(bands.columns)
    if missing:
        raise MissingColumnError(f"{name} lacks {', '.join(sorted(missing))}.")
    groups = bands["brand_code"] if spec.group else [ANY_GROUP] * len(bands)
    cuts: Cuts = {}
    minima = bands["min_score"].astype(float)
    for group, band, least in zip(groups, bands["band"], minima, strict=True):
        cuts.setdefault(str(group), {})[str(band)] = least
    if ANY_GROUP not in cuts:
        raise InvalidInputError(
            f"{name} has no rows for '{ANY_GROUP}', the cuts of the groups not named."
        )
    for group, of_group in cuts.items():
        if set(of_group) != set(BANDS) or not (
            1 > of_group["high"] > of_group["mid"] > of_group["low"] > 0
        ):
            raise InvalidInputError(
                f"{name}: {group} needs high, mid and low, falling, between 0 and 1."
            )
    return cuts


def band_of(
    probability: npt.NDArray[np.float64], groups: npt.NDArray[Any], cuts: Cuts
) -> npt.NDArray[Any]:
    """Return high, mid or low; 'none' below the lowest cut."""
    band = np.full(len(probability), NO_BAND, dtype=object)
    for group in pd.unique(groups):
        inside = groups == group
        of_group = cuts.get(str(group), cuts[ANY_GROUP])
        # From low to high, so that the highest cut passed is the one that stays.
        for name in reversed(BANDS):
            band[inside & (probability >= of_group[name])] = name
    return band


def score(
    model: Model, rows: pd.DataFrame, cuts: Cuts, config: SupervisedConfig
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Score the rows of one base_date.

    Returns customer_id, brand_code ('all' where the question has no groups), score,
    band, reasons (JSON or None); and, by group, how many rows got no score because the
    group was not there in training. Those people have no row: a score of zero would be
    a claim.
    """
    spec = model.spec
    known = model.knows(rows)
    unscored = pd.Series(spec.groups(rows[~known])).value_counts()
    rows = rows[known].reset_index(drop=True)
    if rows.empty:
        raise EmptyInputError("No row of the scoring date is of a group with history.")
    # Rounded, so that a stored score reads back as itself.
    probability = np.round(model.probability(rows), 6)
    groups = spec.groups(rows)
    scores = pd.DataFrame(
        {
            "customer_id": rows["customer_id"],
            "brand_code": groups,
            "score": probability,
            "band": band_of(probability, groups, cuts),
        }
    )
    explained = scores.index[scores["band"] == config.reason_band]
    explained = explained[np.argsort(-probability[explained], kind="stable")]
    explained = explained[: config.max_reason_rows]
    why = np.full(len(scores), None, dtype=object)
    why[explained] = reasons(model, rows.loc[explained], config)
    scores["reasons"] = pd.Series(why, index=scores.index, dtype=object)
    return scores, {str(group): int(count) for group, count in unscored.items()}


def reasons(model: Model, rows: pd.DataFrame, config: SupervisedConfig) -> list[str]:
    """Return, per row, what raised the score most, as a JSON list (SHAP, log-odds).

    The group itself is no reason: it is the same for everybody the row is compared to.
    """
    if rows.empty:
        return []
    matrix = design(rows, model.columns, model.categories)
    contributions = np.asarray(
        model.booster.predict(matrix, pred_contrib=True, num_threads=1)
    )[:, :-1]
    usable = [
        at for at, column in enumerate(model.columns) if column != model.spec.group
    ]
    order = np.argsort(-contributions[:, usable], axis=1, kind="stable")
    found = []
    for row in range(len(rows)):
        top = [usable[at] for at in order[row, : config.reasons_per_row]]
        found.append(
            json.dumps(
                [
                    {
                        "feature": model.columns[at],
                        "name_zh": model.spec.columns[model.columns[at]],
                        "value": _value(model, rows, row, at, matrix),
                        "contribution": round(float(contributions[row, at]), 4),
                    }
                    for at in top
                    if contributions[row, at] > 0
                ],
                ensure_ascii=False,
            )
        )
    return found


def _value(
    model: Model,
    rows: pd.DataFrame,
    row: int,
    at: int,
    matrix: npt.NDArray[np.float64],
) -> float | str | None:
    column = model.columns[at]
    number = matrix[row, at]
    if np.isnan(number):
        return None
    if column in model.spec.numbers:
        return round(float(number), 4)
    return str(rows[column].iloc[row])
