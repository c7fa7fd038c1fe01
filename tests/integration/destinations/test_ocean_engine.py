"""Ocean Engine against the stub: uploads, parsing, one publication a day."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from activation.destinations.base import (
    Destination,
    FatalError,
    Member,
    Op,
    QuotaError,
    RetryableError,
    RunInfo,
)
from tests.integration.destinations.sending import RUN, batch, opened, sync_to
from tests.stubs.running import RunningStub, running_stub
from warehouse.connection import Connection

DESTINATION = {
    "type": "ocean_engine",
    "advertiser_id_env": "TEST_ADVERTISER",
    "app_id_env": "TEST_APP",
    "secret_env": "TEST_SECRET",
    "refresh_token_env": "TEST_REFRESH",
    "url_env": "TEST_URL",
    "audience_name": "高价值 90 天",
}
FIELDS = {"mobile_sha256": {"from": "contact.phone", "as": "cn_mobile_sha256"}}
SECOND = replace(RUN, run_id=13, run_key="2b3c4d5e-0000-0000-0000-000000000000")
DAY = timedelta(days=1)


@pytest.fixture
def stub(
    conn: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RunningStub]:
    with running_stub("ocean_engine", tmp_path / "stub") as running:
        monkeypatch.setenv("QUANYU_HOME", str(tmp_path))
        for name, value in (
            ("ADVERTISER", "77"),
            ("APP", "app-1"),
            ("SECRET", "app-secret"),
            ("REFRESH", "refresh-0"),
            ("URL", running.url),
        ):
            monkeypatch.setenv(f"TEST_{name}", value)
        yield running


def destination() -> Destination:
    return opened(sync_to(DESTINATION, "mobile_sha256", FIELDS))


def member(number: int) -> Member:
    return Member(hashlib.sha256(f"138{number:08}".encode()).hexdigest())


def send(to: Destination, op: Op, *numbers: int, chunk: int, run: RunInfo) -> None:
    members = map(member, numbers)
    assert to.send(batch(op, *members, chunk=chunk, run=run)).submitted


def held(stub: RunningStub, table: str = "published") -> set[str]:
    return {row[0] for row in stub.query(f"select id from {table}")}  # noqa: S608


def keys(*numbers: int) -> set[str]:
    return {member(number).key for number in numbers}


def a_day_passes(stub: RunningStub, conn: Connection) -> None:
    """For both sides: the stub's clock, and what we noted of ours."""
    stub.tell(ahead_s=DAY.total_seconds() + 1)
    earlier = (datetime.now(tz=UTC) - DAY - timedelta(seconds=1)).isoformat()
    conn.execute(
        "update activation.remote_objects set external_id = %s"
        " where kind = 'published_at'",
        [earlier],
    )
    conn.commit()


def test_first_load_then_changes_a_day_later(
    conn: Connection, stub: RunningStub
) -> None:
    to = destination()
    send(to, "add", *range(10), chunk=1, run=RUN)
    with pytest.raises(QuotaError, match="parsing") as caught:
        to.close(RUN, [1])
    assert timedelta(0) < caught.value.until - datetime.now(tz=UTC) < DAY
    # Another process takes the run up: nothing is uploaded or applied again.
    to = destination()
    send(to, "add", *range(10), chunk=1, run=RUN)
    with pytest.raises(QuotaError, match="parsing"):
        to.close(RUN, [1])
    assert stub.query("select count(*) from files") == [[1]]
    stub.tell(parse=True)
    assert held(stub) == set()
    for _ in range(2):
        to.close(RUN, [1])
    assert held(stub) == keys(*range(10))

    send(to, "remove", 0, 1, chunk=1, run=SECOND)
    send(to, "add", 10, chunk=2, run=SECOND)
    with pytest.raises(QuotaError, match="parsing"):
        to.close(SECOND, [1, 2])
    stub.tell(parse=True)
    with pytest.raises(QuotaError, match="once in 24 hours"):
        to.close(SECOND, [1, 2])
    assert held(stub) == keys(*range(10))
    a_day_passes(stub, conn)
    stub.tell(expire=True)  # and a new pair of tokens is fetched
    to.close(SECOND, [1, 2])
    assert held(stub) == keys(*range(2, 11))
    assert stub.query("select count(*) from sources") == [[1]]
    assert stub.query("select count(*) from calls where path = 'refresh'") == [[2]]
    kinds = conn.execute("select kind from activation.remote_objects").fetchall()
    assert len(kinds) == 3  # the data source, the last publication, the last run


def test_lost_answers_repeat_harmlessly(stub: RunningStub) -> None:
    to = destination()
    stub.misbehave(
        {"kind": "lost", "path": "upload/"},
        {"kind": "lost", "path": "update/"},
        {"kind": "lost", "path": "publish/"},
    )
    with pytest.raises(RetryableError):
        send(to, "add", 1, 2, chunk=1, run=RUN)
    send(to, "add", 1, 2, chunk=1, run=RUN)
    with pytest.raises(QuotaError):
        to.close(RUN, [1])
    stub.tell(parse=True)
    with pytest.raises(RetryableError):
        to.close(RUN, [1])
    to.close(RUN, [1])
    assert stub.query("select count(*) from publications") == [[1]]
    send(to, "remove", 2, chunk=1, run=SECOND)
    with pytest.raises(RetryableError):
        to.close(SECOND, [1])
    with pytest.raises(QuotaError):
        to.close(SECOND, [1])
    stub.tell(parse=True)
    assert held(stub, "members") == keys(1)


def test_files_that_cannot_be_parsed_are_sent_anew(stub: RunningStub) -> None:
    to = destination()
    send(to, "add", 1, chunk=1, run=RUN)
    with pytest.raises(QuotaError):
        to.close(RUN, [1])
    stub.tell(parse="failed")
    with pytest.raises(FatalError, match="could not parse"):
        to.close(RUN, [1])
    send(to, "add", 1, chunk=1, run=RUN)
    with pytest.raises(QuotaError):
        to.close(RUN, [1])
    stub.tell(parse=True)
    to.close(RUN, [1])
    assert held(stub) == keys(1)


def test_the_days_fifty_updates_are_over(stub: RunningStub) -> None:
    to = destination()
    send(to, "add", 1, chunk=1, run=RUN)
    with pytest.raises(QuotaError):
        to.close(RUN, [1])
    stub.tell(faults=[{"kind": "body", "path": "update/", "body": {"code": 40133}}])
    send(to, "add", 2, chunk=1, run=SECOND)
    with pytest.raises(QuotaError, match="40133") as caught:
        to.close(SECOND, [1])
    assert caught.value.until.utcoffset() == timedelta(hours=8)
    assert (caught.value.until.hour, caught.value.until.minute) == (0, 0)


def test_a_wrong_application_is_one_sentence(
    stub: RunningStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_SECRET", "wrong")
    with pytest.raises(FatalError, match="authorise the application anew"):
        send(destination(), "add", 1, chunk=1, run=RUN)
