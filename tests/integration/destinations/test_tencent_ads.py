"""Tencent Ads against the stub: audiences made once, files as jobs, the day's limit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from activation.destinations.base import (
    BatchError,
    Destination,
    Member,
    QuotaError,
    RetryableError,
)
from tests.integration.destinations.sending import batch, opened, sync_to
from tests.stubs.running import RunningStub, running_stub

DESTINATION = {
    "type": "tencent_ads",
    "account_id_env": "TEST_ACCOUNT",
    "client_id_env": "TEST_CLIENT",
    "secret_env": "TEST_SECRET",
    "refresh_token_env": "TEST_REFRESH",
    "url_env": "TEST_URL",
    "audience_name": "高价值",
    "user_id_type": "HASH_MOBILE_PHONE",
}
FIELDS = {"mobile": {"from": "contact.phone", "as": "cn_mobile_md5"}}


@pytest.fixture
def stub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningStub]:
    with running_stub("tencent_ads", tmp_path / "stub") as running:
        monkeypatch.setenv("QUANYU_HOME", str(tmp_path))
        for name, value in (
            ("ACCOUNT", "55"),
            ("CLIENT", "1101"),
            ("SECRET", "ads-secret"),
            ("REFRESH", "refresh-0"),
            ("URL", running.url),
        ):
            monkeypatch.setenv(f"TEST_{name}", value)
        yield running


def destination() -> Destination:
    return opened(sync_to(DESTINATION, "mobile", FIELDS))


def member(number: int) -> Member:
    phone = f"138{number:08}".encode()
    return Member(hashlib.md5(phone, usedforsecurity=False).hexdigest())


def held(stub: RunningStub) -> set[str]:
    return {row[0] for row in stub.query("select id from members")}


def test_files_are_jobs_that_count_when_processed(stub: RunningStub) -> None:
    to = destination()
    added = batch("add", *map(member, range(5)))
    jobs = [to.send(added).external_id or "" for _ in range(2)]  # a repeat is harmless
    assert to.poll(added, jobs[0]) is None
    stub.tell(process=True)
    result = to.poll(added, jobs[0])
    assert result is not None
    assert result.response["user_count"] == 5
    # Another process goes on: the audience is the same one, the token is still good.
    to = destination()
    removed = batch("remove", member(0))
    job = to.send(removed).external_id or ""
    stub.tell(process=True)
    assert to.poll(removed, job) is not None
    assert held(stub) == {member(n).key for n in range(1, 5)}
    assert stub.query("select count(*) from audiences") == [[1]]
    assert stub.query("select count(*) from calls where path = 'refresh'") == [[1]]


def test_a_file_that_cannot_be_read_is_refused(stub: RunningStub) -> None:
    to, added = destination(), batch("add", member(1))
    job = to.send(added).external_id or ""
    stub.tell(process="failed")
    with pytest.raises(BatchError, match="malformed"):
        to.poll(added, job)


def test_limits_of_second_minute_and_day(stub: RunningStub) -> None:
    to, added = destination(), batch("add", member(1))
    for code, wait in ((11016, 1), (11017, 300), (11019, 1)):
        stub.misbehave({"kind": "body", "path": "files/add", "body": {"code": code}})
        with pytest.raises(RetryableError) as caught:
            to.send(added)
        assert (caught.value.retry_after, caught.value.maybe_taken) == (wait, False)
    for _ in range(20):
        to.send(added)
    with pytest.raises(QuotaError) as over:
        to.send(added)
    assert over.value.until.utcoffset() == timedelta(hours=8)


def test_an_expired_token_is_exchanged_for_the_next(stub: RunningStub) -> None:
    to = destination()
    for _ in range(2):
        stub.tell(expire=True)
        to.send(batch("add", member(1)))
    assert stub.query("select count(*) from calls where path = 'refresh'") == [[3]]
