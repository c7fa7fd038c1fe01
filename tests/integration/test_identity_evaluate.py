"""`oneid evaluate` from truth file to figures."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from cli.main import app
from identity.evaluate import evaluate, read_truth
from identity.quality import Score
from warehouse.connection import Connection, connect, copy_frame
from warehouse.errors import QuanyuError

TRUTH = pd.DataFrame(
    {
        "channel": "pos",
        "record_type": ["member", "order", "order", "order", "order", "order"],
        "record_id": ["m1", "o1", "o2", "o3", "o4", "not landed"],
        "person_id": ["ann", "ann", "ann", "bob", "bob", "bob"],
    }
)
# Customer 1 holds three records of Ann and one of Bob; o4 has nothing to link.
RECORDS = pd.DataFrame(
    {
        "record_key": [1, 2, 3, 4, 5],
        "channel_code": "pos",
        "record_type": ["member", "order", "order", "order", "order"],
        "record_id": ["m1", "o1", "o2", "o3", "o4"],
        "customer_id": pd.array([1, 1, 1, 1, None], dtype="Int64"),
    }
)


@pytest.fixture
def resolved(conn: Connection) -> Connection:
    conn.execute("create schema if not exists identity")
    conn.execute(
        "create table identity.oneid_records (record_key bigint, channel_code text,"
        " record_type text, record_id text, customer_id bigint)"
    )
    copy_frame(conn, "identity.oneid_records", RECORDS)
    conn.commit()
    return conn


def test_records_without_a_customer_are_left_out(resolved: Connection) -> None:
    result = evaluate(resolved, TRUTH)
    assert result.quality.pairs == Score(right=3, claimed=6, true=3)
    assert (result.truth_records, result.unlinked_records) == (6, 2)
    assert list(result.quality.over_merged["person_ids"]) == ["ann, bob"]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_command_shows_and_saves(
    resolved: Connection, tmp_path: Path, suffix: str
) -> None:
    truth = tmp_path / f"truth.{suffix}"
    TRUTH.to_csv(truth) if suffix == "csv" else TRUTH.to_parquet(truth)
    command = ["oneid", "evaluate", "--truth", str(truth), "--save"]
    for _ in range(2):
        shown = CliRunner().invoke(app, command)
        assert shown.exit_code == 0, shown.output
    assert "0.50000" in shown.output
    assert "ann, bob" in shown.output
    with connect() as conn:
        figures = dict(conn.execute("select * from identity.oneid_quality").fetchall())
    assert figures["pair_precision"] == 0.5
    assert figures["pair_recall"] == 1.0


def test_what_is_wrong_with_a_truth_file_is_said(
    resolved: Connection, tmp_path: Path
) -> None:
    with pytest.raises(QuanyuError, match="does not exist"):
        read_truth(tmp_path / "none.parquet")
    short = tmp_path / "short.csv"
    TRUTH.drop(columns="person_id").to_csv(short)
    with pytest.raises(QuanyuError, match="lacks the column person_id"):
        read_truth(short)
    broken = tmp_path / "broken.parquet"
    broken.write_text("no parquet")
    with pytest.raises(QuanyuError, match="neither Parquet nor CSV"):
        read_truth(broken)
    with pytest.raises(QuanyuError, match="None of the 6 records"):
        evaluate(resolved, TRUTH.assign(channel="elsewhere"))


def test_without_customers_it_says_what_to_run(conn: Connection) -> None:
    with pytest.raises(QuanyuError, match="quanyu run"):
        evaluate(conn, TRUTH)
