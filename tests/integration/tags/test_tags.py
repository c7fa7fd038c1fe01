"""Tags and segments on a crowd of random people, against plain loops in Python."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from audience.entries import load_tags
from tests.integration.tags.compared import ENTITIES, definitions, differences
from tests.integration.tags.crowd import everybody, woe
from tests.integration.tags.crowd.base import PEOPLE, POOLS, TODAY, product_key
from tests.integration.tags.project import TagProject
from tests.integration.tags.rows import select
from warehouse.connection import connect, copy_rows
from warehouse.settings import dbt_project_dir


@pytest.fixture(scope="module")
def project(
    module_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TagProject]:
    """The crowd's tags and segments, built as of today."""
    project = TagProject(
        tmp_path_factory.mktemp("tags"), {"ledgers/points_pools": POOLS}
    )
    project.land(everybody.marts(seed=7))
    bins = woe.bins()
    with connect() as conn:
        copy_rows(conn, "ml.woe_bins", list(bins[0]), (one.values() for one in bins))
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


@pytest.mark.parametrize("entity", ["product", "store", "guide"])
def test_every_tag_of_goods_and_places_is_defined(entity: str) -> None:
    tags = {tag.code for tag in load_tags(dbt_project_dir()) if tag.entity == entity}
    assert set(definitions(entity)) == tags


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


def test_membership_history_only_grows_by_differences(project: TagProject) -> None:
    with connect() as conn:
        first_day = members(conn)
        first_events = events(conn)
    assert len([one for one in first_events if one[3] == "entered"]) == sum(
        map(len, first_day.values())
    )

    # The same day again, even as a full refresh, adds nothing.
    project.build(TODAY.isoformat(), "--full-refresh", "--select", "+segment_members+")
    with connect() as conn:
        assert events(conn) == first_events

    tomorrow = TODAY + timedelta(days=12)
    project.build(tomorrow.isoformat())
    with connect() as conn:
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
