from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from ml.errors import (
    EmptyInputError,
    InvalidInputError,
    MissingColumnError,
    ModelError,
    NotEnoughHistoryError,
    SingleClassError,
)
from ml.model import Result
from ml.repurchase import MODEL, REPURCHASE
from ml.supervised.predict import band_cuts, band_of
from ml.supervised.table import checked
from ml.supervised.train import Model
from tests.unit.ml.synthetic import (
    FAST,
    KEYS,
    LABEL,
    ORIGINS,
    SCORING,
    Inputs,
    inputs,
)

WORLD = inputs()


@pytest.fixture(scope="module")
def result() -> Result:
    return run(WORLD)


def scored(result: Result) -> pd.DataFrame:
    return result.outputs["scores"]


def run(world: Inputs) -> Result:
    return MODEL.train_and_score(**vars(world), config=FAST)


def test_everybody_of_the_scoring_date_gets_one_probability(result: Result) -> None:
    wanted = WORLD.features[WORLD.features["base_date"] == SCORING]
    assert len(scored(result)) == len(wanted)
    assert not scored(result).duplicated(KEYS[1:]).any()
    assert scored(result)["score"].between(0, 1).all()
    assert result.report.rows["scored"] == len(wanted)


def test_a_predictable_world_is_predicted(result: Result) -> None:
    report = result.report
    assert report.verdict.is_published, report.verdict.reasons
    assert set(report.baselines) == set(REPURCHASE.baselines)
    assert list(report.metrics["by_origin"]) == [
        f"{origin:%Y-%m-%d}" for origin in ORIGINS[-3:]
    ]
    best = max(found["auc"] for found in report.baselines.values())
    assert report.metrics["overall"]["auc"] > best
    within = [found["auc"] for found in report.metrics["by_group"].values()]
    assert report.metrics["overall"]["auc"] == pytest.approx(np.mean(within))


def test_bands_follow_the_cuts_and_show_what_happened(result: Result) -> None:
    cuts = {"high": 0.8, "mid": 0.5, "low": 0.3, "none": 0.0}
    ceiling = {"high": 1.01, "mid": 0.8, "low": 0.5, "none": 0.3}
    for row in scored(result).itertuples():
        assert cuts[row.band] <= row.score < ceiling[row.band]
    bands = pd.DataFrame(result.report.metrics["bands"])
    assert bands["rows"].sum() == result.report.rows["test"]
    big = bands[bands["rows"] > 150]
    assert (big["predicted_rate"] - big["observed_rate"]).abs().max() < 0.1


def test_the_same_inputs_in_any_order_give_the_same_bytes(result: Result) -> None:
    again = run(
        Inputs(
            features=WORLD.features.sample(frac=1, random_state=1),
            labels=WORLD.labels.sample(frac=1, random_state=2),
            base_dates=WORLD.base_dates.iloc[::-1],
            bands=WORLD.bands.iloc[::-1],
        )
    )
    pd.testing.assert_frame_equal(scored(again), scored(result))
    assert again.artefacts == result.artefacts
    assert again.report == result.report


def test_what_happens_after_the_scoring_date_is_not_read(result: Result) -> None:
    future = WORLD.features[WORLD.features["base_date"] == SCORING].assign(
        base_date=SCORING + pd.offsets.MonthEnd(1), purchase_days_90d=999
    )
    labels = WORLD.features[WORLD.features["base_date"] == SCORING][KEYS]
    later = run(
        replace(
            WORLD,
            features=pd.concat([WORLD.features, future]),
            labels=pd.concat([WORLD.labels, labels.assign(**{LABEL: True})]),
        )
    )
    pd.testing.assert_frame_equal(scored(later), scored(result))


def test_a_label_the_features_cannot_know_fails_the_gate() -> None:
    report = run(inputs(is_predictable=False)).report
    assert not report.verdict.is_published
    assert abs(report.metrics["overall"]["auc"] - 0.5) < 0.05


def test_reasons_are_what_raised_the_score(result: Result) -> None:
    is_high = scored(result)["band"] == "high"
    assert scored(result).loc[~is_high, "reasons"].isna().all()
    for text in scored(result).loc[is_high, "reasons"]:
        found = json.loads(text)
        assert 0 < len(found) <= FAST.reasons_per_row
        assert all(one["contribution"] > 0 for one in found)
        assert all(
            one["name_zh"] == REPURCHASE.columns[one["feature"]] for one in found
        )
        assert "brand_code" not in {one["feature"] for one in found}


def test_the_artefact_scores_as_the_model_did(result: Result) -> None:
    model = Model.load(
        REPURCHASE,
        result.artefacts["model.txt"].decode(),
        result.artefacts["model.json"].decode(),
    )
    rows = checked(WORLD.features, REPURCHASE)
    rows = rows[rows["base_date"] == SCORING]
    np.testing.assert_array_equal(
        np.round(model.probability(rows), 6), scored(result)["score"]
    )


def test_pictures_are_pictures(result: Result) -> None:
    for name in ("reliability.png", "lift.png", "importance.png"):
        assert result.artefacts[name].startswith(b"\x89PNG")


