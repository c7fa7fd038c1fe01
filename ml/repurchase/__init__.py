"""Who buys a brand again in the next calendar month: customer x brand, frozen by month.

Features as of the end of month M predict month M + 1 (docs/models.md).
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ml.errors import EmptyInputError, InvalidInputError
from ml.protocol import metrics, pictures
from ml.protocol.backtest import production_split, rolling_splits
from ml.repurchase.config import RepurchaseConfig
from ml.repurchase.evaluate import MODEL, Report, backtest, evaluate
from ml.repurchase.features import BASELINES, LABEL, checked, labelled
from ml.repurchase.predict import band_cuts, score
from ml.repurchase.train import fit

__all__ = ["Report", "RepurchaseConfig", "Result", "train_and_score"]


@dataclass(frozen=True)
class Result:
    """A run: scores are to be published only if `report.verdict.is_published`."""

    scores: pd.DataFrame
    report: Report
    artefacts: dict[str, bytes]


def train_and_score(
    features: pd.DataFrame,
    labels: pd.DataFrame,
    base_dates: pd.DataFrame,
    bands: pd.DataFrame,
    config: RepurchaseConfig | None = None,
) -> Result:
    """Back-test, train, calibrate and score the newest month end.

    The frames are feat_customer_brand, label_repurchase, feat_base_dates and the seed
    repurchase_bands. Scores: base_date, customer_id, brand_code, score (probability),
    band, reasons. Artefacts by file name: model.txt (LightGBM), model.json,
    reliability.png, lift.png, importance.png. Raises ModelError subclasses by name.
    """
    config = config or RepurchaseConfig()
    cuts = band_cuts(bands)
    scoring_date = _scoring_date(base_dates)
    rows = checked(features)
    to_score = rows[rows["base_date"] == scoring_date]
    if to_score.empty:
        raise EmptyInputError(
            f"feat_customer_brand has no row of {scoring_date:%Y-%m-%d}."
        )
    known = labelled(rows[rows["base_date"] < scoring_date], labels)
    origins = known["base_date"].unique()
    splits = rolling_splits(
        origins, tests=config.tested_origins, min_train=config.min_train_origins
    )
    said = backtest(known, splits, config)
    split = production_split(origins)
    model = fit(known, split, config)
    scores, unscored = score(model, to_score, cuts, config)
    report = evaluate(
        said,
        model=model,
        cuts=cuts,
        config=config,
        rows={
            "train": int(known["base_date"].isin(split.train).sum()),
            "calibrate": int((known["base_date"] == split.calibrate).sum()),
            "test": len(said),
            "scored": len(scores),
            "unscored": sum(unscored.values()),
        },
        unscored=unscored,
        window=(f"{min(origins):%Y-%m-%d}", f"{max(origins):%Y-%m-%d}"),
    )
    return Result(
        scores=scores,
        report=report,
        artefacts={
            "model.txt": model.trees_text().encode(),
            "model.json": model.settings_json().encode(),
            **_pictures(said, report),
        },
    )


def _scoring_date(base_dates: pd.DataFrame) -> pd.Timestamp:
    if base_dates.empty:
        raise EmptyInputError("feat_base_dates holds no row: no purchases yet.")
    found = base_dates.loc[base_dates["is_scoring"], "base_date"]
    if len(found) != 1:
        raise InvalidInputError(
            f"feat_base_dates must hold one scoring date and holds {len(found)}."
        )
    return pd.Timestamp(found.iloc[0])


def _pictures(said: pd.DataFrame, report: Report) -> dict[str, bytes]:
    labels = said[LABEL].to_numpy()
    return {
        "reliability.png": pictures.reliability_png(
            pd.DataFrame(report.reliability), title="Repurchase: said and seen"
        ),
        "lift.png": pictures.lift_png(
            {
                name: metrics.lift(labels, said[name].to_numpy())
                for name in (MODEL, *BASELINES)
            },
            title="Repurchase: lift over the tested months",
        ),
        "importance.png": pictures.importance_png(
            pd.DataFrame(report.importance), title="Repurchase: what the trees use"
        ),
    }
