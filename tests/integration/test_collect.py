"""`quanyu collect` as a process, over HTTP, into a real PostgreSQL."""

from __future__ import annotations

import json
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from ingestion.collect.lander import land_once
from ingestion.collect.spool import Spool, sealed_segments
from ingestion.landing import load_directory
from tests.integration.collecting import (
    Collector,
    collector,
    event,
    landed,
    rows,
)
from tests.integration.landing_drops import good_drops, jsonl_bytes, write
from warehouse.connection import connect
from warehouse.locks import DAILY_LOCK

KEY = "write-key-of-the-test"
NDJSON = {"Content-Type": "application/x-ndjson"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collector]:
    spool = tmp_path_factory.mktemp("collect") / "spool"
    with collector(spool, "--no-land", key=KEY) as process:
        yield process


def send(running: Collector, events: object, **headers: str) -> tuple[int, object]:
    answer = running.send(events, **{"X-Write-Key": KEY, **headers})
    return answer.status, answer.body


def test_one_event_a_batch_and_lines_are_taken(running: Collector) -> None:
    before = running.metric("quanyu_collect_events_total")
    assert send(running, event("one")) == (202, {"accepted": 1})
    batch = [event(f"b{at}", num=at, properties={"at": at}) for at in range(100)]
    assert send(running, batch) == (202, {"accepted": 100})
    assert send(running, jsonl_bytes(batch), **NDJSON) == (202, {"accepted": 100})
    assert running.metric("quanyu_collect_events_total") == before + 201
    assert running.metric("quanyu_collect_queue_bytes") == 0
    assert running.metric("quanyu_collect_sync_seconds_count") >= 3


def test_of_a_batch_with_a_wrong_event_nothing_is_taken(running: Collector) -> None:
    before = running.metric("quanyu_collect_events_total")
    batch = [event("right"), event("wrong", event="purchase"), event("", num=-1)]
    status, answer = send(running, batch)
    assert status == 422
    assert isinstance(answer, dict)
    assert [(one["index"], one["field"]) for one in answer["detail"]] == [
        (1, "event"),
        (2, "event_id"),
        (2, "num"),
    ]
    assert running.metric("quanyu_collect_events_total") == before


def test_events_need_the_write_key(running: Collector) -> None:
    right = event("unknown sender")
    for key in ("", "x", KEY[:-1], KEY + "x", "ключ".encode().decode("latin-1")):
        assert send(running, right, **{"X-Write-Key": key})[0] == 401
    assert running.send(right).status == 401
    assert running.ask("GET", "/healthz").body == {"status": "ok"}


def test_bodies_that_are_not_read(running: Collector) -> None:
    large = b"[" + b" " * (1 << 20) + b"]"
    assert send(running, large)[0] == 413
    assert send(running, event("z"), **{"Content-Encoding": "gzip"})[0] == 415
    assert running.ask("GET", "/v1/events").status == 404
    assert running.ask("POST", "/v1/event").status == 404
    assert send(running, event("after all that"))[0] == 202


def test_openapi_tells_the_contract(running: Collector) -> None:
    paths = running.ask("GET", "/openapi.json").body["paths"]
    content = paths["/v1/events"]["post"]["requestBody"]["content"]
    schema = content["application/json"]["schema"]["oneOf"][0]
    assert schema["required"] == ["event_id", "event", "occurred_at"]
    assert "live_view" in schema["properties"]["event"]["enum"]


