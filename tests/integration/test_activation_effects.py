"""Messages at most once, keyed effects exactly once, jobs, rates, tokens, approvals."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from activation import engine, operate
from activation.changes import GIVEN_UP_AFTER
from activation.destinations.base import (
    Batch,
    Destination,
    Lookup,
    QuotaError,
    RetryableError,
    SendResult,
)
from activation.explain import explain, preview
from activation.pace import RetryPolicy
from activation.receiver import Faults, Receiver
from activation.specs import SyncSpec
from tests.integration.activation_world import (
    DAY,
    World,
    apply_until_done,
    people,
    phone_of,
    sha256,
    webhook_sync,
)
from warehouse.connection import Connection
from warehouse.errors import QuanyuError

QUICK = RetryPolicy(attempts=4, base_s=0.001, cap_s=0.002)


def effect_sync(effect: str, max_rows: int = 3, **changes: Any) -> SyncSpec:
    plain = webhook_sync(max_rows=max_rows, holdout=None)
    content = plain.model_dump(mode="json", by_alias=True)
    content["destination"] |= {"effect": effect, "senders": 4}
    return SyncSpec.model_validate({**content, **changes})


def test_a_message_goes_out_at_most_once(conn: Connection, receiver: Receiver) -> None:
    world, sync = World(conn, people(20)), effect_sync("message", max_rows=1)
    receiver.forgetful.add(sync.name)
    receiver.faults = Faults(busy=0.2, lost=0.1, reset=0.1, seed=4)
    for _ in range(4):
        try:
            result = engine.apply(conn, sync, DAY, policy=QUICK)
        except QuanyuError as error:
            assert "stopped in run" in str(error)
    sends = Counter(receiver.sends(sync.name))
    unknown = operate.unknown_count(conn, sync)
    assert max(sends.values()) == 1
    assert 0 < unknown < 10
    assert len(world.expected(sync)) - unknown <= len(sends) <= 20
    # Attributes change, people leave and return: no reason to write again.
    world.people[3].tier = "silver"
    world.people[4].in_segment = False
    world.write()
    receiver.faults = Faults()
    engine.apply(conn, sync, DAY)
    world.people[4].in_segment = True
    world.write()
    result = engine.apply(conn, sync, DAY)
    assert (result.acked, result.removed) == (0, 0)
    # Only when somebody says so are the unknown ones written to again.
    released = operate.retry(conn, sync, unknown=True)
    assert released.unknown == unknown
    assert engine.apply(conn, sync, DAY).added == unknown
    assert set(receiver.sends(sync.name)) == set(world.expected(sync))


def test_a_grant_happens_once_and_again_when_its_time_comes(
    conn: Connection, receiver: Receiver
) -> None:
    world = World(conn, people(10))
    sync = effect_sync("keyed", repeat_after_days=30)
    receiver.faults = Faults(lost=0.4, seed=1)
    apply_until_done(conn, sync)
    assert Counter(receiver.sends(sync.name)) == dict.fromkeys(world.expected(sync), 1)
    assert engine.apply(conn, sync, DAY + timedelta(days=29)).acked == 0
    receiver.faults = Faults()
    assert engine.apply(conn, sync, DAY + timedelta(days=30)).added == 10
    assert Counter(receiver.sends(sync.name)) == dict.fromkeys(world.expected(sync), 2)


def test_no_message_in_quiet_hours_nor_after_an_opt_out(
    conn: Connection, receiver: Receiver
) -> None:
    World(conn, people(5))
    sync = effect_sync("message")
    conn.execute(
        "insert into seeds.quiet_hours values"
        " ('sms', localtime - interval '1 minute', localtime + interval '1 hour')"
    )
    conn.commit()
    waiting = engine.apply(conn, sync, DAY)
    assert (waiting.status, waiting.added) == ("waiting", 0)
    assert "quiet hours of sms" in str(waiting.reason)
    conn.execute("delete from seeds.quiet_hours")
    conn.execute("update activation.runs set resumes_at = now()")
    # Not in protect_suppressions, as if it came after the plan.
    conn.execute("insert into protection.protect_opt_outs values (2, 'sms', null)")
    conn.commit()
    result = engine.apply(conn, sync, DAY)
    assert (result.status, result.added) == ("done", 4)
    assert len(receiver.sends(sync.name)) == 4


class Channel(Destination):
    """A channel with receipts and jobs, as the engine sees one."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.is_deaf = False
        self.jobs: dict[str, Batch] = {}
        self.is_done = False

    def send(self, batch: Batch) -> SendResult:
        self.taken += [member.key for member in batch.members]
        if self.is_deaf:
            raise RetryableError("no answer")
        job = f"job-{len(self.jobs)}"
        self.jobs[job] = batch
        return SendResult(submitted=True, external_id=job)

    def poll(self, batch: Batch, external_id: str) -> SendResult | None:
        assert self.jobs[external_id].members == batch.members
        return SendResult() if self.is_done else None

    def lookup(self, batch: Batch) -> Lookup:
        keys = frozenset(member.key for member in batch.members)
        return Lookup(sent=keys & set(self.taken))


