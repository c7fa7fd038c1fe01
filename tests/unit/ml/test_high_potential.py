"""Who rises of everybody reached: packs, unlabelled people, and what it refuses."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

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
from ml.high_potential import HIGH_POTENTIAL, MODEL, HighPotentialConfig
from ml.high_potential.bagging import fit, part_of
from ml.high_potential.packs import pack_of, shares
from ml.model import Result
from ml.supervised.table import checked

FAST = HighPotentialConfig(bags=3, rounds=12, learning_rate=0.2)
DAYS = pd.date_range("2017-02-28", periods=11, freq="ME")
SCORING = DAYS[-1]
WINDOW = pd.Timedelta(days=84)
PACKS = pd.DataFrame({"pack": ["p1", "p2", "p3"], "top_share": [0.1, 0.3, 1.0]})


@dataclass(frozen=True)
class Inputs:
    """The arguments of `train_and_score`."""

    features: pd.DataFrame
    labels: pd.DataFrame
    base_dates: pd.DataFrame
    packs: pd.DataFrame = field(default_factory=PACKS.copy)


def inputs(people: int = 300, *, is_predictable: bool = True) -> Inputs:
    """Who visits much and spends some rises; one in four never bought."""
    rng = np.random.default_rng(4)
    rows = pd.MultiIndex.from_product(
        [DAYS, range(1, people + 1)], names=HIGH_POTENTIAL.keys
    ).to_frame(index=False)
    drive = np.tile(rng.normal(size=people), len(DAYS))
    has_bought = np.tile(np.arange(people) % 4 > 0, len(DAYS))
    features = rows.assign(**dict.fromkeys(HIGH_POTENTIAL.numbers, 0.0))
    features["has_bought"] = has_bought
    features["visit_days_90d"] = rng.poisson(np.exp(drive + 1))
    features["goods_amount_90d"] = np.where(
        has_bought, 100 * np.exp(0.3 * drive + rng.normal(size=len(rows))), 0
    ).round(2)
    features["days_since_last_sign"] = rng.integers(0, 60, len(rows))
    features["days_since_last_purchase"] = np.where(has_bought, 5.0, np.nan)
    features["gender"] = rng.choice(["female", "male", None], len(rows))
    chance = 1 / (1 + np.exp(2.5 - 2 * drive)) if is_predictable else 0.2
    is_risen = rng.random(len(rows)) < chance
    after = pd.to_timedelta(rng.integers(1, 84, len(rows)), unit="D")
    labels = rows.assign(
        window_to=rows["base_date"] + WINDOW,
        high_value_on=(rows["base_date"] + after).where(is_risen),
    )
    # Nobody knows yet what comes after the scoring day.
    labels["high_value_on"] = labels["high_value_on"].where(
        labels["high_value_on"] <= SCORING
    )
    return Inputs(
        features=features,
        labels=labels[labels["base_date"] < SCORING],
        base_dates=pd.DataFrame({"base_date": DAYS, "is_scoring": DAYS == SCORING}),
    )


WORLD = inputs()


def run(world: Inputs) -> Result:
    return MODEL.train_and_score(**vars(world), config=FAST)


@pytest.fixture(scope="module")
def result() -> Result:
    return run(WORLD)


def packed(result: Result) -> pd.DataFrame:
    return result.outputs["high_potential_packs"]


def test_everybody_is_in_one_pack_buyers_and_others(result: Result) -> None:
    found = packed(result)
    assert sorted(found["customer_id"]) == list(range(1, 301))
    assert found["score"].between(0, 1).all()
    assert (~found["has_bought"]).sum() == 75
    sizes = found["pack"].value_counts()
    assert sizes["p1"] == 30
    assert sizes["p2"] == 60
    lowest = found.groupby("pack")["score"].min()
    highest = found.groupby("pack")["score"].max()
    assert lowest["p1"] > highest["p2"]
    assert lowest["p2"] > highest["p3"]


def test_it_beats_the_rule_and_says_what_packs_did(result: Result) -> None:
    report = result.report
    assert report.verdict.is_published, report.verdict.reasons
    rule = report.baselines["spend_or_visit"]["auc"]
    assert report.metrics["overall"]["auc"] > rule + 0.05
    packs = pd.DataFrame(report.metrics["packs"])
    assert packs["observed_rate"].is_monotonic_decreasing
    assert packs["captured"].sum() == pytest.approx(1)
    assert packs["rows"].sum() == report.rows["test"]


def test_no_signal_fails_the_gate() -> None:
    assert not run(inputs(is_predictable=False)).report.verdict.is_published


def test_same_inputs_same_bytes(result: Result) -> None:
    again = run(
        replace(
            WORLD,
            features=WORLD.features.sample(frac=1, random_state=1),
            labels=WORLD.labels.sample(frac=1, random_state=2),
        )
    )
    pd.testing.assert_frame_equal(packed(again), packed(result))
    assert again.artefacts == result.artefacts
    assert again.report == result.report


def test_what_comes_after_the_scoring_day_is_not_read(result: Result) -> None:
    later = WORLD.features[WORLD.features["base_date"] == SCORING].assign(
        base_date=SCORING + pd.offsets.MonthEnd(1), visit_days_90d=999
    )
    open_window = WORLD.labels["window_to"] > SCORING
    labels = WORLD.labels.assign(
        high_value_on=WORLD.labels["high_value_on"].mask(
            open_window & WORLD.labels["high_value_on"].isna(),
            SCORING + pd.Timedelta(days=9),
        )
    )
    found = run(
        replace(WORLD, features=pd.concat([WORLD.features, later]), labels=labels)
    )
    pd.testing.assert_frame_equal(packed(found), packed(result))


def test_nobody_is_ranked_by_bags_that_have_seen_him() -> None:
    rows = checked(WORLD.features, HIGH_POTENTIAL)
    rows = rows[rows["base_date"] == SCORING]
    is_risen = rows["visit_days_90d"].to_numpy() > 8
    bags = fit(rows, is_risen, HIGH_POTENTIAL, FAST)
    own = part_of(rows, FAST.parts) == 1
    # Other outcomes of his own part change nothing of what is said of him.
    other = fit(rows, np.where(own, ~is_risen, is_risen), HIGH_POTENTIAL, FAST)
    np.testing.assert_array_equal(bags.raw(rows)[own], other.raw(rows)[own])
    assert (bags.raw(rows)[~own] != other.raw(rows)[~own]).any()


def test_the_same_score_is_in_the_same_pack() -> None:
    wanted = shares(PACKS)
    assert pack_of(np.array([0.5] * 10), wanted).tolist() == ["p1"] * 10
    found = pack_of(np.arange(10) / 10, wanted)
    assert found.tolist() == ["p3"] * 7 + ["p2"] * 2 + ["p1"]


@pytest.mark.parametrize(
    ("world", "error"),
    [
        (replace(WORLD, features=WORLD.features.head(0)), EmptyInputError),
        (replace(WORLD, base_dates=WORLD.base_dates.head(0)), EmptyInputError),
        (
            replace(
                WORLD, features=WORLD.features[WORLD.features["base_date"] < SCORING]
            ),
            EmptyInputError,
        ),
        (
            replace(WORLD, features=WORLD.features.drop(columns="lead_count")),
            MissingColumnError,
        ),
        (
            replace(WORLD, labels=WORLD.labels.drop(columns="window_to")),
            MissingColumnError,
        ),
        (replace(WORLD, labels=WORLD.labels.head(0)), NotEnoughHistoryError),
        (
            replace(WORLD, labels=WORLD.labels.assign(high_value_on=pd.NaT)),
            SingleClassError,
        ),
        (replace(WORLD, packs=PACKS.head(2)), InvalidInputError),
        (replace(WORLD, packs=PACKS.drop(columns="pack")), MissingColumnError),
        (
            replace(WORLD, packs=PACKS.assign(pack=["p1", "p3", "p2"])),
            InvalidInputError,
        ),
    ],
)
def test_what_it_cannot_work_with_is_named(
    world: Inputs, error: type[ModelError]
) -> None:
    with pytest.raises(error):
        run(world)


def test_all_null_and_unseen_categories_are_no_reason_to_fail() -> None:
    features = WORLD.features.assign(age_years=np.nan)
    newest = features["base_date"] == SCORING
    features.loc[newest, "gender"] = "unseen"
    found = run(replace(WORLD, features=features))
    assert len(packed(found)) == 300
    assert any("age_years" in note for note in found.report.notes)
