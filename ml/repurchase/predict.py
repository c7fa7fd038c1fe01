"""Scores, bands and reasons of one base_date."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ml.errors import EmptyInputError, InvalidInputError, MissingColumnError
from ml.repurchase.config import RepurchaseConfig
from ml.repurchase.features import NAMES, NUMBERS, design
from ml.repurchase.train import Model

BANDS = ("high", "mid", "low")
NO_BAND = "none"
# Cuts for a brand that the seed does not name.
ANY_BRAND = "*"

Cuts = dict[str, dict[str, float]]


def band_cuts(bands: pd.DataFrame) -> Cuts:
    """Return {brand: {band: least probability}} of the seed repurchase_bands.

    Raises when a brand lacks a band or its cuts do not fall from high to low.
    """
    missing = {"brand_code", "band", "min_score"} - set(bands.columns)
    if missing:
        raise MissingColumnError(
            f"repurchase_bands lacks {', '.join(sorted(missing))}."
        )
    cuts: Cuts = {}
    minima = bands["min_score"].astype(float)
    for brand, band, least in zip(
        bands["brand_code"], bands["band"], minima, strict=True
    ):
        cuts.setdefault(str(brand), {})[str(band)] = least
    if ANY_BRAND not in cuts:
        raise InvalidInputError(
            f"repurchase_bands has no rows for '{ANY_BRAND}', the cuts of other brands."
        )
    for brand, of_brand in cuts.items():
        if set(of_brand) != set(BANDS) or not (
            1 > of_brand["high"] > of_brand["mid"] > of_brand["low"] > 0
        ):
            raise InvalidInputError(
                f"repurchase_bands: {brand} needs high, mid and low, falling, "
                "between 0 and 1."
            )
    return cuts


def band_of(
    probability: npt.NDArray[np.float64], brands: pd.Series, cuts: Cuts
) -> npt.NDArray[Any]:
    """Return high, mid or low; 'none' for people not expected to come back."""
    band = np.full(len(probability), NO_BAND, dtype=object)
    for brand in brands.unique():
        inside = (brands == brand).to_numpy()
        of_brand = cuts.get(str(brand), cuts[ANY_BRAND])
        # From low to high, so that the highest cut passed is the one that stays.
        for name in reversed(BANDS):
            band[inside & (probability >= of_brand[name])] = name
    return band


def score(
    model: Model, rows: pd.DataFrame, cuts: Cuts, config: RepurchaseConfig
) -> tuple[pd.DataFrame, dict[str, int]]:
    """Score the rows of one base_date.

    Returns base_date, customer_id, brand_code, score, band, reasons (JSON or None);
    and, by brand, how many rows got no score because the brand was not there in
    training. Those people have no row: a score of zero would be a claim.
    """
    known = model.knows(rows)
    unscored = rows.loc[~known, "brand_code"].value_counts()
    rows = rows[known].reset_index(drop=True)
    if rows.empty:
        raise EmptyInputError("No row of the scoring date is of a brand with history.")
    # Rounded, so that a stored score reads back as itself.
    probability = np.round(model.probability(rows), 6)
    scores = rows[["base_date", "customer_id", "brand_code"]].copy()
    scores["score"] = probability
    scores["band"] = band_of(probability, rows["brand_code"], cuts)
    explained = scores.index[scores["band"] == config.reason_band]
    explained = explained[np.argsort(-probability[explained], kind="stable")]
    explained = explained[: config.max_reason_rows]
    why = np.full(len(scores), None, dtype=object)
    why[explained] = reasons(model, rows.loc[explained], config)
    scores["reasons"] = pd.Series(why, index=scores.index, dtype=object)
    return scores, {str(brand): int(count) for brand, count in unscored.items()}


def reasons(model: Model, rows: pd.DataFrame, config: RepurchaseConfig) -> list[str]:
    """Return, per row, what raised the score most, as a JSON list (SHAP, log-odds).

    The brand itself is no reason: it is the same for everybody the row is compared to.
    """
    if rows.empty:
        return []
    matrix = design(rows, model.columns, model.categories)
    contributions = np.asarray(
        model.booster.predict(matrix, pred_contrib=True, num_threads=1)
    )[:, :-1]
    usable = [at for at, column in enumerate(model.columns) if column != "brand_code"]
    order = np.argsort(-contributions[:, usable], axis=1, kind="stable")
    found = []
    for row in range(len(rows)):
        top = [usable[at] for at in order[row, : config.reasons_per_row]]
        found.append(
            json.dumps(
                [
                    {
                        "feature": model.columns[at],
                        "name_zh": NAMES[model.columns[at]],
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
    if column in NUMBERS:
        return round(float(number), 4)
    return str(rows[column].iloc[row])
