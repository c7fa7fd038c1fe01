"""Recommendations: history, figures and rules beside naive references; the models."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from math import log2

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.category_recommendation import CONFIG as CATEGORY_CONFIG
from ml.category_recommendation import train_and_score as categories
from ml.errors import (
    EmptyInputError,
    InvalidInputError,
    MissingColumnError,
    ModelError,
    NotEnoughHistoryError,
)
from ml.model import Result
from ml.product_recommendation import train_and_score
from ml.recommendation.blend import NOBODY, Candidates
from ml.recommendation.config import RecommendationConfig
from ml.recommendation.evaluate import figures
from ml.recommendation.history import History, Purchases
from ml.recommendation.items import name_words
from ml.recommendation.lists import ALL_SOURCES, FILL, MUST, PIN, RANDOM, compose
from ml.recommendation.rules import Slot, read_slots
from ml.recommendation.sources import NAMES

FAST = replace(RecommendationConfig(), factors=8, iterations=3, min_buyers=2, tests=1)
MONTHS = pd.DataFrame(
    [
        (pd.Timestamp(f"2017-{month:02}-01") + pd.offsets.MonthEnd(0), month == 12)
        for month in (9, 10, 11, 12)
    ],
    columns=["base_date", "is_scoring"],
)
MONTHS["label_from"] = MONTHS["base_date"] + pd.Timedelta(days=1)
MONTHS["label_to"] = MONTHS["label_from"] + pd.offsets.MonthEnd(0)
SLOTS = pd.DataFrame(
    [
        ("home", "猜你喜欢", "any", "8", "0.25"),
        ("again", "再次购买", "bought", "4", "0"),
        ("fresh", "尝新", "new", "4", "0"),
        ("launch", "新品", "launch", "2", "0"),
    ],
    columns=["slot", "name_zh", "candidates", "top_n", "random_share"],
)
RULES = pd.DataFrame(
    [
        ("*", "blacklist", "item", "P3", ""),
        ("home", "pin", "item", "P50", "2"),
        ("home", "must_push", "item", "P51", ""),
    ],
    columns=["slot", "action", "match_on", "value", "position"],
)


@cache
def world() -> dict[str, pd.DataFrame]:
    """Two kinds of people with favourites of their own, over a year."""
    rng = np.random.default_rng(3)
    rows = []
    for customer in range(1, 81):
        kind = customer % 2 * 25
        favourites = kind + rng.choice(25, 5, replace=False)
        for day in rng.choice(364, 40):
            item = rng.choice(favourites) if rng.random() < 0.7 else rng.integers(50)
            rows.append((customer, 100 + item, day, f"S{customer % 3}"))
    bought = pd.DataFrame(rows, columns=["customer_id", "product_key", "day", "place"])
    bought["paid_on"] = pd.Timestamp("2017-01-01") + pd.to_timedelta(bought["day"], "D")
    keys = np.arange(55)
    products = pd.DataFrame(
        {
            "product_key": 100 + keys,
            "item_code": [f"P{key}" for key in keys],
            "name": [
                f"Kind {'red' if key % 50 < 25 else 'blue'} 红参 {key}" for key in keys
            ],
            "department": np.where(keys % 50 < 25, "A", "B"),
            "category": [f"C{key % 50 // 5}" for key in keys],
            "product_type": None,
            "brand_code": "x",
            "manufacturer_code": None,
            "price_band": keys % 5,
        }
    )
    return {
        "purchases": bought.rename(columns={"place": "place_code"}).drop(columns="day"),
        "products": products,
        "base_dates": MONTHS,
        "slots": SLOTS,
        "rules": RULES,
    }


@cache
def result() -> Result:
    return train_and_score(**world(), config=FAST)


def lists() -> pd.DataFrame:
    return result().outputs["recommendations"]


def test_every_slot_holds_what_it_is_for() -> None:
    found, bought = lists(), world()["purchases"]
    owned = set(zip(bought["customer_id"], bought["product_key"], strict=True))
    keys = ["customer_id", "slot"]
    assert not found.duplicated([*keys, "product_key"]).any()
    for (customer, slot), rows in found.groupby(keys):
        assert rows["list_position"].tolist() == list(range(1, len(rows) + 1))
        own = [(customer, key) in owned for key in rows["product_key"]]
        assert slot != "again" or all(own)
        assert slot not in ("fresh", "launch") or not any(own)
    # Nobody has bought items 50 to 54: they are new, and content speaks for them.
    launch = found[found["slot"] == "launch"]
    assert set(launch["product_key"]) <= set(range(150, 155))
    assert set(launch["source"]) == {"content"}
    assert set(found["source"]) <= set(ALL_SOURCES)


def test_rules_stand_above_the_model() -> None:
    found = lists()
    home = found[found["slot"] == "home"]
    assert (home.groupby("customer_id").size() == 8).all()
    assert 103 not in set(found["product_key"])
    second = home[home["list_position"] == 2]
    assert set(second["product_key"]) == {150}
    assert set(second["source"]) == {"pin"}
    assert (home["product_key"] == 151).sum() == home["customer_id"].nunique()
    assert (home["source"] == "random").sum() == 2 * home["customer_id"].nunique()


def test_it_beats_favourites_and_says_so() -> None:
    report = result().report
    assert set(report.baselines) == {
        "personal_frequency", "personal_recent", "popularity",
    }  # fmt: skip
    assert (
        report.metrics["overall"]["recall10"]
        > report.baselines["popularity"]["recall10"]
    )
    assert report.verdict.is_published == all(
        report.metrics["overall"][figure] > rule[figure]
        for rule in report.baselines.values()
        for figure in ("ndcg10", "recall10")
    )
    titles = [table["title"] for table in report.tables]
    assert any(title.startswith("Examples") for title in titles)


def test_same_inputs_same_lists_whatever_their_order() -> None:
    shuffled = {
        name: frame.sample(frac=1, random_state=1)
        if name in ("purchases", "products")
        else frame
        for name, frame in world().items()
    }
    again = train_and_score(**shuffled, config=FAST).outputs["recommendations"]
    pd.testing.assert_frame_equal(again, lists())


def test_rows_after_the_base_date_change_nothing() -> None:
    late = world()["purchases"].head(30).assign(paid_on=pd.Timestamp("2018-01-05"))
    more = {**world(), "purchases": pd.concat([world()["purchases"], late])}
    found = train_and_score(**more, config=FAST)
    pd.testing.assert_frame_equal(found.outputs["recommendations"], lists())
    assert found.report.metrics == result().report.metrics


def test_the_test_month_does_not_choose_the_weights() -> None:
    bought = world()["purchases"]
    kept = bought[bought["paid_on"] <= "2017-11-30"]
    half = bought[(bought["paid_on"] > "2017-11-30") & (bought["product_key"] % 2 == 0)]
    changed = {**world(), "purchases": pd.concat([kept, half])}
    found = train_and_score(**changed, config=FAST)
    assert found.artefacts["weights.json"] == result().artefacts["weights.json"]


@pytest.mark.parametrize(
    ("name", "change", "error", "words"),
    [
        ("purchases", lambda f: f.head(0), EmptyInputError, "holds no row"),
        (
            "purchases",
            lambda f: f.drop(columns="paid_on"),
            MissingColumnError,
            "paid_on",
        ),
        ("purchases", lambda f: f.assign(product_key=7), InvalidInputError, "item 7"),
        ("purchases", lambda f: f.assign(paid_on=pd.NaT), InvalidInputError, "paid_on"),
        ("products", lambda f: f.head(0), EmptyInputError, "nothing to offer"),
        ("products", lambda f: pd.concat([f, f]), InvalidInputError, "more than once"),
        ("base_dates", lambda f: f.tail(2), NotEnoughHistoryError, "month ends"),
        ("base_dates", lambda f: f.head(2), InvalidInputError, "one scoring day"),
        ("slots", lambda f: f.head(0), InvalidInputError, "has no row"),
    ],
)
def test_what_cannot_be_worked_with_is_named(
    name: str, change: object, error: type[ModelError], words: str
) -> None:
    inputs = {**world(), name: change(world()[name])}  # type: ignore[operator]
    with pytest.raises(error, match=words):
        train_and_score(**inputs, config=FAST)


def test_nothing_known_of_items_is_a_fallback() -> None:
    traits = ["name", "department", "category", "product_type", "brand_code"]
    blank = world()["products"].assign(**dict.fromkeys(traits), price_band=None)
    found = train_and_score(
        **{**world(), "products": blank, "rules": RULES.head(0)}, config=FAST
    )
    assert len(found.outputs["recommendations"])


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("x", "fill", "item", "P1", ""), "line 3: there is no slot 'x'"),
        (("home", "boost", "item", "P1", ""), "line 3: action 'boost'"),
        (("home", "pin", "category", "C1", "1"), "line 3: pin names one item"),
        (("home", "pin", "item", "P1", ""), "line 3: a pin has a position"),
        (("home", "pin", "item", "P1", "7"), "line 3: position 7 is not from 1 to 6"),
        (("home", "pin", "item", "P1", "1.5"), "line 3: position 1.5"),
        (
            ("home", "pin", "item", "P1", "one"),
            "line 3: position 'one' is not a number",
        ),
        (("home", "fill", "item", "P99", ""), "line 3: no item has the code 'P99'"),
        (
            ("home", "fill", "item", "P3", ""),
            "item P3 is on the blacklist of slot home",
        ),
        (("home", "fill", "colour", "P1", ""), "line 3: match_on 'colour'"),
        (("home", "blacklist", "brand", "", ""), "line 3: value is empty"),
    ],
)
def test_a_wrong_rule_is_named_with_its_line(row: tuple[str, ...], words: str) -> None:
    rules = pd.DataFrame([RULES.iloc[0].tolist(), list(row)], columns=RULES.columns)
    with pytest.raises(InvalidInputError, match=words):
        read_slots(SLOTS, rules, world()["products"])


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("top_n", "0", "line 2: top_n 0"),
        ("random_share", "0.9", "line 2: random_share 0.9"),
        ("candidates", "all", "line 2: candidates 'all'"),
        ("slot", "*", "line 2: slot '\\*'"),
    ],
)
def test_a_wrong_slot_is_named_with_its_line(
    column: str, value: str, words: str
) -> None:
    with pytest.raises(InvalidInputError, match=words):
        read_slots(SLOTS.assign(**{column: value}), RULES.head(0), world()["products"])


ITEMS = 12


@settings(max_examples=60, deadline=None)
@given(
    st.permutations(range(ITEMS)),
    st.integers(0, ITEMS),
    st.sets(st.integers(0, ITEMS - 1), max_size=4),
    st.sampled_from([0.0, 0.2, 0.4]),
    st.integers(0, 2**40),
)
def test_a_list_is_what_a_plain_reading_makes_of_it(
    order: list[int], found: int, banned: set[int], share: float, customer: int
) -> None:
    """Pins at their place, pushed items in, nothing banned, nothing twice, no gap."""
    free = [item for item in range(ITEMS) if item not in banned]
    pins, must = {2: free[0]}, [free[1]]
    slot = Slot("s", "", "any", 5, share, np.isin(np.arange(ITEMS), list(banned)))
    slot.pins, slot.must_push = dict(pins), list(must)
    ranked = np.full((1, ITEMS), NOBODY)
    ranked[0, :found] = order[:found]
    scores = np.zeros((1, ITEMS, len(NAMES)), dtype=np.float32)
    scores[0, :, 0] = np.linspace(1, 0.1, ITEMS)
    pool = Candidates(np.array([0]), ranked, np.zeros((1, ITEMS), dtype=bool), scores)
    weights = np.eye(len(NAMES), dtype=np.float32)[0]
    everything = np.arange(ITEMS)
    made = compose(
        slot, pool, weights, popular=everything, customers=np.array([customer]), salt=1
    )
    items, source = made.items[0].tolist(), made.source[0].tolist()
    assert len(items) == 5
    assert len(set(items)) == 5
    assert not set(items) & banned
    assert (items[1], source[1]) == (pins[2], PIN)
    assert must[0] in items
    best = [one for one in order[:found] if one not in banned and one != pins[2]]
    places = 5 - slot.random_count - 1
    expected = best[:places]
    if must[0] not in expected and len(expected) == places:
        expected[-1] = must[0]
    shown = [item for item, why in zip(items, source, strict=True) if why in (0, MUST)]
    assert [one for one in shown if one != must[0]] == [
        one for one in expected if one != must[0]
    ]
    drawn = [one for one, why in zip(items, source, strict=True) if why == RANDOM]
    assert set(drawn) <= set(best) - set(shown)
    if len(best) >= places + slot.random_count + 1:
        assert FILL not in source
        assert len(drawn) == slot.random_count


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(0, 9)),
        min_size=1,
        max_size=40,
    ),
    st.integers(0, 9),
)
def test_a_history_is_what_loops_count(
    rows: list[tuple[int, int, int]], until: int
) -> None:
    frame = pd.DataFrame(rows, columns=["customer_id", "item", "day"])
    frame["paid_on"] = pd.Timestamp("1970-01-01") + pd.to_timedelta(frame["day"], "D")
    frame["place"] = None
    coded = Purchases.of(frame, np.arange(1, 6), "test")
    history = History.until(coded, until, half_life=3.0)
    for row, customer in enumerate(coded.customers):
        for item in range(5):
            days = {
                d for c, i, d in rows if (c, i) == (customer, item + 1) and d <= until
            }
            assert history.days[row, item] == len(days)
            assert history.decayed[row, item] == pytest.approx(
                sum(0.5 ** ((until - day) / 3) for day in days), rel=1e-5
            )
            if days:
                assert history.age[row, item] == until - max(days)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.booleans(), min_size=3, max_size=3), st.integers(1, 6))
def test_figures_are_what_their_definitions_say(hits: list[bool], extra: int) -> None:
    count = sum(hits) + extra
    found = figures(np.array([hits]), np.array([count]), 3)
    gain = sum(hit / log2(rank + 2) for rank, hit in enumerate(hits))
    ideal = sum(1 / log2(rank + 2) for rank in range(min(count, 3)))
    precisions = [sum(hits[: at + 1]) / (at + 1) for at in range(3) if hits[at]]
    assert found == {
        "ndcg3": pytest.approx(gain / ideal, abs=1e-4),
        "map3": pytest.approx(sum(precisions) / count, abs=1e-4),
        "precision3": pytest.approx(sum(hits) / 3, abs=1e-4),
        "recall3": pytest.approx(sum(hits) / count, abs=1e-4),
    }


def test_names_become_words_in_both_scripts() -> None:
    assert list(name_words("Oat Milk 1 GA")) == ["oat", "milk"]
    assert list(name_words("高丽红参 10g")) == ["高丽", "丽红", "红参"]


@pytest.mark.parametrize("days", [365, 40])
def test_categories_are_three_and_new_ones_are_new(days: int) -> None:
    bought = world()["purchases"].assign(
        product_category=lambda f: "c" + (f["product_key"] % 50 // 4).astype(str)
    )
    config = replace(CATEGORY_CONFIG, tests=1, new_after_days=days)
    found = categories(
        bought.drop(columns="product_key"), world()["base_dates"], config
    )
    rows = found.outputs["category_recommendations"]
    assert rows["list_position"].between(1, 3).all()
    pair = ["customer_id", "product_category"]
    last = bought.groupby(pair)["paid_on"].max()
    new = rows[rows["kind"] == "new"].join(last, on=pair)
    again = new["paid_on"].dropna()
    assert (again <= MONTHS["base_date"].max() - pd.Timedelta(days=days)).all()
    # What lies long enough back is new once more.
    assert again.empty == (days == 365)
    assert {"ndcg3", "recall3"} <= set(found.report.metrics["overall"])
    with pytest.raises(EmptyInputError):
        categories(bought.head(0), world()["base_dates"], config)
