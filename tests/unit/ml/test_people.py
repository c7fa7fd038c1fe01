"""Questions about people, each on a table of its own: declared, they all run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml import churn, purchase_intent, reactivation, repurchase_30d
from ml.errors import NotEnoughHistoryError
from ml.model import Model, Result
from ml.supervised import Supervised

DAYS = pd.date_range("2017-02-28", periods=11, freq="ME")
SCORING = DAYS[-1]
SPECS: list[tuple[Supervised, Model]] = [
    (purchase_intent.PURCHASE_INTENT, purchase_intent.MODEL),
    (churn.CHURN, churn.MODEL),
    (reactivation.REACTIVATION, reactivation.MODEL),
    (repurchase_30d.REPURCHASE_30D, repurchase_30d.MODEL),
]


def frames(spec: Supervised) -> dict[str, pd.DataFrame]:
    """People whose habit shows in one column that no baseline reads."""
    rng = np.random.default_rng(2)
    groups = ["baby", "ginseng"] if spec.group else ["all"]
    rows = pd.MultiIndex.from_product(
        [DAYS, groups, range(1, 201)], names=["base_date", "brand_code", "customer_id"]
    ).to_frame(index=False)
    drive = np.tile(rng.normal(size=len(groups) * 200), len(DAYS))
    features = rows.assign(
        **{name: rng.poisson(5, len(rows)) * 1.0 for name in spec.numbers}
    ).assign(
        gap_days_mean=drive,
        gender="female",
        churn_horizon_days=rng.integers(14, 84, len(rows)),
        purchase_days=rng.integers(2, 9, len(rows)),
        # Of histories that can be: the first purchase was before the last.
        days_since_first_purchase=rng.integers(100, 200, len(rows)),
    )
    chance = 1 / (1 + np.exp(-2 * drive))
    bands = [("high", 0.7), ("mid", 0.5), ("low", 0.2)]
    return {
        "features": features,
        "labels": rows.assign(**{spec.label: rng.random(len(rows)) < chance}),
        "base_dates": pd.DataFrame({"base_date": DAYS, "is_scoring": DAYS == SCORING}),
        "bands": pd.DataFrame(
            [("*", band, least) for band, least in bands],
            columns=["brand_code", "band", "min_score"],
        ),
    }


def run(spec: Supervised, model: Model, **given: pd.DataFrame) -> Result:
    config = replace(spec.config, rounds=20, learning_rate=0.2, min_child_samples=30)
    return model.train_and_score(**{**frames(spec), **given}, config=config)


@pytest.mark.parametrize(("spec", "model"), SPECS, ids=lambda one: one.name)
def test_a_habit_is_found_and_said_honestly(spec: Supervised, model: Model) -> None:
    result = run(spec, model)
    report = result.report
    assert report.verdict.is_published, report.verdict.reasons
    assert set(report.baselines) == set(spec.baselines)
    scores = result.outputs["scores"]
    assert len(scores) == (400 if spec.group else 200)
    assert scores["reasons"].str.contains("gap_days_mean").any()


@pytest.mark.parametrize(("spec", "model"), SPECS, ids=lambda one: one.name)
def test_labels_that_look_beyond_an_origin_do_not_teach_it(
    spec: Supervised, model: Model
) -> None:
    few = [*DAYS[: spec.label_months + 3]]
    labels = frames(spec)["labels"]
    with pytest.raises(NotEnoughHistoryError):
        run(spec, model, labels=labels[labels["base_date"].isin(few)])


def test_every_churn_score_has_its_horizon() -> None:
    given = frames(churn.CHURN)
    result = run(churn.CHURN, churn.MODEL)
    horizons = result.outputs["churn_horizons"]
    assert list(horizons) == ["customer_id", "churn_horizon_days"]
    wanted = given["features"].query("base_date == @SCORING")
    pd.testing.assert_frame_equal(
        horizons, wanted[list(horizons)].reset_index(drop=True)
    )
