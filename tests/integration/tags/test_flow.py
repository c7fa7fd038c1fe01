"""The history of states over two days, and the flows read from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from tests.integration.tags.crowd import everybody
from tests.integration.tags.crowd.base import TODAY
from tests.integration.tags.project import TagProject
from tests.integration.tags.rows import select
from warehouse.connection import connect

LATER = TODAY + timedelta(days=12)
# Merged into somebody else between the two days.
GONE = 1
HISTORIES = {
    "lifecycle": "lifecycle_stage",
    "value_tier": "value_tier",
    "aipl": "aipl_stage",
    "five_a": "five_a_stage",
}
FLOWS = (
    "--select", "+models/tags/flow", "models/reporting/flow",
    "--indirect-selection", "cautious",
)  # fmt: skip


@pytest.fixture(scope="module")
def project(
    module_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TagProject]:
    """The crowd's states, as of today."""
    project = TagProject(tmp_path_factory.mktemp("flow"))
    project.land(everybody.marts(seed=11))
    project.build(TODAY.isoformat(), *FLOWS)
    return project


def test_histories_only_grow_by_differences(project: TagProject) -> None:
    with connect() as conn:
        first_day, first_changes = today(conn), changes(conn)
    assert {change[4] for change in first_changes} > {TODAY}

    # The same day again, even as a full refresh, adds nothing and loses nothing.
    project.build(TODAY.isoformat(), "--full-refresh", *FLOWS)
    with connect() as conn:
        assert changes(conn) == first_changes

    crowd = everybody.marts(seed=11)
    crowd["dim_customers"] = [
        row for row in crowd["dim_customers"] if row["customer_id"] != GONE
    ]
    project.land(crowd)
    project.build(LATER.isoformat(), *FLOWS)
    with connect() as conn:
        second_day = today(conn)
        assert first_changes < changes(conn)
        for code in HISTORIES:
            assert states(conn, code, TODAY) == first_day[code]
            assert states(conn, code, LATER) == second_day[code]
            assert first_day[code] != second_day[code]
        assert GONE in first_day["aipl"]
        assert GONE not in second_day["aipl"]
        for code in HISTORIES:
            assert_flow_is_what_the_history_says(conn, code)


def assert_flow_is_what_the_history_says(conn: Any, code: str) -> None:
    """Every reported cell, and no other, is a count over two days of the history."""
    part = HISTORIES[code].rpartition("_")[2]
    periods: dict[tuple[date, date], Counter[tuple[str, str]]] = {}
    for row in select(conn, f"reporting.rpt_{code}_flow"):
        cells = periods.setdefault((row["from_on"], row["to_on"]), Counter())
        cells[row[f"from_{part}"], row[f"to_{part}"]] += row["customer_count"]
    assert len(periods) == 14
    for (from_on, to_on), cells in periods.items():
        before, after = states(conn, code, from_on), states(conn, code, to_on)
        expected = Counter(
            (before.get(customer, "none"), after.get(customer, "none"))
            for customer in before.keys() | after.keys()
        )
        # A merge of two periods on the same days would count them twice.
        assert cells == expected


def today(conn: Any) -> dict[str, dict[int, str]]:
    """Return who is in which state on the day that was built last."""
    found: dict[str, dict[int, str]] = {code: {} for code in HISTORIES}
    for row in select(conn, "tags.int_flow__today"):
        found[row["state_code"]][row["customer_id"]] = row["state"]
    return found


def states(conn: Any, code: str, day: date) -> dict[int, str]:
    """Return who was in which state on a day, as the history has it."""
    return {
        row["customer_id"]: row[HISTORIES[code]]
        for row in select(conn, f"tags.int_{code}__history")
        if row["valid_from"] <= day
        and (row["valid_to"] is None or day < row["valid_to"])
    }


def changes(conn: Any) -> set[tuple[Any, ...]]:
    """Return all recorded changes, run ids aside."""
    return {
        tuple(value for name, value in row.items() if name != "run_id")
        for row in select(conn, "tags.int_flow__changes")
    }
