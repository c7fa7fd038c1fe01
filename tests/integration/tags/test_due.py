"""Models that compute only who is due hold what a full build would, whatever was done.

Real models of the project over orders that a test writes: who is due, purchases, the
dayparts and the habits made of them.
"""

from __future__ import annotations

import re
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from psycopg import sql

from tests.integration import dbt_runs
from tests.integration.tags.person import SHANGHAI
from tests.integration.tags.project import mart_columns
from warehouse.connection import connect, copy_rows
from warehouse.settings import dbt_project_dir

DAY = "2017-12-30"
MART = """
{{ config(materialized='view', contract={'enforced': false}) }}
select * from test_input.{{ this.name }}
"""
COLUMNS = (
    *("customer_id", "parent_order_key", "paid_at", "paid_on", "net_amount"),
    "is_valid_order",
)
PARTS = (
    "macros",
    "seeds/calendar",
    "seeds/tags/tag_cuts.csv",
    "seeds/tags/due_windows.csv",
    "models/marts/dim_dates.sql",
    "models/marts/dim_dates.yml",
    "models/tags/inputs/facts/int_facts__digests.sql",
    "models/tags/inputs/facts/int_facts__due.sql",
    "models/tags/inputs/purchases/int_purchases__orders.sql",
    "models/tags/inputs/purchases/int_purchases__due.sql",
    "models/tags/inputs/purchases/int_purchases__dayparts.sql",
    "models/tags/inputs/purchases/int_purchases__habits.sql",
)


@pytest.fixture(scope="module")
def project(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The models and what they read, built once for five people."""
    source, folder = dbt_project_dir(), tmp_path_factory.mktemp("due")
    for part in PARTS:
        target = folder / part
        target.parent.mkdir(parents=True, exist_ok=True)
        if (source / part).is_dir():
            shutil.copytree(source / part, target)
        else:
            shutil.copy(source / part, target)
    for name in ("dbt_project.yml", "profiles.yml", "packages.yml"):
        shutil.copy(source / name, folder)
    (folder / "dbt_packages").symlink_to(source / "dbt_packages")
    marts = mart_columns(["models/tags/inputs/facts"]) | {
        "tags_product_profile": "product_key bigint, product_category text"
    }
    with connect() as conn:
        conn.execute("create schema test_input")
        for mart, columns in marts.items():
            (folder / f"models/marts/{mart}.sql").write_text(MART)
            table = sql.Identifier("test_input", mart)
            conn.execute(
                sql.SQL("create table {} (").format(table)
                + sql.SQL(columns)
                + sql.SQL(")")
            )
    # A working day each, and for the first of them one that leaves the year tomorrow.
    buy(*((one, 24 * one + 9) for one in range(1, 6)), (1, 24 * 364 + 20))
    build(folder)
    return folder


def buy(*purchases: tuple[int, int]) -> None:
    """Let customers buy so many hours before the end of DAY."""
    end = datetime.fromisoformat(DAY).replace(tzinfo=SHANGHAI) + timedelta(days=1)
    rows = []
    for customer_id, hours_ago in purchases:
        at = end - timedelta(hours=hours_ago)
        key = customer_id * 100_000 + hours_ago
        rows.append((customer_id, key, at, at.date(), 10, True))
    with connect() as conn:
        copy_rows(conn, "test_input.fct_orders", COLUMNS, rows)


def build(project: Path, *arguments: str, day: str = DAY) -> None:
    """Build models; with the seeds, when nothing else is said."""
    arguments = arguments or ("--exclude-resource-type", "test")
    command = "build" if "test" in arguments else "run"
    assert not dbt_runs.build(project, day, *arguments, command=command)


def habits() -> list[tuple[object, ...]]:
    with connect() as conn:
        return conn.execute(
            "select * from tags.int_purchases__habits order by customer_id"
        ).fetchall()


def assert_as_built_whole(project: Path, day: str = DAY) -> None:
    found = habits()
    build(project, "--full-refresh", day=day)
    assert found == habits()


def test_a_build_between_a_mark_and_its_model_loses_nothing(project: Path) -> None:
    before = habits()
    buy((2, 30), (2, 31), (6, 40))
    # Killed after who is due was told, and a model built alone.
    build(project, "--select", "int_facts__due", "int_purchases__due")
    build(project, "--select", "int_purchases__habits")
    build(project)
    assert habits() != before
    assert_as_built_whole(project)


def test_another_calendar_is_seen_by_all(project: Path) -> None:
    file = project / "seeds/calendar/working_days.csv"
    before = habits()
    # A day on which somebody bought becomes a holiday; nobody's facts have changed.
    file.write_text(file.read_text() + "2017-12-28,false,Made for a test\n")
    build(project)
    assert habits() != before
    assert_as_built_whole(project)


@pytest.mark.parametrize(
    ("marks", "hours_ago"), [("int_facts__due", 50), ("int_purchases__due", 51)]
)
def test_a_lost_table_of_marks_is_everybody(
    project: Path, marks: str, hours_ago: int
) -> None:
    before = habits()
    buy((3, hours_ago))
    with connect() as conn:
        conn.execute(sql.SQL("drop table tags.{}").format(sql.Identifier(marks)))
    build(project)
    assert habits() != before
    assert_as_built_whole(project)


def test_a_day_that_leaves_a_window_takes_its_purchase_along(project: Path) -> None:
    tomorrow = "2017-12-31"
    before = habits()
    build(project, "--select", "tags", day=tomorrow)
    assert habits() != before
    assert_as_built_whole(project, tomorrow)


def test_a_window_that_is_new_was_crossed_by_people_before(project: Path) -> None:
    """What marks people is part of the rules, though the model never reads it."""
    file, day = project / "seeds/tags/due_windows.csv", "2018-01-01"
    buy((4, 24 * 363 + 20))  # leaves the year on that day
    windows = file.read_text()
    file.write_text(re.sub("purchases,365.*\n", "", windows))
    build(project, day="2017-12-31")
    buy((5, 3))  # somebody is marked on the day, so that it counts as seen
    build(project, day=day)
    before = habits()
    file.write_text(windows)
    build(project, day=day)
    assert habits() != before
    assert_as_built_whole(project, day)
