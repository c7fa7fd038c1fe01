"""WeCom tags and messages against the stub, a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from activation.destinations.base import (
    BatchError,
    Destination,
    FatalError,
    Member,
    RetryableError,
)
from tests.integration.destinations.sending import batch, opened, sync_to
from tests.stubs.running import RunningStub, running_stub
from warehouse.errors import QuanyuError

ACCOUNT = {"corp_id_env": "TEST_CORP", "secret_env": "TEST_SECRET"}
PAIRS = [[f"g{n % 3}", f"wm{n}"] for n in range(40)]


@pytest.fixture
def stub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningStub]:
    with running_stub("wecom", tmp_path / "stub") as running:
        monkeypatch.setenv("QUANYU_HOME", str(tmp_path))
        monkeypatch.setenv("TEST_CORP", "ww_test")
        monkeypatch.setenv("TEST_SECRET", "corp-secret")
        monkeypatch.setenv("TEST_URL", running.url)
        running.tell(relations=PAIRS, tags=["et_vip", "et_gold", "et_silver"])
        yield running


def tags(**settings: Any) -> Destination:
    fields = {"contact": {"from": "contact.wecom_contact", "scope": "wecom_group"}}
    if "tag_ids" in settings:
        fields["tag"] = {"from": "tags.tier"}
    destination = {"type": "wecom_tag", "url_env": "TEST_URL", **ACCOUNT, **settings}
    return opened(sync_to(destination, "contact", fields))


def messages() -> Destination:
    contact = {"from": "contact.wecom_external_userid", "scope": "wecom_group"}
    destination = {"type": "wecom_message", "url_env": "TEST_URL", "text": "二单券"}
    return opened(sync_to({**destination, **ACCOUNT}, "contact", {"contact": contact}))


def marks(stub: RunningStub) -> set[tuple[str, ...]]:
    rows = stub.query("select userid, external_userid, tag_id from marks")
    return {tuple(row) for row in rows}


def test_tags_are_set_moved_and_removed(stub: RunningStub) -> None:
    destination = tags(tag_ids={"gold": "et_gold", "silver": "et_silver"})
    first, second = Member("g0:wm0", {"tag": "gold"}), Member("g1:wm1", {"tag": "gold"})
    for _ in range(2):  # a repeat changes nothing
        destination.send(batch("add", first))
        destination.send(batch("add", second))
    assert marks(stub) == {("g0", "wm0", "et_gold"), ("g1", "wm1", "et_gold")}
    destination.send(batch("update", Member("g0:wm0", {"tag": "silver"})))
    destination.send(batch("remove", Member("g1:wm1")))
    assert marks(stub) == {("g0", "wm0", "et_silver")}
    with pytest.raises(BatchError, match="no tag for this value"):
        destination.send(batch("add", Member("g2:wm2", {"tag": "bronze"})))


def test_forty_senders_wait_for_their_five_places(stub: RunningStub) -> None:
    destination = tags(tag_id="et_vip")
    members = [Member(f"{guide}:{contact}") for guide, contact in PAIRS]

    def patient(member: Member) -> None:
        while True:
            try:
                destination.send(batch("add", member))
            except RetryableError as error:
                assert not error.maybe_taken
            else:
                return

    with ThreadPoolExecutor(destination.senders) as pool:
        list(pool.map(patient, members))
    assert marks(stub) == {(*pair, "et_vip") for pair in PAIRS}
    assert stub.query("select count(*) from calls where path = 'gettoken'") == [[1]]


def test_a_token_that_dies_early_is_fetched_once(stub: RunningStub) -> None:
    destination = tags(tag_id="et_vip")
    destination.send(batch("add", Member("g0:wm0")))
    stub.tell(invalidate=True)
    with ThreadPoolExecutor(5) as pool:
        sent = [
            pool.submit(destination.send, batch("add", Member(f"{guide}:{contact}")))
            for guide, contact in PAIRS[:5]
        ]
    assert [one.result().errors for one in sent] == [()] * 5
    assert stub.query("select count(*) from calls where path = 'gettoken'") == [[2]]


def test_who_left_the_guide_is_refused_but_gone_all_the_same(stub: RunningStub) -> None:
    destination = tags(tag_id="et_vip")
    with pytest.raises(BatchError) as caught:
        destination.send(batch("add", Member("g0:stranger")))
    assert caught.value.code == "84061"
    assert destination.send(batch("remove", Member("g0:stranger"))).errors == ()


@pytest.mark.parametrize(
    ("fault", "error", "maybe_taken"),
    [
        ({"kind": "status", "status": 429, "retry_after": 7}, RetryableError, False),
        ({"kind": "status", "status": 502}, RetryableError, True),
        ({"kind": "reset"}, RetryableError, True),
        ({"kind": "lost"}, RetryableError, True),
        ({"kind": "garbage"}, RetryableError, True),
        ({"kind": "body", "body": {"errcode": -1}}, RetryableError, True),
        ({"kind": "body", "body": {"errcode": 45009}}, RetryableError, False),
        ({"kind": "body", "body": {"errcode": 48002}}, FatalError, None),
        ({"kind": "body", "body": {"errcode": 40096}}, BatchError, None),
    ],
)
def test_faults_say_what_to_do(
    stub: RunningStub,
    fault: dict[str, Any],
    error: type[Exception],
    maybe_taken: bool | None,
) -> None:
    destination = messages()
    stub.misbehave({"path": "add_msg_template", **fault})
    with pytest.raises(error) as caught:
        destination.send(batch("add", Member("wm1")))
    assert getattr(caught.value, "maybe_taken", None) is maybe_taken
    taken = stub.query("select count(*) from messages")[0][0]
    assert taken == (fault["kind"] in ("lost", "garbage"))


def test_message_names_who_has_no_guide_and_waits_for_the_guides(
    stub: RunningStub,
) -> None:
    result = messages().send(batch("add", Member("wm1"), Member("nobody")))
    assert [error.key for error in result.errors] == ["nobody"]
    states = "select external_userid, status from messages"
    assert stub.query(states) == [["wm1", 0]]
    stub.tell(confirm=result.response["msgid"])
    assert stub.query(states) == [["wm1", 1]]


def test_wrong_secret_and_missing_variable_are_one_sentence(
    stub: RunningStub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEST_SECRET", "wrong")
    with pytest.raises(FatalError, match="corp id or secret is wrong"):
        messages().send(batch("add", Member("wm1")))
    monkeypatch.delenv("TEST_SECRET")
    with pytest.raises(QuanyuError, match="TEST_SECRET, which is not set"):
        messages()
