"""Weights learned without labels, on pairs whose truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from identity.fellegi_sunter import LEVELS, estimate_weights

M = {"name": (0.8, 0.15, 0.03, 0.02), "day": (0.9, 0.06, 0.02, 0.02)}
U = {"name": (0.01, 0.01, 0.02, 0.96), "day": (0.003, 0.007, 0.01, 0.98)}
CITY = {"m": (0.7, 0.1, 0.1, 0.1), "u": (0.05, 0.05, 0.1, 0.8)}


def draw(rng: np.random.Generator, count: int, matches: int, fixed: str) -> pd.Series:
    """Return patterns of pairs, the first `matches` of one person; `fixed` agrees."""
    drawn = np.full(count, "", dtype=object)
    for name, m, u in (
        ("city", CITY["m"], CITY["u"]),
        ("day", M["day"], U["day"]),
        ("name", M["name"], U["name"]),
    ):
        levels = np.where(
            np.arange(count) < matches,
            rng.choice(4, count, p=m),
            rng.choice(4, count, p=u),
        )
        if name == fixed:
            levels[:] = 0
        drawn += np.array([f" {name}={level}" for level in LEVELS], dtype=object)[
            levels
        ]
    return pd.Series(drawn).str.lstrip()


def patterns(block_no: int, drawn: pd.Series) -> pd.DataFrame:
    counts = drawn.value_counts()
    return pd.DataFrame(
        {"block_no": block_no, "pattern": counts.index, "pair_count": counts.values}
    )


def test_weights_are_near_the_truth() -> None:
    rng = np.random.default_rng(1)
    by_name = draw(rng, 20_000, 4_000, "name")
    by_day = draw(rng, 20_000, 4_000, "day")
    table = pd.concat(
        [
            patterns(1, by_name),
            patterns(2, by_day),
            patterns(0, pd.concat([by_name, by_day])),
            patterns(-1, draw(rng, 200_000, 0, "")),
        ]
    )
    found = estimate_weights(table, {1: {"name"}, 2: {"day"}}, 20_000)
    weight = found.set_index(["trait", "agreement"])["weight"]
    for name, m, u in (
        ("name", M["name"], U["name"]),
        ("day", M["day"], U["day"]),
        ("city", CITY["m"], CITY["u"]),
    ):
        truth = np.log2(np.array(m) / np.array(u))
        assert weight[name].to_numpy() == pytest.approx(truth, abs=0.6), name
    assert -18 < weight["prior", ""] < -10


def test_nothing_to_learn_from_is_said() -> None:
    only = patterns(1, pd.Series(["name=same"]))
    with pytest.raises(ValueError, match="block -1"):
        estimate_weights(only, {1: {"name"}}, 10)
