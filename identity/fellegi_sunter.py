"""Weights of agreements and differences, estimated without labels.

The model of Fellegi and Sunter (A Theory for Record Linkage, JASA 64, 1969): a
trait that agrees to a degree is seen with probability m of one person and u of two;
its weight is log2(m / u). u is counted on pairs drawn at random. m comes from
expectation maximisation within blocks, for the traits that the block does not fix
(Winkler, 1988; the training by blocks as in Splink's documentation).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

LEVELS = ("same", "near", "alike", "different")
ALL_PAIRS, RANDOM_PAIRS = 0, -1
_SMOOTHING = 0.5
_ROUNDS = 200
_START = np.array([0.8, 0.1, 0.05, 0.05])


def estimate_weights(
    patterns: pd.DataFrame, blocks: Mapping[int, set[str]], customer_count: int
) -> pd.DataFrame:
    """Return a frame like the seed oneid_fuzzy_weights (trait, agreement, weight).

    Args:
        patterns: block_no (0: all pairs once, -1: random pairs), pattern (sorted
            "trait=agreement" with blanks between) and pair_count.
        blocks: traits that the pairs of a block share.
        customer_count: customers that any two of could have been compared.

    Raises ValueError when a block or the random pairs are missing.
    """
    known = sorted(
        {part.split("=")[0] for p in patterns["pattern"] for part in p.split()}
    )
    tables = {
        number: _Table(patterns[patterns["block_no"] == number], known)
        for number in map(int, patterns["block_no"].unique())
    }
    missing = {ALL_PAIRS, RANDOM_PAIRS} - tables.keys()
    if missing:
        raise ValueError(f"there are no pairs of block {min(missing)} to learn from")
    u = tables[RANDOM_PAIRS].shares(np.ones(tables[RANDOM_PAIRS].size))
    m_sum, m_weight = np.zeros_like(u), np.zeros(len(known))
    for block_no, traits in blocks.items():
        if block_no not in tables:
            continue
        free = np.array([name not in traits for name in known])
        m, matches = _maximise(tables[block_no], u, free)
        m_sum += np.where(free[:, None], m * matches, 0)
        m_weight += np.where(free, matches, 0)
    trained = m_weight > 0
    m = np.where(trained[:, None], m_sum / np.maximum(m_weight, 1e-9)[:, None], _START)
    weights = np.log2(m / u)
    prior = _prior(tables[ALL_PAIRS], weights, customer_count)
    rows = [("prior", "", prior)]
    rows += [
        (name, level, weights[i, j])
        for i, name in enumerate(known)
        for j, level in enumerate(LEVELS)
    ]
    frame = pd.DataFrame(rows, columns=["trait", "agreement", "weight"])
    return frame.assign(weight=frame["weight"].clip(-20, 20).round(2))


class _Table:
    """Patterns as an array (pattern x trait) of level numbers, -1 for no value."""

    def __init__(self, patterns: pd.DataFrame, traits: list[str]) -> None:
        place = {name: i for i, name in enumerate(traits)}
        number = {level: j for j, level in enumerate(LEVELS)}
        self.levels = np.full((len(patterns), len(traits)), -1)
        for row, pattern in enumerate(patterns["pattern"]):
            for part in pattern.split():
                name, level = part.split("=")
                self.levels[row, place[name]] = number[level]
        self.counts = patterns["pair_count"].to_numpy(float)
        self.size = len(patterns)

    def shares(self, belief: np.ndarray) -> np.ndarray:
        """Return shares of levels by trait, pairs weighted by a belief in each."""
        weight = self.counts * belief
        found = np.stack(
            [
                (weight[:, None] * (self.levels == level)).sum(axis=0)
                for level in range(len(LEVELS))
            ],
            axis=1,
        )
        found += _SMOOTHING
        return found / found.sum(axis=1, keepdims=True)

    def score(self, weights: np.ndarray, free: np.ndarray) -> np.ndarray:
        """Return the summed weight of each pattern over the free traits."""
        columns = np.arange(self.levels.shape[1])
        picked = weights[columns, np.maximum(self.levels, 0)]
        return np.where((self.levels >= 0) & free, picked, 0).sum(axis=1)


def _maximise(
    table: _Table, u: np.ndarray, free: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return m (trait x level) and the number of matches expected in a block."""
    m, odds_of_match = np.tile(_START, (len(u), 1)), 0.3
    for _ in range(_ROUNDS):
        score = table.score(np.log2(m / u), free)
        belief = _belief(score + np.log2(odds_of_match / (1 - odds_of_match)))
        before, m = m, table.shares(belief)
        matches = float((table.counts * belief).sum())
        odds_of_match = np.clip(matches / table.counts.sum(), 1e-6, 1 - 1e-6)
        if np.abs(m - before).max() < 1e-5:
            break
    return m, matches


def _prior(table: _Table, weights: np.ndarray, customer_count: int) -> float:
    """Return log2 odds that two customers are one: they give the matches found."""
    everything = np.ones(len(weights), dtype=bool)
    score = table.score(weights, everything)
    pairs = customer_count * (customer_count - 1) / 2
    prior = np.log2(customer_count / pairs)
    for _ in range(_ROUNDS):
        matches = (table.counts * _belief(score + prior)).sum()
        share = np.clip(matches / pairs, 1 / pairs, 0.5)
        before, prior = prior, float(np.log2(share / (1 - share)))
        if abs(prior - before) < 1e-4:
            break
    return float(prior)


def _belief(weight: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp2(-np.clip(weight, -60, 60)))
