"""The campaign sheet and the syncs say the same of who is held back."""

from __future__ import annotations

import csv

import pytest

from activation.specs import load_syncs
from audience.entries import load_owners, load_segments
from cli.campaign import figure, interval, sparkline
from warehouse.settings import dbt_project_dir

PROJECT = dbt_project_dir()


def sheet() -> dict[str, dict[str, str]]:
    """Return the rows of the sheet by code."""
    path = PROJECT / "seeds/campaigns/campaign_sheet.csv"
    with path.open(encoding="utf-8") as file:
        return {row["campaign_code"]: row for row in csv.DictReader(file)}


def test_a_sync_with_the_salt_of_a_campaign_holds_its_control_back() -> None:
    rows, met = sheet(), 0
    for sync in load_syncs():
        if sync.holdout and sync.holdout.salt in rows:
            row = rows[sync.holdout.salt]
            assert sync.segment == row["segment_code"]
            assert sync.holdout.percent == float(row["control_percent"])
            met += 1
    assert met == 3


def test_owners_are_those_of_segments() -> None:
    assert {row["owner"] for row in sheet().values()} <= set(load_owners(PROJECT))


def test_the_three_plays_are_measured_over_quality_people() -> None:
    segments = {one.code: one for one in load_segments(PROJECT)}
    path = PROJECT / "seeds/campaigns/campaign_plays.csv"
    with path.open(encoding="utf-8") as file:
        plays = {row["play"]: row for row in csv.DictReader(file)}
    for play in ("raise_ticket", "raise_frequency", "category_penetration"):
        assert plays[play]["base_segment_code"] == "seg_quality"
        goals = {
            segments[row["segment_code"]].goal
            for row in sheet().values()
            if row["play"] == play
        }
        assert goals == {play}


@pytest.mark.parametrize(
    ("kpi", "number", "shown"),
    [
        ("buyer_rate", 0.4267, "42.7%"),
        ("average_ticket", 1234.5, "1,234.50"),
        ("buyer_rate", None, ""),
    ],
)
def test_figures_are_written_by_their_kpi(
    kpi: str, number: float | None, shown: str
) -> None:
    assert figure(kpi, number) == shown


def test_bounds_of_shares_are_percentage_points() -> None:
    row = {"kpi": "buyer_rate", "lower_bound": -0.013, "upper_bound": 0.05}
    assert interval(row) == "-1.3 to +5.0 pp"
    assert interval(row | {"kpi": "average_ticket"}) == "-0.01 to +0.05"
    assert interval(row | {"lower_bound": None}) == ""


def test_a_sparkline_has_a_bar_per_day() -> None:
    assert sparkline([0, 7, None, 14], 14) == "▁▅ █"
    assert sparkline([0, 0], 0) == "▁▁"