def test_sigterm_answers_seals_lands_and_logs_nobody(
    database: str, tmp_path: Path
) -> None:
    write(tmp_path, {"drop/2026-01-01/pos/stores_1.csv": b"store_code,name\nS1,x\n"})
    with connect(database) as conn:
        load_directory(conn, tmp_path / "drop")
    ledger = rows(database, "select * from landing.drops")
    spool = tmp_path / "spool"
    with collector(spool, "--seal-seconds", "0.3", url=database) as running:
        assert send(running, event("first", openid="oNobodyKnows"))[0] == 202
        deadline = time.monotonic() + 20
        while landed(database) != ["first"]:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert send(running, [event("second", openid="oNobodyKnows")])[0] == 202
        assert send(running, [event("no", openid=["oNobodyKnows"])])[0] == 422
        running.process.send_signal(signal.SIGTERM)
        out = running.process.communicate(timeout=20)[0]
    assert running.process.returncode == 0
    assert out.splitlines()[-1] == "Everything taken is sealed."
    assert landed(database) == ["first", "second"]
    assert sorted(one.name for one in spool.iterdir()) == ["lander.lock", "writer.lock"]
    # Live events neither complete a day nor open one.
    assert rows(database, "select * from landing.drops") == ledger
    assert rows(
        database,
        "select count(*) from landing.files"
        " where table_name = 'events' and landed_row_count = 1",
    ) == [(2,)]
    assert "oNobodyKnows" not in (tmp_path / "collect.log").read_text()


def test_days_are_as_complete_as_their_channel_files(
    database: str, tmp_path: Path
) -> None:
    good_drops(tmp_path / "drops", days=2)
    with connect(database) as conn:
        load_directory(conn, tmp_path / "drops" / "2017-01-01")
        before = rows(database, "select * from landing.drops")
        spooled(tmp_path / "spool", "e1")
        assert land_once(tmp_path / "spool") is False
        assert rows(database, "select * from landing.drops") == before
        spooled(tmp_path / "spool", "e2")
        report = load_directory(conn, tmp_path / "drops" / "2017-01-02")
    assert [f"{day}" for day in report.completed_drops] == ["2017-01-02"]
    assert land_once(tmp_path / "spool") is False
    assert landed(database) == ["e1", "e2"]
    assert rows(
        database, "select last_complete_day::text from landing.last_complete_day"
    ) == [("2017-01-02",)]


def test_nothing_lands_while_the_daily_job_runs(database: str, tmp_path: Path) -> None:
    spooled(tmp_path, "e1")
    with connect(database) as job:
        job.execute("select pg_advisory_lock(%s)", [DAILY_LOCK])
        job.commit()
        assert land_once(tmp_path) is True
        assert landed(database) == []
        assert len(sealed_segments(tmp_path)) == 1
    assert land_once(tmp_path) is False
    assert landed(database) == ["e1"]


def test_a_segment_that_cannot_land_is_set_aside(database: str, tmp_path: Path) -> None:
    spooled(tmp_path, "e1")
    (tmp_path / "events_20261125T000000_0.jsonl").write_bytes(b'{"event_id":"alone"}\n')
    assert land_once(tmp_path) is False
    assert landed(database) == ["e1"]
    assert (tmp_path / "events_20261125T000000_0.jsonl.refused").exists()
    assert not sealed_segments(tmp_path)


def spooled(directory: Path, *event_ids: str) -> None:
    spool = Spool(directory)
    spool.append("".join(json.dumps(event(one)) + "\n" for one in event_ids).encode())
    spool.close()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--host", "0.0.0.0"], "set QUANYU_COLLECT_KEY"),  # noqa: S104
        (["--host", "::"], "set QUANYU_COLLECT_KEY"),
        (["--host", "nobody.invalid"], "set QUANYU_COLLECT_KEY"),
        (
            ["--host", "127.0.0.1", "--port", "{port}"],
            "Nothing can listen on 127.0.0.1",
        ),
        (["--port", "0", "--spool", "/dev/null/spool"], "cannot be written to"),
        (["--land-only", "--spool", "/dev/null"], "is no folder"),
    ],
)
def test_what_cannot_be_started_is_one_sentence(
    running: Collector,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    said: str,
) -> None:
    monkeypatch.delenv("QUANYU_COLLECT_KEY", raising=False)
    given = [one.format(port=running.port) for one in options]
    ended = CliRunner().invoke(app, ["collect", *given])
    assert ended.exit_code == 1
    assert re.search(said, ended.output.replace("\n", " ")), ended.output
