"""What sets audiences apart: planted rules are found, and SQL says what is claimed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from audience.engine.dialects import to_duckdb
from audience.predicates import parse_predicate
from audience.vocabulary import Kind, Vocabulary
from ml.audience_features import Contrast, ContrastConfig, Tag, contrast
from ml.audience_features.pictures import pictures
from ml.audience_features.scales import Span, clause, fit_scale
from ml.errors import (
    EmptyInputError,
    InvalidInputError,
    MissingColumnError,
    NotEnoughPeopleError,
    SingleClassError,
)

TODAY = date(2017, 12, 31)
TAGS = [
    Tag("order_count", "number"),
    Tag("net_amount", "number", decimals=2),
    Tag("seen_on", "day"),
    Tag("is_friend", "flag"),
    Tag("tier", "text"),
    Tag("town", "text", unnamed=frozenset({"(personal)"})),
]
KINDS = {
    "order_count": Kind("bigint"),
    "net_amount": Kind("numeric", 2),
    "seen_on": Kind("date"),
    "is_friend": Kind("boolean"),
    "tier": Kind("text"),
    "town": Kind("text"),
}
COLUMNS = {
    "order_count": pa.int64(),
    "net_amount": pa.decimal128(18, 2),
    "seen_on": pa.date32(),
    "is_friend": pa.bool_(),
    "tier": pa.string(),
    "town": pa.string(),
}
TIERS = ["v1", "v2", "v3", "v4", "v5"]
TOWNS = ["北京", "Xi'an", "a\\b", "100%", "(personal)", "tab\there", "", "Ürümqi"]
SMALL = ContrastConfig(trees=8)


def people(count: int, seed: int, missing: float = 0.1) -> pd.DataFrame:
    """Return made-up people; whole tags may be missing together."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "order_count": random.poisson(3, count).astype(float),
            "net_amount": random.normal(300, 400, count).round(2),
            "seen_on": random.integers(-400, 30, count).astype(float),
            "is_friend": random.integers(0, 2, count).astype(float),
            "tier": random.choice(TIERS, count).astype(object),
            "town": random.choice(TOWNS, count).astype(object),
        }
    )
    for name in frame:
        if random.random() < 0.7:
            frame.loc[random.random(count) < missing, name] = None
    return frame


def planted(count: int = 1200, seed: int = 3) -> tuple[pd.DataFrame, pd.Series]:
    """Return people, and who is in A: buyers of 4 and more in the upper tiers."""
    frame = people(count, seed)
    is_a = (frame["order_count"] >= 4) & frame["tier"].isin(["v4", "v5"])
    wrong = np.random.default_rng(seed).random(count) < 0.04
    return frame, is_a ^ wrong


@pytest.fixture(scope="module")
def found() -> Contrast:
    frame, is_a = planted()
    return contrast(frame[is_a], frame[~is_a], TAGS, config=SMALL)


@pytest.mark.parametrize("way", ["space", "forest"])
def test_a_planted_rule_is_found(way: str) -> None:
    frame, is_a = planted()
    found = contrast(frame[is_a], frame[~is_a], TAGS, way=way, config=SMALL)  # type: ignore[arg-type]
    best = found.best()
    assert best is not None
    assert set(best.sql.split(" and ")) == {"order_count >= 4", "tier in ('v4', 'v5')"}
    assert best.way == way
    assert found.scored[0].auc > 0.8


def test_figures_are_as_counted_one_by_one(found: Contrast) -> None:
    frame, is_a = planted()
    rows = pd.concat([frame[is_a], frame[~is_a]], ignore_index=True)
    tested = rows[~found.people.learns]
    answers = found.people.is_a[~found.people.learns]
    best = found.best()
    assert best is not None
    selected = [
        orders >= 4 and tier in ("v4", "v5")
        for orders, tier in zip(tested["order_count"], tested["tier"], strict=True)
    ]
    hits = sum(1 for said, own in zip(selected, answers, strict=True) if said and own)
    of = sum(1 for own in answers if own)
    assert (best.figures.hits, best.figures.of) == (hits, of)
    assert best.figures.recall == hits / of
    assert best.figures.precision == pytest.approx(hits / sum(selected))
    assert best.figures.lift == pytest.approx(
        hits / sum(selected) / (len(frame[is_a]) / len(frame))
    )