@pytest.fixture
def channel(monkeypatch: pytest.MonkeyPatch) -> Channel:
    made = Channel()
    monkeypatch.setattr(engine, "open_destination", lambda sync: made)
    return made


def test_receipts_settle_what_an_answer_did_not(
    conn: Connection, channel: Channel
) -> None:
    World(conn, people(4))
    channel.is_deaf = True
    result = engine.apply(conn, effect_sync("message", max_rows=2), DAY)
    assert (result.status, result.added, result.unknown) == ("done", 4, 0)
    assert len(channel.taken) == len(set(channel.taken)) == 4


def test_a_job_counts_when_the_channel_says_so(
    conn: Connection, channel: Channel
) -> None:
    world, sync = World(conn, people(4)), effect_sync("set")
    assert engine.apply(conn, sync, DAY).status == "waiting"
    world.people[1].in_segment = False
    world.write()
    again = engine.apply(conn, sync, DAY)
    assert (again.status, len(channel.jobs)) == ("waiting", 2)
    assert engine.settle(conn, sync, DAY) == 0
    channel.is_done = True
    assert engine.settle(conn, sync, DAY) == 4
    statuses = "select status, acked_rows from activation.runs order by run_id"
    assert conn.execute(statuses).fetchall() == [("done", 4)]
    assert engine.apply(conn, sync, DAY).status == "waiting"  # the removal is a job too
    assert engine.settle(conn, sync, DAY) == 1


