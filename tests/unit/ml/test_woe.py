"""Bins and weights of evidence."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from ml.errors import EmptyInputError, MissingColumnError
from ml.woe import FEATURES, WoeConfig, fit_woe
from ml.woe.bins import Bin, fit_bins, weights
from tests.unit.ml.synthetic import inputs

NAN = float("nan")


def total(bins: list[Bin]) -> float:
    return sum(one.information_value for one in bins)


def fitted(values: list[float], positive: list[float], **settings: object) -> list[Bin]:
    config = WoeConfig(**settings)  # type: ignore[arg-type]
    return fit_bins(np.array(values), np.array(positive), config)


def test_the_weight_is_the_log_of_shares() -> None:
    """30 of 40 positives and 10 of 60 negatives: ln(0.75 / (1 / 6))."""
    woe, information = weights(np.array([[40.0, 30.0], [60.0, 10.0]]), 0.0)
    assert woe[0] == pytest.approx(math.log((30 / 40) / (10 / 60)))
    assert woe[1] == pytest.approx(math.log((10 / 40) / (50 / 60)))
    assert information.sum() == pytest.approx(
        (30 / 40 - 10 / 60) * woe[0] + (10 / 40 - 50 / 60) * woe[1]
    )


def test_smoothing_keeps_weights_finite() -> None:
    woe, _ = weights(np.array([[10.0, 10.0], [10.0, 0.0]]), 0.5)
    assert woe[0] == pytest.approx(math.log((10.5 / 11) / (0.5 / 11)))
    assert woe[1] == -woe[0]


def test_bins_cover_every_number_once_and_missing_apart() -> None:
    rng = np.random.default_rng(1)
    values = np.where(rng.random(3000) < 0.2, NAN, rng.exponential(30, 3000))
    positive = (rng.random(3000) < 1 / (1 + np.nan_to_num(values))).astype(float)
    bins = fit_bins(values, positive, WoeConfig())
    *known, missing = bins
    assert missing.is_missing
    assert missing.row_count == int(np.isnan(values).sum())
    assert known[0].from_value is None
    assert known[-1].to_value is None
    assert all(a.to_value == b.from_value for a, b in itertools.pairwise(known))
    for one in known:
        low = -math.inf if one.from_value is None else one.from_value
        high = math.inf if one.to_value is None else one.to_value
        inside = (values >= low) & (values < high)
        assert one.row_count == int(inside.sum())
        assert one.positive_count == int(positive[inside].sum())
        assert one.row_count >= 0.05 * len(values)
    assert 2 <= len(known) <= WoeConfig().max_bins
    assert [one.woe for one in known] == sorted(
        (one.woe for one in known), reverse=True
    )


def test_a_zigzag_is_kept_only_on_request() -> None:
    values = np.repeat(np.arange(6.0), 200)
    rates = [0.2, 0.6, 0.3, 0.7, 0.4, 0.8]
    positive = np.concatenate([np.arange(200) < 200 * rate for rate in rates]).astype(
        float
    )
    straight = fit_bins(values, positive, WoeConfig())
    zigzag = fit_bins(values, positive, WoeConfig(monotone=False))
    assert len(zigzag) == 7
    woe = [one.woe for one in straight if not one.is_missing]
    assert woe == sorted(woe)
    assert total(zigzag) > total(straight)


def test_what_was_never_missing_says_nothing_when_it_is() -> None:
    bins = fitted([1, 1, 2, 2] * 50, [1, 0, 1, 1] * 50)
    assert (bins[-1].is_missing, bins[-1].row_count, bins[-1].woe) == (True, 0, 0.0)


@pytest.mark.parametrize("values", [[7.0] * 80, [NAN] * 80])
def test_one_value_only_has_one_bin(values: list[float]) -> None:
    bins = fitted(values, [1.0, 0.0] * 40)
    assert len(bins) == 2
    assert total(bins) == pytest.approx(0)


def test_each_brand_has_bins_of_each_feature() -> None:
    world = inputs()
    bins = fit_woe(world.features, world.labels)
    assert set(bins["brand_code"]) == {"baby", "supermarket"}
    assert set(bins["feature"]) == set(FEATURES)
    rows = bins.groupby(["brand_code", "feature"])["row_count"].sum()
    assert set(rows) == {1500}
    value = bins.groupby("feature")["information_value"].sum()
    assert value["purchase_days_90d"] > 0.1 > value["online_line_rate_180d"]
    assert fit_woe(world.features.sample(frac=1, random_state=3), world.labels).equals(
        bins
    )


def test_a_brand_without_both_outcomes_is_left_out() -> None:
    world = inputs()
    labels = world.labels.copy()
    labels.loc[labels["brand_code"] == "baby", "is_repurchased"] = True
    bins = fit_woe(world.features, labels)
    assert set(bins["brand_code"]) == {"supermarket"}
    with pytest.raises(EmptyInputError, match="No brand has enough labelled rows"):
        fit_woe(world.features, labels.head(0))


def test_a_missing_column_is_named() -> None:
    world = inputs()
    with pytest.raises(MissingColumnError, match="lacks goods_amount_365d"):
        fit_woe(world.features.drop(columns="goods_amount_365d"), world.labels)
