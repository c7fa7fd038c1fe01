from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ml.errors import NotEnoughHistoryError
from ml.protocol import metrics
from ml.protocol.backtest import production_split, rolling_splits
from ml.protocol.calibration import Calibrator, log_odds
from ml.protocol.gate import judge

MONTHS = list(pd.date_range("2017-01-31", periods=7, freq="ME"))


def test_every_split_goes_forward_in_time() -> None:
    splits = rolling_splits(reversed(MONTHS), tests=3)
    assert [split.test for split in splits] == MONTHS[-3:]
    for split in splits:
        assert split.test is not None
        assert max(split.train) < split.calibrate < split.test
        assert split.train == tuple(MONTHS[: len(split.train)])


def test_production_calibrates_on_the_newest_labels() -> None:
    split = production_split(MONTHS)
    assert split.calibrate == MONTHS[-1]
    assert split.train == tuple(MONTHS[:-1])


def test_too_few_months_are_named() -> None:
    with pytest.raises(NotEnoughHistoryError, match=r"needs 5 .* there are 4"):
        rolling_splits(MONTHS[:4], tests=3)


def test_calibration_finds_the_curve_of_each_group() -> None:
    rng = np.random.default_rng(3)
    raw = rng.normal(size=20_000)
    groups = np.repeat(["baby", "ginseng"], 10_000).astype(object)
    truth = 1 / (1 + np.exp(-np.where(groups == "baby", 2 * raw - 1, 0.5 * raw + 0.3)))
    labels = (rng.random(20_000) < truth).astype(float)
    said = Calibrator.fit(raw, labels, groups).predict(raw, groups)
    assert np.abs(said - truth).max() < 0.03
    assert metrics.ece(labels, said) < 0.01


def test_groups_that_tell_nothing_use_the_pooled_curve() -> None:
    rng = np.random.default_rng(4)
    raw = rng.normal(size=3_000)
    labels = (rng.random(3_000) < 1 / (1 + np.exp(-raw))).astype(float)
    groups = np.repeat(["good", "all_bought", "upside_down"], 1_000).astype(object)
    labels[groups == "all_bought"] = 1.0
    upside_down = groups == "upside_down"
    labels[upside_down] = (raw[upside_down] < 0).astype(float)
    calibrator = Calibrator.fit(raw, labels, groups)
    assert set(calibrator.by_group) == {"good"}
    same = np.full(3, 0.7)
    said = calibrator.predict(
        same, np.array(["all_bought", "upside_down", "never_seen"], dtype=object)
    )
    assert len(set(said)) == 1
    assert 0 < said[0] < 1


def test_one_class_everywhere_is_a_smoothed_rate() -> None:
    groups = np.array(["baby"] * 8, dtype=object)
    said = Calibrator.fit(np.arange(8.0), np.ones(8), groups).predict(
        np.arange(8.0), groups
    )
    assert said == pytest.approx(np.full(8, 0.9))


def test_few_rows_widen_the_limit_by_what_chance_shows() -> None:
    verdict = judge(
        auc=0.8, ece=0.04, chance_ece=0.02, baseline_aucs={"spend": 0.7}, max_ece=0.03
    )
    assert verdict.is_published
    assert "0.0500" in verdict.reasons[1]


def test_log_odds_stay_finite() -> None:
    assert np.isfinite(log_odds(np.array([0.0, 1.0]))).all()


@pytest.mark.parametrize(
    ("auc", "ece", "baselines", "is_published", "says"),
    [
        (0.80, 0.010, {"recency": 0.70, "spend": 0.75}, True, "beats the best"),
        (0.80, 0.010, {"recency": 0.70, "spend": 0.80}, False, "does not beat"),
        (0.80, 0.031, {"recency": 0.70}, False, "above the limit"),
        (0.80, 0.030, {"recency": 0.70}, True, "within the limit"),
        (0.60, 0.500, {"recency": 0.70}, False, "does not beat"),
        (None, 0.000, {"recency": 0.70}, False, "unknown"),
        (0.80, 0.000, {"recency": None}, False, "unknown"),
    ],
)
def test_gate(
    auc: float | None,
    ece: float,
    baselines: dict[str, float | None],
    is_published: bool,
    says: str,
) -> None:
    verdict = judge(
        auc=auc, ece=ece, chance_ece=0.0, baseline_aucs=baselines, max_ece=0.03
    )
    assert verdict.is_published is is_published
    assert says in " ".join(verdict.reasons)