def test_sampled_sides_count_as_all_their_people() -> None:
    frame, is_a = planted()
    full = contrast(frame[is_a], frame[~is_a], TAGS, way="space", config=SMALL)
    size_a, size_b = int(is_a.sum()), int((~is_a).sum())
    more = contrast(
        frame[is_a],
        frame[~is_a],
        TAGS,
        way="space",
        sizes=(size_a, 10 * size_b),
        config=SMALL,
    )
    one, ten = full.rules[0].figures, more.rules[0].figures
    odds = one.precision / (1 - one.precision)
    assert ten.recall == one.recall
    assert ten.precision / (1 - ten.precision) == pytest.approx(odds / 10)


def test_both_sides_are_told_and_nothing_is_told_of_chance(found: Contrast) -> None:
    assert {rule.side for rule in found.rules} == {"A", "B"}
    assert all(len(set(rule.tags)) <= 2 for rule in found.rules)
    frame = people(800, 5)
    chance = contrast(frame[::2], frame[1::2], TAGS, config=SMALL)
    assert all(rule.figures.gap < 0.15 for rule in chance.rules)


def test_the_same_people_give_the_same_answer(found: Contrast) -> None:
    frame, is_a = planted()
    again = contrast(frame[is_a], frame[~is_a], TAGS, config=SMALL)
    assert again.rules == found.rules
    assert again.scored == found.scored
    drawn = [pictures(one.space, one.forest, title="t") for one in (found, again)]
    assert drawn[0] == drawn[1]
    assert set(drawn[0]) == {"space.png", "importance.png"}


def test_tsne_makes_a_space_too() -> None:
    frame, is_a = planted(300)
    config = ContrastConfig(tsne_people=80, perplexity=10)
    found = contrast(
        frame[is_a], frame[~is_a], TAGS, way="space", space="tsne", config=config
    )
    assert found.space is not None
    assert found.space.space.points.shape == (80, 3)
    assert found.best() is not None


def test_what_cannot_stand_in_a_rule_is_left_out_and_told() -> None:
    frame, is_a = planted(400)
    frame["note"] = [f"note {number % 90} {own}" for number, own in enumerate(is_a)]
    frame["nothing"] = None
    frame["same"] = 1.0
    frame["copied"] = is_a.astype(float)
    tags = [
        *TAGS,
        Tag("note", "text"),
        Tag("nothing", "number"),
        Tag("same", "number"),
        Tag("copied", "flag"),
        Tag("tier", "text", defines=True),
    ]
    found = contrast(frame[is_a], frame[~is_a], tags, way="forest", config=SMALL)
    assert found.left_out == {
        "empty": ["nothing"],
        "the same for all": ["same"],
        "long": ["note"],
    }
    assert found.apart[0]["tag"] == "note"
    assert float(str(found.apart[0]["accuracy"])) > 0.7
    assert "reads tier" in found.notes[0]
    assert "One cut of copied tells nearly all" in found.notes[1]


def test_what_was_never_seen_to_learn_from_is_rare() -> None:
    column = pd.Series([None, None, "late", "late"], dtype=object)
    is_a = np.array([True, False, True, False])
    learns = np.array([True, True, False, False])
    for tag in (Tag("tier", "text"), Tag("order_count", "number")):
        known = column if tag.kind == "text" else column.map({"late": 3.0})
        scale = fit_scale(tag, known, is_a, learns, SMALL)
        assert scale.codes(known)[2:].tolist() == [0, 0]
        assert clause(scale, Span(0, 0, False)) == f"{tag.name} is not null"


