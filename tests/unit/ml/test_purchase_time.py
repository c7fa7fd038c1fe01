"""purchase_time: its arithmetic beside brute force, its forecasts on made-up buyers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from ml.purchase_time import MODEL
from ml.purchase_time.clock import bought_on, curves, elapsed_on, weekdays
from ml.purchase_time.config import DAYS, FEATURES, MOST_ELAPSED
from ml.purchase_time.evaluate import concordance
from tests.unit.ml import buyers


@pytest.fixture(scope="module")
def inputs() -> dict[str, pd.DataFrame]:
    found = buyers.year()
    return {
        "features": found["features"],
        "labels": found["times"],
        "base_dates": found["base_dates"],
    }


@pytest.fixture(scope="module")
def result(inputs: dict[str, pd.DataFrame]) -> Result:
    return MODEL.train_and_score(**inputs, config=MODEL.config)


def test_curves_are_what_living_through_the_days_gives() -> None:
    rng = np.random.default_rng(1)
    hazard = rng.uniform(0.02, 0.4, (2, MOST_ELAPSED + DAYS, 7))
    weekday = weekdays(pd.Timestamp("2017-11-30"))
    following, on_any = curves(hazard, weekday)
    people = 40_000
    for group, elapsed in ((0, 3), (1, 90)):
        gap = np.full(people, elapsed)
        has_bought = np.zeros(people, dtype=bool)
        for day in range(DAYS):
            gap += 1
            now = rng.random(people) < hazard[group, gap - 1, weekday[day]]
            assert now.mean() == pytest.approx(on_any[group, elapsed, day], abs=0.012)
            first = (now & ~has_bought).mean()
            assert first == pytest.approx(following[group, elapsed, day], abs=0.012)
            has_bought |= now
            gap[now] = 0


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sets(st.integers(1, DAYS)), min_size=1, max_size=5),
    st.integers(0, 50),
)
def test_days_of_a_gap_by_counting(sets: list[set[int]], elapsed: int) -> None:
    masks = np.array([sum(1 << (day - 1) for day in days) for days in sets])
    found = bought_on(masks)
    assert [set(np.flatnonzero(row) + 1) for row in found] == sets
    gaps = elapsed_on(found, np.full(len(sets), elapsed))
    for days, row in zip(sets, gaps, strict=True):
        since = elapsed
        for day in range(1, DAYS + 1):
            since += 1
            assert row[day - 1] == since
            since = 0 if day in days else since


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 9), st.booleans(), st.integers(0, 4)),
        min_size=1,
        max_size=12,
    )
)
def test_concordance_is_the_share_of_pairs(rows: list[tuple[int, bool, int]]) -> None:
    pairs = [
        1.0 if one[2] > two[2] else 0.5 if one[2] == two[2] else 0.0
        for one in rows
        for two in rows
        if one[1] and one[0] < two[0]
    ]
    days, is_seen, sooner = (
        np.array(part, dtype=float) for part in zip(*rows, strict=True)
    )
    expected = np.mean(pairs) if pairs else None
    assert concordance(days, is_seen, sooner) == expected


def test_who_comes_soon_is_known_better_than_by_the_own_median_gap(
    result: Result,
) -> None:
    report = result.report
    rules = {name: figure["auc"] for name, figure in report.baselines.items()}
    assert report.metrics["overall"]["auc"] > rules["own_median_gap"]
    assert report.metrics["overall"]["auc"] > rules["recency"]
    on_a_day = report.tables[1]["rows"][-1]
    assert on_a_day["question"] == "on a given day"
    assert on_a_day["said"] == pytest.approx(on_a_day["seen"], rel=0.1)
    assert on_a_day["ece"] < 0.02


def test_drift_is_told_of_features_and_of_what_is_said(result: Result) -> None:
    moved = {row["feature"]: row["psi"] for row in result.report.metrics["drift"]}
    assert set(moved) == {*FEATURES, "score"}
    assert min(moved.values()) >= 0
    # Days since the first purchase grow with every month end.
    assert moved["days_since_first_purchase"] > LARGE
    assert any("距首次购买天数" in note for note in result.report.notes)


def test_weekends_stand_out_in_the_curves(result: Result) -> None:
    curve = result.outputs["purchase_time_curves"].set_index("curve_no")["by_day"]
    scores = result.outputs["purchase_time_scores"]
    days = np.array([list(map(float, one[1:-1].split(","))) for one in curve])
    said = days[scores["curve_no"]].sum(axis=0)
    weekday = weekdays(pd.Timestamp("2017-12-31"))
    assert said[weekday >= 5].mean() > 1.4 * said[weekday < 5].mean()


def test_a_customer_has_one_row_that_agrees_with_its_curve(result: Result) -> None:
    scores = result.outputs["purchase_time_scores"]
    curves_ = result.outputs["purchase_time_curves"]
    assert scores["customer_id"].is_unique
    assert set(scores["curve_no"]) == set(curves_["curve_no"])
    assert (scores["probability_7d"] <= scores["probability_14d"]).all()
    assert (scores["probability_14d"] <= scores["probability_30d"]).all()
    is_soon = scores["probability_30d"] >= 0.5
    limit = pd.Timestamp("2018-01-30").date()
    assert (scores.loc[is_soon, "expected_on"] <= limit).all()
    late = scores.loc[~is_soon, "expected_on"].dropna()
    assert (late > limit).all()


def test_the_same_rows_in_any_order_give_the_same_scores(
    result: Result, inputs: dict[str, pd.DataFrame]
) -> None:
    mixed = {
        name: frame.sample(frac=1, random_state=1) for name, frame in inputs.items()
    }
    again = MODEL.train_and_score(**mixed, config=MODEL.config)
    for name, rows in result.outputs.items():
        pd.testing.assert_frame_equal(again.outputs[name], rows)
    assert again.artefacts == result.artefacts


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"features": lambda rows: rows.head(0)}, EmptyInputError),
        ({"labels": lambda rows: rows.drop(columns="bought_days")}, MissingColumnError),
        ({"labels": lambda rows: pd.concat([rows, rows.head(1)])}, InvalidInputError),
        (
            {"labels": lambda rows: rows[rows["base_date"] > "2017-08-01"]},
            NotEnoughHistoryError,
        ),
        ({"labels": lambda rows: rows.assign(bought_days=0)}, SingleClassError),
        ({"base_dates": lambda rows: rows.head(0)}, InvalidInputError),
    ],
)
def test_inputs_that_do_not_work_are_refused_by_name(
    inputs: dict[str, pd.DataFrame], changed: dict, error: type[ModelError]
) -> None:
    broken = {name: change(inputs[name]) for name, change in changed.items()}
    with pytest.raises(error):
        MODEL.train_and_score(**(inputs | broken), config=MODEL.config)
