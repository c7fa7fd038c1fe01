"""Profiles: counts by hand, and the tests of significance beside scipy's."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from audience.engine.copy import EXCLUDED
from audience.engine.profile import (
    NO_VALUE,
    Side,
    breakdown,
    compare_shares,
    corrected,
    profile,
)
from audience.engine.public import compare_public
from tests.integration.audience.conftest import World
from warehouse.errors import QuanyuError


def normal(world: World) -> list[dict]:
    return [one for one in world.people if not one["standing"] & EXCLUDED]


def test_a_profile_counts_every_tag(world: World) -> None:
    frame = profile(world.engine, "seg_quality")
    base = normal(world)
    inside = [one for one in base if one["seg_quality"]]
    by_tag = frame.groupby("tag")[["audience", "base"]].sum()
    assert set(by_tag.index) == set(world.engine.vocabulary.kinds)
    assert (by_tag["audience"] == len(inside)).all()
    assert (by_tag["base"] == len(base)).all()
    for row in frame[frame["tag"].isin(["value_tier", "wecom_is_friend"])].to_dict(
        "records"
    ):
        for column, people in (("audience", inside), ("base", base)):
            values = [one[row["tag"]] for one in people]
            said = [NO_VALUE if v is None else str(v).lower() for v in values]
            assert said.count(row["value"]) == row[column]
    known = frame[frame["base"] > 0]
    assert np.allclose(known["tgi"], 100 * known["share"] / known["base_share"])


def test_ranges_are_tenths_of_the_base(world: World) -> None:
    tag = "purchase_net_amount_365d"
    frame = profile(world.engine, "seg_quality", tags=[tag])
    frame = frame[frame["value"] != NO_VALUE]
    base = sorted(one[tag] for one in normal(world) if one[tag] is not None)
    assert len(frame) == 10
    assert frame["base"].sum() == len(base)
    # People of the same value are in one range, so tenths are so many more or less.
    assert frame["base"].between(0.9 * len(base) / 10, 1.1 * len(base) / 10).all()
    for row in frame.to_dict("records"):
        low, high = (
            Decimal(one) for one in row["value"].removeprefix("> ").split(" – ")
        )
        is_above = row["value"].startswith("> ")
        inside = [
            one
            for one in base
            if (low < one if is_above else low <= one) and one <= high
        ]
        assert len(inside) == row["base"]


def test_two_audiences_that_share_people(world: World) -> None:
    one, other = "seg_quality", "purchase_order_count > 2"
    frame = profile(world.engine, one, other, tags=["value_tier"])
    people = normal(world)
    first = [p for p in people if p["seg_quality"]]
    second = [p for p in people if (p["purchase_order_count"] or 0) > 2]
    for row in frame.to_dict("records"):
        wanted = None if row["value"] == NO_VALUE else row["value"]
        assert row["audience"] == sum(p["value_tier"] == wanted for p in first)
        assert row["base"] == sum(p["value_tier"] == wanted for p in second)


def test_the_difference_is_tested_as_two_proportions() -> None:
    # Apart: the two-proportion test. Within: the audience beside the rest of the base.
    nobody = Side(np.array([0]), 0)
    apart, _ = compare_shares(
        Side(np.array([60]), 200), Side(np.array([90]), 500), nobody
    )
    audience, base = Side(np.array([60]), 200), Side(np.array([150]), 700)
    within, p = compare_shares(audience, base, audience)
    table = [[60, 140], [90, 410]]
    chi2 = stats.chi2_contingency(table, correction=False)
    assert apart[0] ** 2 == pytest.approx(chi2.statistic)
    assert within[0] ** 2 == pytest.approx(chi2.statistic)
    assert p[0] == pytest.approx(chi2.pvalue)
    few, _ = compare_shares(Side(np.array([1]), 10), Side(np.array([2]), 500), nobody)
    assert np.isnan(few[0])


def test_p_values_are_corrected_for_their_number() -> None:
    p = np.random.default_rng(5).uniform(size=200) ** 3
    q = corrected(np.append(p, np.nan))
    assert np.allclose(q[:-1], stats.false_discovery_control(p))
    assert np.isnan(q[-1])


def test_chance_is_seldom_significant(world: World) -> None:
    # Every third customer, by number, is nothing but chance.
    frame = profile(world.engine, "behaviour_night_view_count_30d % 2 = 0")
    others = frame[frame["tag"] != "behaviour_night_view_count_30d"]
    assert others["is_significant"].mean() < 0.05


def test_a_breakdown_counts_the_excluded_too(world: World) -> None:
    frame = breakdown(world.engine, "seg_quality", "risk_exclusion")
    assert frame["people"].sum() == world.engine.estimate("seg_quality").selected
    with pytest.raises(QuanyuError, match="There is no tag value_teir; value_tier is"):
        breakdown(world.engine, "seg_quality", "value_teir")
    with pytest.raises(QuanyuError, match="Nobody is in this audience"):
        profile(world.engine, "1 = 2")


def test_a_platforms_shares_stand_beside_ours(world: World, tmp_path: Path) -> None:
    file = tmp_path / "platform.csv"
    file.write_text("tag,value,share\nvalue_tier,v1,0.5\nvalue_tier,v5,0.1\n")
    frame = compare_public(world.engine, "seg_quality", file)
    people = [p["value_tier"] for p in world.people if p["seg_quality"]]
    known = [tier for tier in people if tier is not None]
    row = frame.iloc[0]
    share = known.count("v1") / len(known)
    assert row["share"] == pytest.approx(share)
    assert row["public_tgi"] == pytest.approx(200 * share)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("tag,value\n", "the first line is tag,value,share"),
        ("tag,value,share\n", "has no shares"),
        ("tag,value,share\nvalue_tier,v9,0.1\n", "line 2: value_tier is never v9"),
        ("tag,value,share\nheight,tall,0.1\n", "line 2: height is no tag"),
        ("tag,value,share\nvalue_tier,v1,much\n", "line 2: share 'much' is no number"),
        (
            "tag,value,share\nvalue_tier,v1,0.9\nvalue_tier,v2,0.9\n",
            "line 3: the shares of value_tier add up to more than 1",
        ),
        (
            "tag,value,share\nvalue_tier,v1,0.1\nvalue_tier,v1,0.1\n",
            "line 3: value_tier v1 is there twice",
        ),
    ],
)
def test_a_wrong_file_of_shares_is_named(
    world: World, text: str, fault: str, tmp_path: Path
) -> None:
    file = tmp_path / "platform.csv"
    file.write_text(text)
    with pytest.raises(QuanyuError, match=fault):
        compare_public(world.engine, "seg_quality", file)
