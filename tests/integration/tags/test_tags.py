"""Tags and segments on a crowd of random people, against plain loops in Python."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from audience.entries import load_segments, load_tags
from audience.revisions import members_of, versions
from audience.rules import load_rules
from audience.saved_predicates import load_vocabulary
from audience.segment_sql import condition_of
from audience.why import explain
from tests.integration.tags.compared import ENTITIES, definitions, differences
from tests.integration.tags.crowd import earlier, everybody, forecasts, scores, woe
from tests.integration.tags.crowd.base import PEOPLE, POOLS, TODAY, product_key
from tests.integration.tags.project import TagProject
from tests.integration.tags.rows import select
from warehouse.connection import connect, copy_rows
from warehouse.settings import dbt_project_dir

# Models that compute only who is due, and what they read.
DUE = (
    *("--select", "+config.incremental_strategy:due_customers"),
    *("--exclude-resource-type", "test"),
)
# A snapshot of the day of the first build.
SNAPSHOT = """
{{ config(materialized='frozen', meta={'segment': {
    'snapshot_on': 'DAY', 'expected_size': [1, 500],
}}) }}
-- depends_on: {{ ref('oneid_alias') }}
select customer_id from {{ ref('customer_tags_wide') }}
where purchase_days_since_last_order <= 20
"""


KEY = ENTITIES["customer"].key
CHANGED = ("seg_quality", "seg_quality_no_bakery")


@pytest.fixture(scope="module")
def project(
    module_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TagProject]:
    """The crowd's tags and segments, built as of today.

    What is computed only for who is due was built on two earlier days before: who was
    not due has the rows of then, and the definitions do not know the difference.
    """
    project = TagProject(
        tmp_path_factory.mktemp("tags"), {"ledgers/points_pools": POOLS}
    )
    marts = everybody.marts(seed=7)
    for days_ago in (31, 1):
        day = TODAY - timedelta(days=days_ago)
        project.land(earlier.marts(marts, day, seed=days_ago))
        project.build(day.isoformat(), *DUE)
    project.land(marts)
    bins = woe.bins()
    with connect() as conn:
        copy_rows(conn, "ml.woe_bins", list(bins[0]), (one.values() for one in bins))
        scores.write(conn)
        forecasts.write(conn)
    (project.folder / "models/segments/high_value/seg_trial.sql").write_text(
        SNAPSHOT.replace("DAY", TODAY.isoformat())
    )
    project.build(TODAY.isoformat())
    return project


@pytest.mark.parametrize("entity", ENTITIES)
def test_tags_agree_with_their_definitions(project: TagProject, entity: str) -> None:
    with connect() as conn:
        assert differences(conn, TODAY, entity) == []


@pytest.mark.parametrize("entity", ENTITIES)
def test_the_crowd_is_worth_the_comparison(project: TagProject, entity: str) -> None:
    with connect() as conn:
        rows = select(conn, f"tags.{entity}_tags_wide")
        if entity == "customer":
            assert len(rows) == PEOPLE
        for code in definitions(entity):
            assert len({row[code] for row in rows}) > 1, f"{code} is constant"
        assert differences(conn, TODAY - timedelta(days=9), entity)


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_tag_is_defined(entity: str) -> None:
    tags = {tag.code for tag in load_tags(dbt_project_dir()) if tag.entity == entity}
    # A promoted tag is compared with its rule: test_behaviour_rules.py.
    rules = {rule.code for rule in load_rules(dbt_project_dir()) if rule.is_promoted}
    assert set(definitions(entity)) | (rules & tags) == tags


def test_joined_but_not_ordered(project: TagProject) -> None:
    expected = set()
    with connect() as conn:
        orders = [r for r in select(conn, "marts.fct_orders") if r["is_valid_order"]]
        for join in select(conn, "marts.fct_events"):
            if join["event_type"] != "join":
                continue
            if not 7 <= (TODAY - join["occurred_on"]).days <= 30:
                continue
            ordered = any(
                order["customer_id"] == join["customer_id"]
                and join["occurred_at"]
                < order["paid_at"]
                <= join["occurred_at"] + timedelta(days=7)
                for order in orders
            )
            if not ordered:
                expected.add(join["customer_id"])
        assert members(conn)["seg_joined_no_order_7d"] == expected
    assert expected


def test_quality_people_without_bakery(project: TagProject) -> None:
    with connect() as conn:
        found = members(conn)
        bakers = {
            line["customer_id"]
            for line in select(conn, "marts.fct_order_lines")
            if line["product_key"] == product_key("cake")
            and line["is_valid_line"]
            and line["paid_on"] > TODAY - timedelta(days=30)
        }
    assert found["seg_quality_no_bakery"] == found["seg_quality"] - bakers
    assert found["seg_quality"] & bakers


def test_segments_that_look_at_stores_and_guides(project: TagProject) -> None:
    with connect() as conn:
        found = members(conn)
        guided = {
            row["store_code"]
            for row in select(conn, "marts.dim_stores")
            if row["has_guide"]
        }
        stores: dict[int, set[str | None]] = {}
        for order in select(conn, "marts.fct_orders"):
            if order["is_valid_order"] and order["paid_on"] > TODAY - timedelta(
                days=365
            ):
                stores.setdefault(order["customer_id"], set()).add(order["store_code"])
        leaving = {
            row["staff_code"]
            for row in select(conn, "marts.dim_guides")
            if row["status"] == "leaving"
        }
        friends: dict[int, set[str]] = {}
        for span in select(conn, "marts.fct_guide_contacts"):
            if span["deleted_at"] is None:
                friends.setdefault(span["customer_id"], set()).add(span["staff_code"])
        tags = {
            row["customer_id"]: row for row in select(conn, "tags.customer_tags_wide")
        }
    assert found["seg_store_buyer_offline_only"] == {
        who
        for who, visited in stores.items()
        if visited <= guided
        and tags[who]["channel_first_channel"] == "pos"
        and who not in friends
    }
    assert found["seg_leaving_guide_customers"] == {
        who for who, staff in friends.items() if staff & leaving
    }


def test_everybody_is_in_one_group_of_a_split(project: TagProject) -> None:
    with connect() as conn:
        found = members(conn)
    for code in ("seg_sleeping_plan", "seg_monthly_buyer_trial"):
        groups = [ids for one, ids in found.items() if one.startswith(f"{code}__")]
        assert len(groups) > 1
        assert set.union(*groups) == found[code]
        assert sum(map(len, groups)) == len(found[code])


def test_why_agrees_with_the_members(project: TagProject) -> None:
    vocabulary = load_vocabulary(dbt_project_dir())
    tags = {tag.code: tag for tag in load_tags(dbt_project_dir())}
    with connect() as conn:
        found = members(conn)
        for segment in load_segments(dbt_project_dir()):
            entity = segment.entry.entity
            key = ENTITIES[entity].key
            ids = sorted(row[key] for row in select(conn, f"tags.{entity}_tags_wide"))
            ids = [*sorted(found.get(segment.code, ()))[:2], *ids[:4]]
            for one in ids:
                told = explain(conn, segment, str(one), vocabulary, tags)
                is_in = entity == "customer" and one in found.get(segment.code, ())
                if condition_of(segment) and segment.entry.kind != "snapshot":
                    assert all(part.result for part in told.answers) == is_in
                assert entity != "customer" or bool(told.codes) == is_in
                assert told.answers


def test_membership_history_only_grows_by_differences(project: TagProject) -> None:
    with connect() as conn:
        first_day = members(conn)
        first_events = events(conn)
    assert len([one for one in first_events if one[3] == "entered"]) == sum(
        map(len, first_day.values())
    )

    # The same day again, even as a full refresh, adds nothing.
    project.build(
        TODAY.isoformat(),
        "--full-refresh",
        "--select",
        "+segment_members+",
        "seg_trial",
    )
    with connect() as conn:
        assert events(conn) == first_events

    tomorrow = TODAY + timedelta(days=12)
    with connect() as conn:
        frozen = snapshot(conn)
        merged, taker = sorted(frozen)[:2]
        conn.execute(
            "insert into test_input.oneid_alias values (%s, %s)", [merged, taker]
        )
    project.build(tomorrow.isoformat())
    with connect() as conn:
        # The days go by, the snapshot stays; who was merged is in it as who took over.
        assert snapshot(conn) == frozen - {merged}
        second_day = members(conn)
        assert first_events < events(conn)
        for day, expected in ((TODAY, first_day), (tomorrow, second_day)):
            was: dict[str, set[int]] = {}
            for stay in select(conn, "segments.segment_member_history"):
                left_on = stay["left_on"]
                if stay["entered_on"] <= day and (left_on is None or left_on > day):
                    was.setdefault(stay["segment_code"], set()).add(stay["customer_id"])
            assert was == expected
    assert first_day != second_day


def snapshot(conn: Any) -> set[int]:
    """Return who is in the trial snapshot."""
    return {row["customer_id"] for row in select(conn, "segments.seg_trial")}


def members(conn: Any) -> dict[str, set[int]]:
    """Return who is in which segment."""
    found: dict[str, set[int]] = {}
    for row in select(conn, "segments.segment_members"):
        found.setdefault(row["segment_code"], set()).add(row["customer_id"])
    return found


def events(conn: Any) -> set[tuple[Any, ...]]:
    """Return all membership events, run ids aside."""
    return {
        tuple(
            value
            for name, value in row.items()
            if name not in ("run_id", "recorded_at")
        )
        for row in select(conn, "segments.segment_membership_event")
    }


def test_a_version_of_segments_is_asked_without_changing_any(
    project: TagProject, tmp_path: Path
) -> None:
    root = tmp_path / "checkout"
    ignored = shutil.ignore_patterns("target", "logs", "dbt_packages")
    shutil.copytree(project.folder, root / "dbt_project", ignore=ignored)
    packages = dbt_project_dir() / "dbt_packages"
    (root / "dbt_project/dbt_packages").symlink_to(packages, target_is_directory=True)
    quality = root / "dbt_project/models/segments/category_penetration/seg_quality.sql"
    quality.write_text(quality.read_text().replace(">= 2", ">= 3"))
    for command in (
        "init -q",
        "add dbt_project/models dbt_project/macros dbt_project/seeds dbt_project/tests",
        "add dbt_project/docs dbt_project/dbt_project.yml dbt_project/profiles.yml",
        "-c user.name=test -c user.email=test@example.com commit -qm stricter",
    ):
        subprocess.run(["git", "-C", root, *command.split()], check=True)
    (tmp_path / "version").mkdir()
    with connect() as conn:
        before = members(conn), events(conn)
        version = versions(conn, root, "HEAD", tmp_path / "version")
        found, faults = members_of(
            conn, {code: one for code, one in version.items() if one.key == KEY}
        )
        assert (members(conn), events(conn)) == before
    assert faults == {}
    found = {code: ids for code, ids in found.items() if ids and code != "seg_trial"}
    # The one that differs, and the one that reads it: of its own version, not as built.
    was = {code: before[0].pop(code) for code in CHANGED}
    is_now = {code: found.pop(code) for code in CHANGED}
    assert found == before[0]
    assert is_now["seg_quality"] < was["seg_quality"]
    assert is_now["seg_quality_no_bakery"] == (
        was["seg_quality_no_bakery"] & is_now["seg_quality"]
    )
