"""Bins of a month end: fitted once, replaced on request, never half."""

from __future__ import annotations

from orchestration.woe_store import run_woe
from tests.integration.test_ml_store import DAY, land
from tests.unit.ml.synthetic import SCORING, inputs
from warehouse.connection import Connection


def bins(conn: Connection) -> list[tuple[object, ...]]:
    return conn.execute(
        "select base_date, brand_code, feature, bin_no, woe from ml.woe_bins"
        " order by 1, 2, 3, 4"
    ).fetchall()


def test_bins_stay_for_the_month(conn: Connection) -> None:
    land(conn, inputs())
    assert run_woe(conn, DAY).status == "fitted"
    first = bins(conn)
    assert {row[0] for row in first} == {SCORING.date()}
    assert {row[1] for row in first} == {"baby", "supermarket"}

    land(conn, inputs(seed=2))
    again = run_woe(conn, DAY)
    assert (again.status, bins(conn)) == ("kept", first)
    assert not again.information_values().empty
    assert run_woe(conn, DAY, refit=True).status == "fitted"
    assert bins(conn) != first
    assert {row[0] for row in bins(conn)} == {SCORING.date()}


def test_what_teaches_nothing_leaves_earlier_bins(conn: Connection) -> None:
    world = inputs()
    land(conn, world)
    run_woe(conn, DAY)
    before = bins(conn)
    land(conn, world.with_labels(world.labels.head(3)))
    skipped = run_woe(conn, DAY, refit=True)
    assert skipped.status == "skipped"
    assert "No brand has enough labelled rows" in skipped.reason
    assert bins(conn) == before
