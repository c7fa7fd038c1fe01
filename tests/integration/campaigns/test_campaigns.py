"""Campaigns on real purchases: SQL against plain loops, two evenings, and A/A tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pytest
from psycopg import sql
from typer.testing import CliRunner

from activation.eligible import _is_held_out
from activation.specs import Holdout, load_sync
from audience.campaign_pictures import pictures, standing
from audience.campaigns import read_campaigns, read_report
from cli.main import app
from tests.integration.campaigns import naive
from tests.integration.campaigns.naive import Campaign
from tests.integration.campaigns.project import CampaignProject
from tests.integration.campaigns.sample import Sample, merge_ids, read_sample
from tests.integration.tags.rows import select
from warehouse.connection import connect

FIRST_EVENING, SECOND_EVENING = pd.Timestamp("2017-10-20"), pd.Timestamp("2017-11-08")
BEFORE_DAYS = 40
RULES = (
    "before_days,settle_days,lift_z,balance_z,ratio_z,min_people\n"
    f"{BEFORE_DAYS},10,1.959964,2.575829,3.290527,30\n"
)
CONFIDENCE = {"since": 0.95, "before": 0.99}
SHEET = (
    "bakery,category_penetration,seg_quality_no_bakery,snapshot,"
    "2017-10-02,2017-10-31,25,bakery",
    "ticket,raise_ticket,seg_ticket_v3_v4_lv1,dynamic,2017-10-13,2017-11-20,20,",
    "over,win_back,seg_ticket_v3_v4_lv1,dynamic,2017-09-20,2017-10-12,33.5,bakery",
    "later,acquire,seg_quality,snapshot,2017-12-01,2017-12-31,10,",
)
# A/A: nobody is treated, and as many hash-assigned controls as codes. Closed by the
# second evening.
NO_EFFECT = [
    f"aa-{number},category_penetration,seg_quality,snapshot,"
    "2017-10-01,2017-10-14,30,bakery"
    for number in range(200)
]
BASES = {"category_penetration": "seg_quality", "raise_ticket": "seg_quality"}
UNTESTED = ("--exclude-resource-type", "test")
KEYS = ("campaign_code", "population", "arm", "day_on")


def measured(row: str) -> dict[str, Campaign]:
    """Return the populations of a row of the sheet."""
    code, play, segment, kind, starts, ends, percent, category = row.split(",")
    segments = {"audience": segment, "base": BASES.get(play)}
    return {
        population: Campaign(
            code,
            own,
            kind,
            pd.Timestamp(starts),
            pd.Timestamp(ends),
            float(percent),
            category or None,
        )
        for population, own in segments.items()
        if own
    }


@dataclass
class Evenings:
    """What the warehouse said on two evenings, and what it then knew."""

    project: CampaignProject
    no_effect: list[dict[str, Any]]
    first: dict[str, list[dict[str, Any]]]
    again: dict[str, list[dict[str, Any]]]
    second: dict[str, list[dict[str, Any]]]
    first_sample: Sample
    second_sample: Sample


def said(*, no_effect: bool = False) -> dict[str, list[dict[str, Any]]]:
    """Return what is recorded of the sheet or of the A/A tests, run ids aside."""
    with connect() as conn:
        return {
            name: [
                {key: cell for key, cell in row.items() if key != "run_id"}
                for row in select(conn, f"campaigns.{name}")
                if row["campaign_code"].startswith("aa-") == no_effect
            ]
            for name in ("cmp_days", "cmp_lift", "cmp_started", "cmp_campaigns")
        }


def known() -> Sample:
    """Return the sample before anything arrives late."""
    sample = read_sample(households=320, seed=5)
    merge_ids(sample, share=0.1, seed=6)
    sample.excluded = {int(one) for one in sample.orders["customer_id"].unique()[:9]}
    return sample


@pytest.fixture(scope="module")
def project(
    module_database: str, tmp_path_factory: pytest.TempPathFactory
) -> CampaignProject:
    project = CampaignProject(tmp_path_factory.mktemp("campaigns"))
    project.write("campaign_rules", RULES)
    return project


@pytest.fixture(scope="module")
def evenings(project: CampaignProject) -> Iterator[Evenings]:
    project.register(*SHEET, *NO_EFFECT)
    early, late = known(), known()
    # Some orders of the first weeks arrive later, and refunds, and a merge, a reseller.
    is_late = early.orders.sample(frac=0.03, random_state=1).index
    early.orders = early.orders.drop(is_late)
    late.refund()
    late.excluded |= {int(one) for one in late.orders["customer_id"].unique()[20:23]}
    project.land(early.inputs())
    project.build(f"{FIRST_EVENING:%Y-%m-%d}", *UNTESTED)
    first = said()
    kept = ("--select", "cmp_started", "cmp_days", "cmp_lift")
    project.build(f"{FIRST_EVENING:%Y-%m-%d}", "--full-refresh", *UNTESTED, *kept)
    again = said()
    project.land(late.inputs())
    # A/A tests overlap, which the sheet's test would say.
    project.build(
        f"{SECOND_EVENING:%Y-%m-%d}", "--exclude", "assert_campaign_sheet_is_right"
    )
    no_effect = said(no_effect=True)["cmp_lift"]
    yield Evenings(project, no_effect, first, again, said(), early, late)


def expected_days(sample: Sample, row: str, until: pd.Timestamp) -> dict[tuple, dict]:
    """Return the naive KPIs of a campaign by key."""
    return {
        (one.code, population, day["arm"], day["day_on"].date()): day
        for population, one in measured(row).items()
        for day in naive.days(sample, one, until)
    }


def newest(days: list[dict[str, Any]]) -> dict[tuple, dict[str, Any]]:
    """Return the last version of each day."""
    found: dict[tuple, dict[str, Any]] = {}
    for row in sorted(days, key=lambda row: row["version_no"]):
        found[tuple(row[key] for key in KEYS)] = row
    return found


def assert_days(said: dict[tuple, dict], expected: dict[tuple, dict]) -> None:
    assert said.keys() == expected.keys()
    for key, day in expected.items():
        for kpi, number in day.items():
            if kpi not in KEYS:
                assert float(said[key][kpi]) == pytest.approx(number, abs=0.005), (
                    key,
                    kpi,
                )


def test_days_are_what_plain_loops_count(evenings: Evenings) -> None:
    expected: dict[tuple, dict] = {}
    for row in SHEET[:3]:
        expected |= expected_days(evenings.first_sample, row, FIRST_EVENING)
    assert_days(newest(evenings.first["cmp_days"]), expected)

    # `over` is closed by then: its days stay as they were, whatever arrives.
    for row in SHEET[:2]:
        expected |= expected_days(evenings.second_sample, row, SECOND_EVENING)
    assert_days(newest(evenings.second["cmp_days"]), expected)

    totals = pd.DataFrame(expected.values()).drop(columns=["arm", "day_on"]).sum()
    assert (totals > 20).all()


def test_a_day_grows_by_its_moves(evenings: Evenings) -> None:
    before: dict[tuple, int] = {}
    for key, day in sorted(newest(evenings.second["cmp_days"]).items()):
        moved = day["entered_count"] - day["left_count"]
        assert day["member_count"] == before.get(key[:3], 0) + moved
        before[key[:3]] = day["member_count"]


def test_a_day_computed_twice_adds_nothing(evenings: Evenings) -> None:
    for name, rows in evenings.first.items():
        assert sorted(map(str, evenings.again[name])) == sorted(map(str, rows))


def test_what_was_said_stays(evenings: Evenings) -> None:
    # A new version where figures differ, and only there.
    said = {str(row) for row in evenings.second["cmp_days"]}
    assert said > {str(row) for row in evenings.first["cmp_days"]}
    first, last = (
        newest(evenings.first["cmp_days"]),
        newest(evenings.second["cmp_days"]),
    )
    restated = {key for key in first if last[key]["version_no"] == 2}
    assert 20 < len(restated) < len(first)
    assert {row["version_no"] for row in last.values()} == {1, 2}
    assert not any(key[0] == "over" for key in restated)
    assert said >= {str(row) for row in last.values()}
    first_lift = [
        row
        for row in evenings.second["cmp_lift"]
        if row["base_date"] == FIRST_EVENING.date()
    ]
    assert sorted(map(str, first_lift)) == sorted(map(str, evenings.first["cmp_lift"]))


def test_lift_and_its_intervals_are_those_of_scipy(evenings: Evenings) -> None:
    for until, rows, sample, sheet in (
        (FIRST_EVENING, evenings.first, evenings.first_sample, SHEET[:3]),
        (SECOND_EVENING, evenings.second, evenings.second_sample, SHEET[:2]),
    ):
        said = {
            (row["campaign_code"], row["population"], row["kpi"]): row
            for row in rows["cmp_lift"]
            if row["base_date"] == until.date()
        }
        expected = {}
        for row in sheet:
            for population, one in measured(row).items():
                frames = naive.outcomes(sample, one, until, BEFORE_DAYS)
                lifts = {
                    period: naive.lift(frame, CONFIDENCE[period])
                    for period, frame in frames.items()
                }
                for kpi in lifts["since"]:
                    if one.category or kpi != "category_buyer_rate":
                        key = (one.code, population, kpi)
                        expected[key] = {p: lifts[p][kpi] for p in lifts}
        assert said.keys() == expected.keys()
        for key, lifts in expected.items():
            row = said[key]
            treated, control, low, high = lifts["since"]
            assert float(row["treated_estimate"]) == pytest.approx(treated, abs=1e-5)
            assert float(row["control_estimate"]) == pytest.approx(control, abs=1e-5)
            near = 0.002 * (high - low) + 1e-5
            assert float(row["lower_bound"]) == pytest.approx(low, abs=near), key
            assert float(row["upper_bound"]) == pytest.approx(high, abs=near), key
            treated, control, low, high = lifts["before"]
            near = 0.005 * (high - low) + 1e-5
            assert float(row["before_lower_bound"]) == pytest.approx(low, abs=near), key
            assert float(row["before_upper_bound"]) == pytest.approx(high, abs=near)
            assert row["is_unlike_before"] == (low > 0 or high < 0)


def test_the_control_is_who_a_sync_with_its_salt_holds_back(evenings: Evenings) -> None:
    sync = load_sync("points_expiring_to_file")
    for row in SHEET[:2]:
        code, *_, percent, _ = row.split(",")
        sync = sync.model_copy(
            update={"holdout": Holdout(percent=float(percent), salt=code)}
        )
        with connect() as conn:
            arms = conn.execute(
                sql.SQL(
                    "select distinct arm, {} from campaigns.int_campaigns__members"
                    " as source where campaign_code = {}"
                ).format(_is_held_out(sync), sql.Literal(code))
            ).fetchall()
        assert sorted(arms) == [("control", True), ("treated", False)]


def test_a_planned_campaign_is_not_measured(evenings: Evenings) -> None:
    status = {
        row["campaign_code"]: row["status"] for row in evenings.second["cmp_campaigns"]
    }
    assert status == {
        "bakery": "settling",
        "ticket": "running",
        "over": "closed",
        "later": "planned",
    }
    assert not any(
        row["campaign_code"] == "later" for row in evenings.second["cmp_started"]
    )


def test_an_interval_covers_no_effect_as_often_as_it_says(evenings: Evenings) -> None:
    lift = pd.DataFrame(evenings.no_effect)
    assert lift["campaign_code"].nunique() == len(NO_EFFECT)
    is_covered = (lift["lower_bound"] <= 0) & (lift["upper_bound"] >= 0)
    by_kpi = is_covered.groupby(lift["kpi"]).mean()
    # 95 %, and what 200 draws may differ from it.
    assert by_kpi.between(0.9, 0.995).all(), by_kpi
    assert 0.93 <= by_kpi.mean() <= 0.975, by_kpi
    assert ((lift["verdict"] == "alike") == is_covered).all()
    # The arms are told to differ before the start in 1 % of looks.
    assert lift["is_unlike_before"].mean() <= 0.025


def test_a_campaign_is_shown_beside_its_control(evenings: Evenings) -> None:
    runner = CliRunner(env={"COLUMNS": "200"})
    listed = runner.invoke(app, ["campaign", "list"])
    assert listed.exit_code == 0, listed.output
    assert "category_buyer_rate" in listed.output
    shown = runner.invoke(app, ["campaign", "show", "ticket", "--days", "2"])
    assert shown.exit_code == 0, shown.output
    days = newest(evenings.second["cmp_days"])
    members = [
        days["ticket", "audience", arm, SECOND_EVENING.date()]["member_count"]
        for arm in naive.ARMS
    ]
    for text in ("★ 笔单价 average_ticket", f"2017-11-08  {members[0]} | {members[1]}"):
        assert text in shown.output
    assert "2017-11-06" not in shown.output
    none = runner.invoke(app, ["campaign", "show", "tickets"])
    assert (none.exit_code, none.output.count("\n")) == (1, 1)
    assert "There is no campaign tickets" in none.output


def test_the_report_has_its_pictures(evenings: Evenings) -> None:
    with connect() as conn:
        campaigns = [
            row
            for row in read_campaigns(conn)
            if not row["campaign_code"].startswith("aa-")
        ]
        reports = [read_report(conn, code) for code in ("bakery", "ticket", "over")]
    assert len(standing(campaigns)) == 6
    first, again = pictures(campaigns, reports), pictures(campaigns, reports)
    assert list(first) == ["lift", "days"]
    assert first == again


MISTAKES = {
    "Bad,raise_ticket,seg_quality,snapshot,2018-03-01,2018-03-31,10,": "is no code of",
    "bakery,acquire,seg_quality,snapshot,2019-01-01,2019-01-31,10,": "is there twice (",
    "a,upsell,seg_quality,snapshot,2020-01-01,2020-01-31,10,": "play upsell is no play",
    "b,acquire,seg_none,snapshot,2021-01-01,2021-01-31,10,": "seg_none is no segment",
    "c,acquire,seg_quality,frozen,2022-01-01,2022-01-31,10,": "kind frozen is neither",
    "d,acquire,seg_quality,dynamic,2023-02-30,2023-03-31,10,": "2023-02-30 is no day",
    "e,acquire,seg_quality,dynamic,2024-01-01,soon,10,": "ends_on soon is no day",
    "f,acquire,seg_quality,dynamic,2025-02-01,2025-01-31,10,": "before it starts on",
    "g,acquire,seg_quality,dynamic,2026-01-01,2026-01-31,0,": "control_percent 0 is",
    "h,acquire,seg_quality,dynamic,2027-01-01,2027-01-31,half,": "control_percent half",
    "i,acquire,seg_quality,dynamic,2028-01-01,2028-01-31,9,jam": "product_category jam",
    "j,category_penetration,seg_quality,dynamic,2029-01-01,2029-01-31,9,": (
        "product_category is missing"
    ),
    "k,acquire,seg_quality,dynamic,2017-12-31,2018-01-05,9,": (
        "overlaps later (line 5) on seg_quality from 2017-12-31 to 2017-12-31"
    ),
}


def test_a_wrong_row_is_named(evenings: Evenings) -> None:
    project = evenings.project
    project.register(*SHEET, *MISTAKES)
    result = project.run(f"{SECOND_EVENING:%Y-%m-%d}", "--select", "+cmp_campaigns")
    lines = result.stdout.count("campaign_sheet.csv line ")
    for number, words in enumerate(MISTAKES.values(), start=len(SHEET) + 2):
        place = rf"campaign_sheet\.csv line {number}: .*{re.escape(words)}"
        assert re.search(place, result.stdout), (words, result.stdout[-6000:])
    assert lines == len(MISTAKES), result.stdout[-6000:]
    assert re.search(r"SKIP .*cmp_campaigns", result.stdout)

    # What has begun is not changed: another control, and one that is taken out.
    project.register(SHEET[0].replace(",25,", ",30,"), *SHEET[2:], *NO_EFFECT)
    result = project.run(
        f"{SECOND_EVENING:%Y-%m-%d}",
        *("--select", "+cmp_days", "--exclude", "assert_campaign_sheet_is_right"),
    )
    assert re.search(
        r"campaign_sheet\.csv line 2: bakery has begun: control_percent was 25.00 and"
        r" is now 30.00",
        result.stdout,
    ), result.stdout[-6000:]
    assert "line 1: ticket has begun and cannot be taken out" in result.stdout
    assert re.search(r"SKIP .*cmp_days", result.stdout)