def test_bad_input_is_named() -> None:
    frame, is_a = planted(100)
    a, b = frame[is_a], frame[~is_a]
    with pytest.raises(EmptyInputError, match="Nobody is in A, and nobody in B"):
        contrast(a[:0], b[:0], TAGS)
    with pytest.raises(SingleClassError, match="Nobody is in B"):
        contrast(b, b[:0], TAGS)
    with pytest.raises(NotEnoughPeopleError, match="A has 3 people; 20 are the least"):
        contrast(a[:3], b, TAGS)
    with pytest.raises(MissingColumnError, match="A lacks height"):
        contrast(b, b, [Tag("height", "number")])
    with pytest.raises(InvalidInputError, match="1 to 3 dimensions, not 4"):
        contrast(b, b, TAGS, config=ContrastConfig(dimensions=4))
    empty = b.assign(tier=None)
    with pytest.raises(InvalidInputError, match=r"Of 1 tags none .* 1 empty"):
        contrast(empty, empty, [Tag("tier", "text")])


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    missing=st.sampled_from([0, 0.1, 0.6]),
    ends=st.tuples(st.integers(0, 40), st.integers(0, 40), st.booleans()),
)
def test_every_range_is_what_its_sql_says(
    seed: int, missing: float, ends: tuple[int, int, bool]
) -> None:
    """Of every tag, a range of its small numbers: parsed, and counted by DuckDB."""
    frame = people(120, seed, missing)
    learns = np.arange(120) % 2 == 0
    said: list[str] = []
    held: list[int] = []
    for tag in TAGS:
        column = frame[tag.name]
        scale = fit_scale(tag, column, np.arange(120) % 3 == 0, learns, SMALL)
        low = ends[0] % (scale.last + 1)
        span = Span(low, low + ends[1] % (scale.last + 1), ends[2])
        inside = span.holds(scale.codes(column))
        if text := clause(scale, span):
            said.append(text)
            held.append(int(inside.sum()))
        else:
            assert inside.all()
    assert counted(frame, said) == held


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 10_000), dimensions=st.integers(1, 3))
def test_every_rule_counts_what_it_claims(seed: int, dimensions: int) -> None:
    frame = people(160, seed, 0.3)
    is_a = frame["net_amount"].fillna(0) + frame["seen_on"].fillna(0) > 0
    config = ContrastConfig(dimensions=dimensions, trees=4)
    assume(min(is_a.sum(), (~is_a).sum()) >= config.least_people)
    found = contrast(frame[is_a], frame[~is_a], TAGS, config=config)
    rows = pd.concat([frame[is_a], frame[~is_a]], ignore_index=True)
    tested = ~found.people.learns
    for side, is_side in (("A", found.people.is_a), ("B", ~found.people.is_a)):
        own = [rule for rule in found.rules if rule.side == side]
        said = [rule.sql for rule in own]
        hits, strays = (rows[tested & one] for one in (is_side, ~is_side))
        assert counted(hits, said) == [rule.figures.hits for rule in own]
        assert counted(strays, said) == [rule.figures.strays for rule in own]
        assert all(len(rule.tags) <= dimensions for rule in own)


def counted(frame: pd.DataFrame, texts: list[str]) -> list[int]:
    """Return how many people conditions select, by DuckDB, after the parser."""
    if not texts:
        return []
    trees = [parse_predicate(text, Vocabulary(KINDS)).tree for text in texts]
    columns = ", ".join(
        f"count(*) filter (where {to_duckdb(tree, TODAY).sql(dialect='duckdb')})"
        for tree in trees
    )
    rows = pa.table(
        {
            name: pa.array(
                [None if pd.isna(one) else _plain(name, one) for one in frame[name]],
                kind,
            )
            for name, kind in COLUMNS.items()
        }
    )
    with duckdb.connect() as conn:
        conn.register("people", rows)
        found = conn.execute(f"select {columns} from people").fetchone()  # noqa: S608
    assert found is not None
    return list(found)


def _plain(name: str, value: object) -> object:
    if name == "seen_on":
        return TODAY + timedelta(days=int(float(str(value))))
    kinds = {"net_amount": lambda one: Decimal(str(one)), "is_friend": bool}
    return kinds.get(name, lambda one: one)(value)
