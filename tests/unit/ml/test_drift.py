from __future__ import annotations

import numpy as np
import pytest

from ml.protocol.drift import LARGE, category_psi, psi


def naive_psi(shares: list[float], others: list[float]) -> float:
    return sum(
        (b - a) * float(np.log(b / a)) for a, b in zip(shares, others, strict=True)
    )


def test_the_same_rows_have_not_drifted() -> None:
    values = np.random.default_rng(1).normal(size=1_000)
    assert psi(values, values) == 0
    assert psi(values, values[::-1]) == 0


def test_a_moved_population_has() -> None:
    rng = np.random.default_rng(2)
    one = rng.normal(size=20_000)
    assert psi(one, rng.normal(size=20_000)) < 0.01
    assert psi(one, rng.normal(1, 1, 20_000)) > LARGE


def test_counts_are_shares_of_bins() -> None:
    # Up to 0, up to 1, above, missing: the last two hold nobody, half a row each.
    one = np.repeat([0.0, 1.0], [60, 40])
    two = np.repeat([0.0, 1.0], [20, 80])
    expected = naive_psi(
        [60 / 101, 40 / 101, 0.5 / 101, 0.5 / 101],
        [20 / 101, 80 / 101, 0.5 / 101, 0.5 / 101],
    )
    assert psi(one, two) == pytest.approx(expected)


def test_missing_values_are_a_bin() -> None:
    one = np.arange(100.0)
    two = np.where(one < 50, np.nan, one)
    assert psi(one, two) > LARGE
    assert np.isfinite(psi(np.full(5, np.nan), one))


def test_names_are_bins_and_null_is_a_name() -> None:
    one = np.array(["a"] * 60 + ["b"] * 40, dtype=object)
    two = np.array(["a"] * 60 + [None] * 40, dtype=object)
    assert category_psi(one, one) == 0
    assert category_psi(one, two) > LARGE
