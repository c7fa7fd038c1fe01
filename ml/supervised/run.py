"""One run of a supervised model: back-test, train, calibrate, score, report."""

from __future__ import annotations

from functools import partial

import pandas as pd

from ml.errors import EmptyInputError, InvalidInputError
from ml.model import Model, Report, Result
from ml.protocol import drift, metrics, pictures
from ml.protocol.backtest import production_split, rolling_splits
from ml.supervised import train
from ml.supervised.config import SupervisedConfig
from ml.supervised.evaluate import LABEL, MODEL, backtest, evaluate
from ml.supervised.predict import band_cuts, score
from ml.supervised.spec import Supervised
from ml.supervised.table import checked, labelled, relation


def as_model(spec: Supervised, *made_of: str) -> Model:
    """Return the question as a model that the registry can run.

    `made_of` are folders and files below ml/ that `spec` takes columns from.
    """
    return Model(
        name=spec.name,
        title_zh=spec.title_zh,
        question=spec.question,
        inputs={
            "features": spec.features,
            "labels": spec.labels,
            "base_dates": "features.feat_base_dates",
            "bands": spec.bands,
        },
        train_and_score=partial(train_and_score, spec),
        config=spec.config,
        made_of=("supervised", *made_of),
    )


def train_and_score(
    spec: Supervised,
    *,
    features: pd.DataFrame,
    labels: pd.DataFrame,
    base_dates: pd.DataFrame,
    bands: pd.DataFrame,
    config: SupervisedConfig | None = None,
) -> Result:
    """Back-test, train, calibrate and score the newest month end.

    The frames are the relations that `spec` names and feat_base_dates. The output
    `scores` has customer_id, brand_code, score (probability), band, reasons. Artefacts
    by file name: model.txt (LightGBM), model.json, reliability.png, lift.png,
    importance.png. Raises ModelError subclasses by name.
    """
    config = config or spec.config
    cuts = band_cuts(bands, spec)
    scoring_date = scoring_day(base_dates)
    rows = checked(features, spec)
    to_score = rows[rows["base_date"] == scoring_date]
    if to_score.empty:
        raise EmptyInputError(
            f"{relation(spec.features)} has no row of {scoring_date:%Y-%m-%d}."
        )
    known = labelled(rows[rows["base_date"] < scoring_date], labels, spec)
    origins = known["base_date"].unique()
    splits = rolling_splits(
        origins,
        tests=config.tested_origins,
        min_train=config.min_train_origins,
        label_months=spec.label_months,
    )
    said = backtest(known, splits, spec, config)
    split = production_split(origins)
    model = train.fit(known, split, spec, config)
    scores, unscored = score(model, to_score, cuts, config)
    learnt = known[known["base_date"].isin(split.train)]
    report = evaluate(
        said,
        model=model,
        cuts=cuts,
        config=config,
        drifted=drift_table(model, learnt, to_score),
        rows={
            "train": len(learnt),
            "calibrate": int((known["base_date"] == split.calibrate).sum()),
            "test": len(said),
            "scored": len(scores),
            "unscored": sum(unscored.values()),
        },
        unscored=unscored,
        window=(f"{min(origins):%Y-%m-%d}", f"{max(origins):%Y-%m-%d}"),
    )
    return Result(
        outputs={"scores": scores},
        report=report,
        artefacts={
            "model.txt": model.trees_text().encode(),
            "model.json": model.settings_json().encode(),
            **_pictures(spec, said, report),
        },
    )


def scoring_day(base_dates: pd.DataFrame) -> pd.Timestamp:
    """Return the month end that is scored, of the rows of feat_base_dates."""
    if base_dates.empty:
        raise EmptyInputError("feat_base_dates holds no row: no purchases yet.")
    found = base_dates.loc[base_dates["is_scoring"], "base_date"]
    if len(found) != 1:
        raise InvalidInputError(
            f"feat_base_dates must hold one scoring date and holds {len(found)}."
        )
    return pd.Timestamp(found.iloc[0])


def drift_table(
    model: train.Model, learnt: pd.DataFrame, scored: pd.DataFrame
) -> pd.DataFrame:
    """Return `drift.table` of the columns the trees read and of the probability."""
    spec = model.spec
    return drift.table(
        learnt,
        scored,
        {column: spec.columns[column] for column in model.columns},
        (model.probability(learnt), model.probability(scored)),
        spec.categories,
    )


def _pictures(spec: Supervised, said: pd.DataFrame, report: Report) -> dict[str, bytes]:
    labels = said[LABEL].to_numpy()
    title = spec.name.replace("_", " ").capitalize()
    return {
        "reliability.png": pictures.reliability_png(
            pd.DataFrame(report.metrics["reliability"]), title=f"{title}: said and seen"
        ),
        "lift.png": pictures.lift_png(
            {
                name: metrics.lift(labels, said[name].to_numpy())
                for name in (MODEL, *spec.baselines)
            },
            title=f"{title}: lift over the tested months",
        ),
        "importance.png": pictures.importance_png(
            pd.DataFrame(report.metrics["importance"]),
            title=f"{title}: what the trees use",
        ),
    }
