"""The event log that keeps its connections holds what Dagster's own would."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from orchestration import event_log
from orchestration.event_log import KeptConnectionEventLog
from orchestration.instance import instance

KEY = dg.AssetKey("goods")


@dg.asset(name="goods", check_specs=[dg.AssetCheckSpec("fresh", asset="goods")])
def goods() -> dg.MaterializeResult:
    return dg.MaterializeResult(
        metadata={"rows": 3},
        check_results=[dg.AssetCheckResult(passed=True, check_name="fresh")],
    )


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QUANYU_HOME", str(tmp_path))
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))
    return tmp_path / "dagster" / "history" / "runs"


def kinds(log: SqliteEventLogStorage, run_id: str) -> list[str]:
    return [
        one.dagster_event_type.value
        for one in log.get_logs_for_run(run_id)
        if one.dagster_event_type
    ]


def test_dagster_reads_what_it_wrote(home: Path) -> None:
    with instance() as mine:
        assert isinstance(mine.event_log_storage, KeptConnectionEventLog)
        run = dg.materialize([goods], instance=mine)
        seen = kinds(mine.event_log_storage, run.run_id)
    theirs = SqliteEventLogStorage(str(home))
    assert kinds(theirs, run.run_id) == seen
    assert {"ASSET_MATERIALIZATION", "ASSET_CHECK_EVALUATION", "PIPELINE_SUCCESS"} <= {
        *seen
    }
    (record,) = theirs.get_asset_records([KEY])
    assert record.asset_entry.last_materialization is not None


def test_many_runs_keep_few_files_open(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_log, "KEPT_ENGINES", 2)
    with instance() as mine:
        runs = [dg.materialize([goods], instance=mine).run_id for _ in range(4)]
        log = mine.event_log_storage
        assert isinstance(log, KeptConnectionEventLog)
        assert all("PIPELINE_SUCCESS" in kinds(log, run_id) for run_id in runs)
        assert len(log._engines) == 2


def test_a_table_is_looked_for_until_it_is_there(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with instance() as mine:
        log = mine.event_log_storage
        assert not log.has_table("no_such_table")
        assert log.has_table("asset_check_executions")
        monkeypatch.setattr(
            SqliteEventLogStorage, "has_table", lambda *_: pytest.fail("asked again")
        )
        assert log.has_table("asset_check_executions")


DIES = """
import os, signal
import dagster as dg
from orchestration.instance import instance

@dg.asset
def goods():
    os.kill(os.getpid(), signal.SIGKILL)

dg.materialize([goods], instance=instance())
"""


def test_a_killed_run_keeps_its_events(home: Path) -> None:
    done = subprocess.run([sys.executable, "-c", DIES], env=os.environ, check=False)
    assert done.returncode == -signal.SIGKILL
    theirs = SqliteEventLogStorage(str(home))
    (run_id,) = theirs.get_all_run_ids()
    assert kinds(theirs, run_id)[-1] == "STEP_START"
    with sqlite3.connect(home / f"{run_id}.db") as file:
        assert file.execute("pragma integrity_check").fetchall() == [("ok",)]
