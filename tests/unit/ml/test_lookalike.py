"""Lookalike: marks, vectors, neighbours, rankings and their figures."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.errors import (
    EmptyInputError,
    InvalidInputError,
    MissingColumnError,
    NotEnoughHistoryError,
    SingleClassError,
)
from ml.lookalike import MODEL, rankers
from ml.lookalike.audience import Resemblance
from ml.lookalike.config import LookalikeConfig, RankerConfig
from ml.lookalike.evaluate import draws, evaluate, figures, summary
from ml.lookalike.neighbours import neighbours, recall
from ml.lookalike.table import marks, people
from ml.lookalike.vectors import vectors
from ml.model import Result

DAY = pd.Timestamp("2017-12-31")
FAST = LookalikeConfig(
    factors=8,
    iterations=5,
    neighbours=20,
    draws=3,
    ranker=RankerConfig(rounds=20, folds=3),
)
World = dict[str, pd.DataFrame]


def world(people_count: int = 240, seed: int = 1) -> World:
    """Three tribes by id, each with categories of its own; spend says nothing."""
    rng = np.random.default_rng(seed)
    ids = np.arange(people_count) * 3 + 11
    tribe = np.arange(people_count) % 3
    features = pd.DataFrame(
        {
            "base_date": DAY,
            "customer_id": ids,
            "gender": np.where(rng.random(people_count) < 0.3, None, "female"),
            "is_member": rng.random(people_count) < 0.5,
            "age_years": np.where(rng.random(people_count) < 0.5, np.nan, 30.0),
            "online_rate": np.clip(tribe / 2 + rng.normal(0, 0.2, people_count), 0, 1),
            "goods_amount_365d": rng.random(people_count) * 1000,
            "unknown": np.nan,
        }
    )
    likes = rng.random((people_count, 12)) < np.where(
        np.arange(12)[None, :] % 3 == tribe[:, None], 0.7, 0.15
    )
    who, what = np.nonzero(likes)
    traits = pd.DataFrame(
        {
            "base_date": DAY,
            "customer_id": ids[who],
            "kind": "category",
            "code": [f"c{number:02}" for number in what],
            "goods_amount": rng.random(len(who)) * 50,
            "day_count": rng.integers(1, 5, len(who)),
        }
    )
    return {"features": features, "traits": traits}


WORLD = world()
TRIBE = np.arange(240) % 3 == 1


def run(given_world: World, config: LookalikeConfig = FAST) -> Result:
    return MODEL.train_and_score(**given_world, config=config)


@pytest.fixture(scope="module")
def result() -> Result:
    return run(WORLD)


@pytest.fixture(scope="module")
def known() -> Resemblance:
    those = people(**WORLD)
    found = vectors(marks(those, FAST), FAST)
    near = neighbours(found, FAST)
    everybody = np.arange(len(those))
    return Resemblance(those, found, everybody, near.places, near.scores, FAST)


def test_everybody_has_their_most_similar_ones(result: Result) -> None:
    rows = result.outputs["similar_customers"]
    assert len(rows) == 240 * 20
    assert not (rows["customer_id"] == rows["similar_customer_id"]).any()
    assert not rows.duplicated(["customer_id", "similar_customer_id"]).any()
    first = rows.groupby("customer_id")
    assert (first["rank"].agg(["min", "max"]) == [1, 20]).all(axis=None)
    assert first["score"].agg(lambda scores: scores.is_monotonic_decreasing).all()
    same_tribe = rows["customer_id"] // 3 % 3 == rows["similar_customer_id"] // 3 % 3
    assert same_tribe.mean() > 0.7


def test_hidden_audiences_open_the_gate_and_are_told(result: Result) -> None:
    report = result.report
    assert report.verdict.is_published
    overall = report.metrics["overall"]
    assert overall["lift5"] > report.baselines["spend"]["lift5"]
    assert overall["neighbour_recall"] == 1
    (table,) = report.tables
    assert {"audience", "people", "lift5", "spend_lift5"} <= set(table["rows"][0])
    assert result.artefacts["lift.png"].startswith(b"\x89PNG")


def test_vectors_come_as_postgresql_arrays(result: Result) -> None:
    rows = result.outputs["customer_vectors"]
    vector = np.array(rows["vector"].iloc[0][1:-1].split(","), dtype=float)
    assert len(vector) == FAST.factors
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-3)


def test_same_inputs_same_scores_in_any_order(result: Result) -> None:
    shuffled = {
        name: frame.sample(frac=1, random_state=3) for name, frame in WORLD.items()
    }
    again = run(shuffled)
    for name, rows in result.outputs.items():
        pd.testing.assert_frame_equal(rows, again.outputs[name])
    assert again.report == result.report


def test_few_customers_or_nobody_are_named() -> None:
    with pytest.raises(NotEnoughHistoryError, match="50 customers and there are 30"):
        run(world(30))
    with pytest.raises(EmptyInputError):
        run({**WORLD, "features": WORLD["features"].head(0)})
    with pytest.raises(MissingColumnError, match="goods_amount_365d"):
        run({**WORLD, "features": WORLD["features"].drop(columns="goods_amount_365d")})
    twice = pd.concat([WORLD["features"], WORLD["features"].head(1)])
    with pytest.raises(InvalidInputError, match="twice"):
        run({**WORLD, "features": twice})
    two_days = WORLD["features"].assign(base_date=[DAY] * 239 + [DAY.replace(day=1)])
    with pytest.raises(InvalidInputError, match="more than one base_date"):
        run({**WORLD, "features": two_days})


def test_without_a_category_nothing_is_published() -> None:
    found = run({**WORLD, "traits": WORLD["traits"].head(0)})
    assert not found.report.verdict.is_published
    assert "No category" in found.report.verdict.reasons[0]


def test_what_is_the_same_for_all_or_unknown_is_left_out() -> None:
    those = people(**WORLD)
    assert "unknown" not in those.columns
    assert "gender=female" in those.columns
    found = vectors(marks(those, FAST), FAST)
    assert np.isfinite(found).all()


def test_a_customer_without_marks_resembles_nobody() -> None:
    features = WORLD["features"][["base_date", "customer_id", "goods_amount_365d"]]
    bare = features.assign(goods_amount_365d=np.where(np.arange(240) == 5, np.nan, 1.0))
    traits = WORLD["traits"][WORLD["traits"]["customer_id"] != bare["customer_id"][5]]
    found = vectors(marks(people(bare, traits), FAST), FAST)
    assert (found[5] == 0).all()
    assert np.linalg.norm(found[6]) == pytest.approx(1, abs=1e-5)


def test_neighbours_are_those_of_comparing_all_pairs() -> None:
    rng = np.random.default_rng(0)
    some = rng.normal(size=(90, 6)).astype(np.float32)
    some /= np.linalg.norm(some, axis=1, keepdims=True)
    some[7] = some[3]  # a twin does not hide oneself
    near = neighbours(some, replace(FAST, neighbours=5))
    cosines = some @ some.T
    np.fill_diagonal(cosines, -2)
    best = np.sort(cosines, axis=1)[:, ::-1][:, :5]
    assert near.scores == pytest.approx(best, abs=1e-5)
    assert (near.places != np.arange(90)[:, None]).all()
    assert near.recall == 1
    assert neighbours(some, replace(FAST, neighbours=500)).places.shape == (90, 89)


def test_groups_find_what_they_say() -> None:
    rng = np.random.default_rng(0)
    some = rng.normal(size=(3_000, 8)).astype(np.float32)
    some /= np.linalg.norm(some, axis=1, keepdims=True)
    true = neighbours(some, FAST)
    near = neighbours(some, replace(FAST, exact_up_to=100))
    assert recall(true.places, near.places) >= 0.95
    assert near.recall >= 0.95
    assert 0 < near.probes < 150
    cosines = np.einsum("nd,nmd->nm", some, some[near.places])
    assert near.scores == pytest.approx(cosines, abs=1e-5)
    assert (np.diff(near.scores, axis=1) <= 0).all()
    again = neighbours(some, replace(FAST, exact_up_to=100))
    assert (near.places == again.places).all()


@pytest.mark.parametrize("size", [2, 5, 60, 300])
def test_groups_of_few_fill_every_place(size: int) -> None:
    some = np.random.default_rng(1).normal(size=(size, 8)).astype(np.float32)
    some /= np.linalg.norm(some, axis=1, keepdims=True)
    near = neighbours(some, replace(FAST, exact_up_to=0))
    assert near.places.shape == (size, min(size - 1, 20))
    true = neighbours(some, FAST)
    assert recall(true.places, near.places) >= 0.95


@pytest.mark.parametrize("kinds", [1, 3])
def test_groups_of_twins_are_a_part_of_them(kinds: int) -> None:
    some = np.repeat(np.eye(4, dtype=np.float32)[:kinds], 900, axis=0)
    near = neighbours(some, replace(FAST, exact_up_to=0))
    own = np.arange(len(some))
    assert (near.places // 900 == own[:, None] // 900).all()
    assert (near.places != own[:, None]).all()
    assert all(len(set(row)) == 20 for row in near.places)


@given(
    st.lists(
        st.lists(st.integers(-1, 9), min_size=3, max_size=3), min_size=1, max_size=8
    )
)
def test_votes_are_what_counting_by_hand_says(lists: list[list[int]]) -> None:
    places = np.array(lists)
    scores = np.round(1 / (2.0 + places), 3)
    counts, similarity = rankers.votes(places, scores, 10)
    by_hand = Counter(place for row in lists for place in row if place >= 0)
    assert dict(enumerate(counts)) == {place: by_hand[place] for place in range(10)}
    assert similarity.sum() == pytest.approx(scores[places >= 0].sum())
    ranking = rankers.by_votes(counts, similarity)
    order = sorted(range(10), key=lambda one: (counts[one], similarity[one]))
    assert (np.diff(ranking[order]) >= 0).all()


def test_every_ranking_finds_the_tribe_that_spend_does_not(known: Resemblance) -> None:
    rng = np.random.default_rng(4)
    seeds = TRIBE & (rng.random(240) < 0.4)
    table = evaluate(seeds, known.rankings, count=3)
    assert len(table) == 3 * 4
    found = summary(table).set_index("method")
    for method in (rankers.VOTES, rankers.PU, rankers.ENSEMBLE):
        assert found.loc[method, "lift20"] > found.loc[rankers.SPEND, "lift20"]
    assert found.loc[rankers.SPEND, "difference"] == 0
    pd.testing.assert_frame_equal(table, evaluate(seeds, known.rankings, count=3))


def test_a_sample_votes_as_everybody_does(known: Resemblance) -> None:
    seeds = np.zeros(240, dtype=bool)
    seeds[[1, 4, 7]] = True
    counts, _ = known.votes(seeds)
    some = known.sample(known.those.ids[seeds], 100)
    assert len(some.those) == 103
    at = np.searchsorted(known.those.ids, some.those.ids)
    fewer, _ = some.votes(seeds[at])
    assert (fewer == counts[at]).all()


def test_trees_need_seeds_and_others(known: Resemblance) -> None:
    for seeds in (np.zeros(240, dtype=bool), np.ones(240, dtype=bool)):
        with pytest.raises(SingleClassError, match="seeds among 240"):
            rankers.by_trees(known.design, seeds, FAST.ranker)


def test_figures_of_the_best_and_of_no_order() -> None:
    held_out = np.zeros(100, dtype=bool)
    held_out[:10] = True
    everybody = np.ones(100, dtype=bool)
    best = figures(np.arange(100)[::-1].astype(float), held_out, everybody)
    assert best == {"lift5": 10, "lift10": 10, "lift20": 5, "recall": 1}
    level = figures(np.zeros(100), held_out, everybody)
    assert level == pytest.approx({"lift5": 1, "lift10": 1, "lift20": 1, "recall": 0.1})


def test_draws_halve_the_seeds() -> None:
    seeds = np.arange(40) % 4 == 0
    pairs = list(draws(seeds, 5, 7))
    assert len({tuple(known) for known, _ in pairs}) > 1
    for known_seeds, held_out in pairs:
        assert not (known_seeds & held_out).any()
        assert ((known_seeds | held_out) == seeds).all()
        assert known_seeds.sum() == 5
