"""Scores, record and artefacts of a run: one commit, frozen, never half."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from ml.repurchase import MODEL
from orchestration import model_store
from orchestration.model_store import Outcome, last_month_end, run_model
from tests.unit.ml.synthetic import FAST, SCORING, Inputs, inputs
from warehouse.connection import Connection, connect, copy_frame
from warehouse.errors import QuanyuError

DAY = date(2017, 12, 4)
TYPES = {
    "base_date": "date",
    "customer_id": "bigint",
    "brand_code": "text",
    "gender": "text",
    "band": "text",
    "is_member": "boolean",
    "is_scoring": "boolean",
    "is_repurchased": "boolean",
}


def land(conn: Connection, world: Inputs) -> None:
    """Write the input tables as dbt would have left them."""
    for name, table in MODEL.inputs.items():
        frame: pd.DataFrame = getattr(world, name)
        schema = table.split(".")[0]
        columns = ", ".join(
            f"{column} {TYPES.get(str(column), 'double precision')}" for column in frame
        )
        conn.execute(f"create schema if not exists {schema}")
        conn.execute(f"drop table if exists {table}")
        conn.execute(f"create table {table} ({columns})")
        copy_frame(conn, table, frame)
    conn.commit()


def run(conn: Connection, day: date = DAY, *, refreeze: bool = False) -> Outcome:
    outcome = run_model(conn, MODEL, day, refreeze=refreeze, config=FAST)
    conn.commit()
    return outcome


def scores(conn: Connection) -> list[tuple[object, ...]]:
    return conn.execute(
        "select customer_id, brand_code, score, band, base_date, reasons::text"
        " from ml.repurchase order by 1, 2"
    ).fetchall()


def test_a_run_publishes_scores_record_and_artefacts(conn: Connection) -> None:
    world = inputs()
    land(conn, world)
    outcome = run(conn)
    assert (outcome.status, outcome.published) == ("trained", True)
    assert outcome.run is not None
    assert outcome.metadata()["rows_scored"] == 600
    found = scores(conn)
    assert len(found) == 600
    assert {row[4] for row in found} == {SCORING.date()}
    assert all((row[5] is not None) == (row[3] == "high") for row in found)
    artefacts = model_store.artefacts(conn, outcome.run)
    assert set(artefacts) == {
        "model.txt", "model.json", "reliability.png", "lift.png", "importance.png",
    }  # fmt: skip
    recorded = model_store.latest_run(conn, "repurchase")
    assert recorded["metrics"]["overall"]["auc"] == pytest.approx(
        outcome.metadata()["auc"]
    )
    assert set(recorded["baseline_metrics"]) == {"recency", "frequency_90d", "spend"}
    assert recorded["row_counts"]["test"] == 1800
    assert recorded["parameters"] == FAST.as_dict()


def test_scores_are_frozen_for_the_month(conn: Connection) -> None:
    land(conn, inputs())
    first = run(conn)
    before = scores(conn)
    land(conn, inputs(seed=2))
    kept = run(conn, date(2017, 12, 30))
    assert kept.status == "kept"
    assert kept.run == first.run
    assert scores(conn) == before


def test_refreezing_replaces_the_partition_and_retires_the_run(
    conn: Connection,
) -> None:
    land(conn, inputs())
    first = run(conn)
    assert run(conn, refreeze=True).status == "repeated"
    land(conn, inputs(250, seed=2))
    second = run(conn, refreeze=True)
    assert second.status == "trained"
    assert second.published
    assert len(scores(conn)) == 500
    fates = conn.execute(
        "select run_id, retired_at is null from ml.model_run order by run_id"
    ).fetchall()
    assert first.run is not None
    assert second.run is not None
    assert fates == [(first.run["run_id"], False), (second.run["run_id"], True)]
    # Back to the first inputs: a retired run does not stand in the way.
    land(conn, inputs())
    assert run(conn, refreeze=True).status == "trained"
    assert len(scores(conn)) == 600


def test_a_failed_gate_keeps_earlier_scores_and_says_why(conn: Connection) -> None:
    land(conn, inputs())
    run(conn)
    before = scores(conn)
    land(conn, inputs(seed=2, is_predictable=False))
    outcome = run(conn, refreeze=True)
    assert (outcome.status, outcome.published) == ("trained", False)
    assert "does not beat" in outcome.reason
    assert scores(conn) == before
    assert run(conn, refreeze=True).status == "repeated"
    assert run(conn).status == "kept"


def test_inputs_it_cannot_work_with_are_recorded_not_raised(conn: Connection) -> None:
    world = inputs()
    land(conn, world.with_labels(world.labels.head(0)))
    outcome = run(conn)
    assert (outcome.status, outcome.published) == ("trained", False)
    assert "month ends" in outcome.reason
    assert outcome.metadata()["auc"] is None
    assert scores(conn) == []


def test_before_the_first_month_is_over_there_is_nothing_to_do(
    conn: Connection,
) -> None:
    world = inputs()
    land(
        conn,
        Inputs(
            world.features.head(0),
            world.labels.head(0),
            world.base_dates.head(0),
            world.bands,
        ),
    )
    outcome = run(conn)
    assert (outcome.status, outcome.run) == ("skipped", None)
    assert "month" in str(outcome.metadata()["verdict"])
    assert model_store.model_runs(conn) == []


def test_features_that_are_not_built_are_named(conn: Connection) -> None:
    with pytest.raises(QuanyuError, match="not built yet"):
        run(conn)


def test_features_of_another_month_are_refused(conn: Connection) -> None:
    land(conn, inputs())
    with pytest.raises(QuanyuError, match="built to score 2017-11-30"):
        run(conn, date(2018, 1, 3))


def test_a_run_that_dies_leaves_nothing(
    conn: Connection, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(conn, inputs())

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(model_store, "copy_frame", die)
        with pytest.raises(KeyboardInterrupt), connect(database) as dying:
            run_model(dying, MODEL, DAY, config=FAST)
    left = conn.execute(
        "select (select count(*) from ml.model_run), (select count(*) from ml.scores),"
        " (select count(*) from ml.artefacts)"
    ).fetchone()
    assert left == (0, 0, 0)
    assert run(conn).published


def test_lists_of_the_newest_months_are_kept(conn: Connection) -> None:
    rows = pd.DataFrame(
        {
            "kind": ["any"],
            "customer_id": [1],
            "list_position": [1],
            "product_category": ["formula"],
            "score": [0.5],
            "source": ["popular"],
        }
    )
    run_id = conn.execute(
        "insert into ml.model_run (model, base_date, inputs_sha256, code_version,"
        " parameters, is_published, verdict, started_at, finished_at) values"
        " ('category_recommendation', '2017-08-31', '', '', '{}', true, '', now(),"
        " now()) returning run_id"
    ).fetchall()[0][0]
    days = [date(2017, 8, 31), date(2017, 9, 30), date(2017, 10, 31)]
    for day in days:
        made = {"run_id": run_id, "base_date": day}
        model_store.publish(conn, made, "category_recommendations", rows)
    kept = conn.execute(
        "select base_date from ml.category_recommendations order by base_date"
    ).fetchall()
    assert kept == [(day,) for day in days[1:]]


def test_history_tells_what_held_on_a_day(conn: Connection) -> None:
    land(conn, inputs())
    run(conn)
    later = inputs(seed=3)
    shift = pd.offsets.MonthEnd(1)
    land(
        conn,
        Inputs(
            later.features.assign(base_date=later.features["base_date"] + shift),
            later.labels.assign(base_date=later.labels["base_date"] + shift),
            later.base_dates.assign(base_date=later.base_dates["base_date"] + shift),
            later.bands,
        ),
    )
    run(conn, date(2018, 1, 1))
    held = conn.execute(
        "select valid_from, valid_to, count(*) from ml.score_history"
        " group by 1, 2 order by 1"
    ).fetchall()
    assert held == [
        (date(2017, 11, 30), date(2017, 12, 31), 600),
        (date(2017, 12, 31), None, 600),
    ]
    assert {row[4] for row in scores(conn)} == {date(2017, 12, 31)}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2017, 12, 31), date(2017, 12, 31)),
        (date(2017, 12, 30), date(2017, 11, 30)),
        (date(2018, 1, 1), date(2017, 12, 31)),
        (date(2016, 3, 1), date(2016, 2, 29)),
    ],
)
def test_last_month_end(day: date, expected: date) -> None:
    assert last_month_end(day) == expected
