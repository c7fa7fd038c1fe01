"""cltv on made-up buyers: it beats the rules, is repeatable, and refuses by name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.cltv import MODEL
from ml.cltv.config import FEATURES, CltvConfig
from ml.cltv.evaluate import figures, gini, judge
from ml.cltv.tiers import tier_cuts, tier_of
from ml.errors import (
    EmptyInputError,
    InvalidInputError,
    MissingColumnError,
    ModelError,
    NotEnoughHistoryError,
    SingleClassError,
)
from ml.model import Result
from ml.protocol.drift import LARGE
from tests.unit.ml import buyers

TIERS = pd.DataFrame(
    {
        "measure": ["orders", "orders", "order_value", "order_value"],
        "tier": ["high", "mid", "high", "mid"],
        "min_value": [60, 20, 50, 25],
    }
)
CONFIG = CltvConfig(check_customers=40)


@pytest.fixture(scope="module")
def inputs() -> dict[str, pd.DataFrame]:
    found = buyers.year()
    return {
        "features": found["features"],
        "labels": found["value"],
        "base_dates": found["base_dates"],
        "tiers": TIERS,
    }


@pytest.fixture(scope="module")
def result(inputs: dict[str, pd.DataFrame]) -> Result:
    return MODEL.train_and_score(**inputs, config=CONFIG)


def test_value_is_ranked_better_than_by_past_spend(result: Result) -> None:
    report = result.report
    assert report.verdict.is_published, report.verdict.reasons
    assert set(report.baselines) == {"past_spend", "last_90d"}
    assert report.metrics["overall"]["gini"] > 0.5
    assert report.metrics["overall"]["total_ratio"] == pytest.approx(1, abs=0.2)
    cohorts = report.tables[1]["rows"]
    assert sum(row["customers"] for row in cohorts) == report.rows["test"] // 3
    assert {"cohorts.png", "importance.png", "model.json"} < set(result.artefacts)


def test_drift_is_told_of_features_and_of_what_is_said(result: Result) -> None:
    moved = {row["feature"]: row["psi"] for row in result.report.metrics["drift"]}
    assert set(moved) == {*FEATURES, "score"}
    assert min(moved.values()) >= 0
    # Days since the first purchase grow with every month end.
    assert moved["days_since_first_purchase"] > LARGE
    assert any("距首次购买天数" in note for note in result.report.notes)


def test_scores_are_within_their_bounds(
    result: Result, inputs: dict[str, pd.DataFrame]
) -> None:
    scores = result.outputs["cltv_scores"]
    assert scores["customer_id"].is_unique and not scores.isna().any(axis=None)
    assert scores["p_alive"].between(0, 1).all()
    assert (scores["value_365d"] >= scores["value_90d"]).all()
    assert (scores["orders_365d"] >= 0).all()
    last = inputs["features"]["base_date"].max()
    assert len(scores) == (inputs["features"]["base_date"] == last).sum()


def test_the_same_rows_in_any_order_give_the_same_scores(
    result: Result, inputs: dict[str, pd.DataFrame]
) -> None:
    mixed = {
        name: frame.sample(frac=1, random_state=1) for name, frame in inputs.items()
    }
    again = MODEL.train_and_score(**mixed, config=CONFIG)
    pd.testing.assert_frame_equal(
        again.outputs["cltv_scores"], result.outputs["cltv_scores"]
    )
    assert again.artefacts == result.artefacts


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"features": pd.DataFrame()}, MissingColumnError),
        ({"labels": pd.DataFrame()}, MissingColumnError),
        ({"features": lambda rows: rows.head(0)}, EmptyInputError),
        ({"features": lambda rows: pd.concat([rows, rows.head(1)])}, InvalidInputError),
        (
            {"labels": lambda rows: rows[rows["base_date"] > "2017-07-01"]},
            NotEnoughHistoryError,
        ),
        (
            {"labels": lambda rows: rows.assign(orders_90d=0, amount_90d=0.0)},
            SingleClassError,
        ),
        (
            {"features": lambda rows: rows.assign(days_since_last_purchase=np.nan)},
            InvalidInputError,
        ),
        (
            {"features": lambda rows: rows.assign(goods_amount=0.0)},
            EmptyInputError,
        ),
        ({"base_dates": lambda rows: rows.assign(is_scoring=False)}, InvalidInputError),
        ({"tiers": lambda rows: rows.head(3)}, InvalidInputError),
    ],
)
def test_inputs_that_do_not_work_are_refused_by_name(
    inputs: dict[str, pd.DataFrame], changed: dict, error: type[ModelError]
) -> None:
    broken = {
        name: change(inputs[name]) if callable(change) else change
        for name, change in changed.items()
    }
    with pytest.raises(error):
        MODEL.train_and_score(**(inputs | broken), config=CONFIG)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1000), min_size=2, max_size=40))
def test_gini_is_one_for_the_best_order_and_its_negative_for_the_worst(
    spent: list[float],
) -> None:
    actual = np.array(spent)
    if actual.min() == actual.max():
        assert gini(actual, actual) is None
        return
    assert gini(actual, actual) == pytest.approx(1)
    assert gini(actual, -actual) == pytest.approx(-1)
    found = figures(actual, actual * 2)
    assert found["total_ratio"] == pytest.approx(2)
    assert found["mae"] == pytest.approx(actual.mean())


def test_the_gate_shuts_for_a_wrong_sum_and_for_a_better_rule() -> None:
    rules = {"past_spend": {"gini": 0.5}}
    good = {"gini": 0.6, "total_ratio": 1.05, "chance_ratio": 0.02}
    assert judge(good, rules, limit=0.1).is_published
    assert not judge(good | {"total_ratio": 0.85}, rules, limit=0.1).is_published
    assert not judge(good | {"gini": 0.5}, rules, limit=0.1).is_published
    assert not judge(good | {"gini": None}, rules, limit=0.1).is_published


def test_a_tier_begins_at_its_cut() -> None:
    cuts = tier_cuts(TIERS)["orders"]
    assert tier_of(np.array([60.0, 59.9, 20.0, 19.9]), cuts).tolist() == [
        "high", "mid", "mid", "low",
    ]  # fmt: skip