def test_an_all_null_column_is_left_out_and_named() -> None:
    world = WORLD.with_features(WORLD.features.assign(gap_days_mean=np.nan))
    found = run(world)
    assert any("gap_days_mean" in note for note in found.report.notes)
    assert len(scored(found)) == found.report.rows["scored"] > 0


def test_a_brand_without_history_gets_no_score_rather_than_zero() -> None:
    is_new = (WORLD.features["base_date"] == SCORING) & (
        WORLD.features["customer_id"] <= 30
    )
    new = WORLD.features[is_new & (WORLD.features["brand_code"] == "baby")]
    world = WORLD.with_features(
        pd.concat([WORLD.features, new.assign(brand_code="tea")])
    )
    found = run(world)
    assert "tea" not in set(scored(found)["brand_code"])
    assert found.report.metrics["unscored"] == {"tea": 30}
    assert any("tea" in note for note in found.report.notes)


def test_an_unseen_gender_is_a_missing_one() -> None:
    is_scoring = WORLD.features["base_date"] == SCORING
    odd = WORLD.features.copy()
    odd.loc[is_scoring, "gender"] = "unheard_of"
    none = WORLD.features.copy()
    none.loc[is_scoring, "gender"] = None
    one, two = run(WORLD.with_features(odd)), run(WORLD.with_features(none))
    pd.testing.assert_series_equal(scored(one)["score"], scored(two)["score"])


def test_a_brand_of_one_outcome_is_calibrated_with_the_others() -> None:
    labels = WORLD.labels.copy()
    labels.loc[labels["brand_code"] == "baby", LABEL] = True
    found = run(WORLD.with_labels(labels))
    assert found.report.metrics["by_group"]["baby"]["auc"] is None
    assert (
        found.report.metrics["overall"]["auc"]
        == found.report.metrics["by_group"]["supermarket"]["auc"]
    )
    assert any("baby: calibrated with all" in note for note in found.report.notes)


EMPTY = WORLD.features.head(0)


@pytest.mark.parametrize(
    ("world", "error", "says"),
    [
        (WORLD.with_features(EMPTY), EmptyInputError, "feat_customer_brand"),
        (WORLD.with_labels(WORLD.labels.head(0)), NotEnoughHistoryError, "are 0"),
        (inputs(60, origins=ORIGINS[:4]), NotEnoughHistoryError, "there are 4"),
        (
            replace(WORLD, base_dates=WORLD.base_dates.head(0)),
            EmptyInputError,
            "feat_base_dates",
        ),
        (
            replace(WORLD, base_dates=WORLD.base_dates.assign(is_scoring=True)),
            InvalidInputError,
            "holds 6",
        ),
        (
            WORLD.with_features(WORLD.features[WORLD.features["base_date"] != SCORING]),
            EmptyInputError,
            "2017-11-30",
        ),
        (
            WORLD.with_features(WORLD.features.drop(columns="purchase_days_90d")),
            MissingColumnError,
            "purchase_days_90d",
        ),
        (
            WORLD.with_features(pd.concat([WORLD.features, WORLD.features.head(1)])),
            InvalidInputError,
            "more than once",
        ),
        (
            WORLD.with_labels(WORLD.labels.assign(**{LABEL: False})),
            SingleClassError,
            "is False",
        ),
        (
            WORLD.with_labels(WORLD.labels.assign(**{LABEL: None})),
            InvalidInputError,
            "null in 3000 rows",
        ),
    ],
)
def test_inputs_it_cannot_work_with_are_named(
    world: Inputs, error: type[ModelError], says: str
) -> None:
    with pytest.raises(error, match=says):
        run(world)


def test_band_cuts_of_an_unnamed_brand_are_those_of_the_star() -> None:
    cuts = band_cuts(
        pd.DataFrame(
            [
                (brand, band, cut)
                for brand, shift in (("baby", 0.0), ("*", 0.1))
                for band, cut in (("high", 0.7), ("mid", 0.5), ("low", 0.3 + shift))
            ],
            columns=["brand_code", "band", "min_score"],
        ),
        REPURCHASE,
    )
    said = np.array([0.7, 0.69, 0.3, 0.3, 0.29])
    brands = np.array(["baby", "baby", "baby", "tea", "baby"], dtype=object)
    assert list(band_of(said, brands, cuts)) == ["high", "mid", "low", "none", "none"]


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([("baby", "high", 0.7), ("baby", "mid", 0.5), ("baby", "low", 0.3)], "'\\*'"),
        ([("*", "high", 0.7), ("*", "mid", 0.5)], "needs high, mid and low"),
        ([("*", "high", 0.3), ("*", "mid", 0.5), ("*", "low", 0.1)], "falling"),
    ],
)
def test_band_cuts_that_make_no_sense_are_refused(
    rows: list[tuple[str, str, float]], says: str
) -> None:
    with pytest.raises(InvalidInputError, match=says):
        band_cuts(
            pd.DataFrame(rows, columns=["brand_code", "band", "min_score"]), REPURCHASE
        )