def test_eight_senders_renew_one_token(
    conn: Connection, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, plain = World(conn, people(60)), webhook_sync(max_rows=1, holdout=None)
    monkeypatch.setenv("QUANYU_TOKEN_URL", receiver.url.replace("/webhook", "/token"))
    monkeypatch.setenv("QUANYU_TOKEN_ID", "quanyu")
    monkeypatch.setenv("QUANYU_TOKEN_SECRET", "secret")
    content = plain.model_dump(mode="json", by_alias=True)
    content["destination"] |= {
        "senders": 8,
        "token_url_env": "QUANYU_TOKEN_URL",
        "client_id_env": "QUANYU_TOKEN_ID",
        "client_secret_env": "QUANYU_TOKEN_SECRET",
    }
    sync = SyncSpec.model_validate(content)
    receiver.faults = Faults(token_requests=40)
    assert engine.apply(conn, sync, DAY, policy=QUICK).added == 60
    assert receiver.tokens_issued == 2  # the first, and one for all eight
    assert receiver.members(sync.name) == world.expected(sync)


def test_an_account_is_asked_no_faster_than_it_allows(
    conn: Connection, receiver: Receiver
) -> None:
    World(conn, people(12))
    plain = effect_sync("set", max_rows=1)
    content = plain.model_dump(mode="json", by_alias=True)
    content["destination"]["rate"] = {"account": "a", "per_s": 20, "burst": 2}
    begun = time.monotonic()
    assert engine.apply(conn, SyncSpec.model_validate(content), DAY).added == 12
    assert time.monotonic() - begun >= 10 / 20
    # Another sync of the account finds it blocked for a while.
    conn.execute("select activation.block_account('a', now() + interval '1 hour')")
    conn.commit()
    content["name"] = "another"
    with pytest.raises(QuanyuError, match="the account may send again in 3"):
        engine.apply(conn, SyncSpec.model_validate(content), DAY)
    assert receiver.members("another") == {}


def test_what_is_refused_for_good_waits_for_a_change_or_a_retry(
    conn: Connection, receiver: Receiver
) -> None:
    world, sync = World(conn, people(4)), webhook_sync(holdout=None)
    bad = sorted(world.expected(sync))[0]
    receiver.faults.reject = {bad}
    engine.apply(conn, sync, DAY)
    conn.execute("update activation.rejects set attempts = %s", [GIVEN_UP_AFTER])
    conn.commit()
    requests = receiver.requests
    assert engine.apply(conn, sync, DAY).rejected == 0
    assert receiver.requests == requests
    assert conn.execute("select count(*) from activation.v_rejects").fetchone() == (1,)
    receiver.faults.reject = set()
    person = next(p for p in world.people.values() if sha256(p) == bad)
    person.tier = "silver"
    world.write()
    assert engine.apply(conn, sync, DAY).added == 1
    # The same again, lifted by hand.
    person.tier = "gold"
    world.write()
    receiver.faults.reject = {bad}
    engine.apply(conn, sync, DAY)
    conn.execute("update activation.rejects set attempts = %s", [GIVEN_UP_AFTER])
    receiver.faults.reject = set()
    assert operate.retry(conn, sync).rejected == 1
    assert engine.apply(conn, sync, DAY).updated == 1


def test_an_approval_is_of_the_sentence_it_was_given_to(
    conn: Connection, receiver: Receiver
) -> None:
    world = World(conn, people(60))
    sync = webhook_sync(holdout=None, guard={"max_remove_pct": 20})
    with pytest.raises(QuanyuError, match="nothing to approve"):
        operate.approve(conn, sync, DAY, "li.na")
    engine.apply(conn, sync, DAY)
    for key in range(1, 31):
        world.people[key].in_segment = False
    world.write()
    assert "would remove 30 of 60" in operate.approve(conn, sync, DAY, "li.na")
    world.people[31].in_segment = False
    world.write()
    assert engine.apply(conn, sync, DAY).status == "blocked"
    world.people[31].in_segment = True
    world.write()
    assert engine.apply(conn, sync, DAY).removed == 30
    approved = "select approved_by from activation.v_sync_runs where approved_by <> ''"
    assert conn.execute(approved).fetchall() == [("li.na",)]
    # It is used up: the same sentence another day asks again.
    for person in world.people.values():
        person.in_segment = True
    world.write()
    engine.apply(conn, sync, DAY)
    for key in range(1, 31):
        world.people[key].in_segment = False
    world.write()
    assert engine.apply(conn, sync, DAY).status == "blocked"


def test_more_people_than_ever_ask_first(conn: Connection, receiver: Receiver) -> None:
    world = World(conn, people(40))
    for key in range(5, 41):
        world.people[key].in_segment = False
    world.write()
    sync = webhook_sync(holdout=None, guard={"max_add_factor": 3})
    assert engine.apply(conn, sync, DAY).added == 4
    for person in world.people.values():
        person.in_segment = True
    world.write()
    blocked = engine.apply(conn, sync, DAY)
    assert "would add 36 people to the 4 held" in str(blocked.reason)


def test_one_person_of_a_sync(conn: Connection, receiver: Receiver) -> None:
    world, sync = World(conn, people(6)), webhook_sync(holdout=None)
    world.people[2].is_suppressed = True
    world.write()
    engine.apply(conn, sync, DAY)
    row = preview(conn, sync, DAY, 1)
    assert (row.reason, row.fields["tier"]) == (None, "gold")
    found = explain(conn, sync, DAY, 2)
    assert found.row.reason == "marketing_suppressed"
    assert [rule[0] for rule in found.rules] == ["marketing_suppressed"]
    assert found.held is None
    sent = explain(conn, sync, DAY, 1)
    assert sent.held is not None
    assert [line[2:4] for line in sent.log] == [("add", "acked")]
    shown = str(row) + str(sent)
    assert phone_of(1) not in shown
    assert sha256(world.people[1]) not in shown
    with pytest.raises(QuanyuError, match="Customer 99 is not in seg_second_order_due"):
        preview(conn, sync, DAY, 99)


def test_a_day_that_is_over_while_settling_is_waited_for(
    conn: Connection, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    World(conn, people(2))
    sync = effect_sync("set")
    channel.is_deaf = True
    with pytest.raises(QuanyuError, match="stopped in run"):
        engine.apply(conn, sync, DAY, policy=RetryPolicy(attempts=1))
    row = conn.execute("select now() + interval '1 hour'").fetchone()
    conn.commit()

    def spent(batch: Batch) -> SendResult:
        raise QuotaError("the day is spent", row[0] if row else None)

    monkeypatch.setattr(channel, "send", spent)
    assert engine.apply(conn, sync, DAY).status == "waiting"
    assert engine.apply(conn, sync, DAY).status == "waiting"
