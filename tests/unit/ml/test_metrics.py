from __future__ import annotations

import itertools

import numpy as np
import pytest

from ml.protocol import metrics


def naive_auc(labels: np.ndarray, scores: np.ndarray) -> float:
    """Share of (buyer, other) pairs in the right order; a tie is half a pair."""
    pairs = list(itertools.product(scores[labels == 1], scores[labels == 0]))
    return sum((one > two) + 0.5 * (one == two) for one, two in pairs) / len(pairs)


def naive_ece(labels: np.ndarray, said: np.ndarray, bins: int) -> float:
    ranked = sorted(zip(said, range(len(said)), labels, strict=True))
    size, left = divmod(len(ranked), bins)
    total, at = 0.0, 0
    for number in range(bins):
        part = ranked[at : at + size + (number < left)]
        at += len(part)
        total += abs(sum(one[0] - one[2] for one in part))
    return total / len(said)


@pytest.mark.parametrize("seed", range(5))
def test_auc_counts_pairs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 2, 80).astype(float)
    scores = rng.integers(0, 12, 80).astype(float)
    assert metrics.auc(labels, scores) == pytest.approx(naive_auc(labels, scores))


def test_auc_of_one_class_is_unknown() -> None:
    assert metrics.auc(np.ones(5), np.arange(5.0)) is None


@pytest.mark.parametrize("seed", range(5))
def test_ece_is_the_mean_gap_of_equal_bins(seed: int) -> None:
    rng = np.random.default_rng(seed)
    said = rng.random(97)
    labels = (rng.random(97) < said**2).astype(float)
    assert metrics.ece(labels, said) == pytest.approx(naive_ece(labels, said, 10))


@pytest.mark.parametrize("rows", [100, 1_000, 10_000])
def test_chance_ece_is_what_honest_probabilities_show(rows: int) -> None:
    rng = np.random.default_rng(rows)
    said = rng.beta(1, 2, rows)
    shown = [metrics.ece((rng.random(rows) < said) * 1.0, said) for _ in range(200)]
    assert metrics.chance_ece(said) == pytest.approx(np.mean(shown), rel=0.08)


def test_reliability_bins_hold_every_row_once() -> None:
    table = metrics.reliability(np.zeros(23), np.linspace(0, 1, 23))
    assert table["rows"].sum() == 23
    assert table["rows"].max() - table["rows"].min() <= 1
    assert table["predicted_rate"].is_monotonic_increasing


def test_lift_of_a_perfect_ranking() -> None:
    labels = np.repeat([1.0, 0.0], [10, 90])
    table = metrics.lift(labels, np.linspace(1, 0, 100), steps=10)
    assert table["lift"].iloc[0] == pytest.approx(10)
    assert table["captured"].tolist() == [1.0] * 10
    assert table["lift"].iloc[-1] == pytest.approx(1)
