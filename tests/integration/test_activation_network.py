"""Trouble on the way: bad networks, lost answers and sessions, wrong secrets."""

from __future__ import annotations

import pytest

from activation import engine
from activation.pace import RetryPolicy
from activation.receiver import Faults, Receiver
from tests.integration.activation_world import (
    DAY,
    World,
    apply_until_done,
    assert_each_effect_once,
    assert_ledger_sound,
    people,
    sha256,
    webhook_sync,
)
from warehouse.connection import Connection, connect
from warehouse.errors import QuanyuError


@pytest.mark.parametrize("seed", range(6))
def test_end_state_survives_a_bad_network(
    conn: Connection, receiver: Receiver, seed: int
) -> None:
    world, sync = World(conn, people(80)), webhook_sync(max_rows=7)
    receiver.faults = Faults(busy=0.15, down=0.15, lost=0.2, reset=0.1, seed=seed)
    apply_until_done(conn, sync)
    for key in list(world.people)[::9]:
        world.people[key].in_segment = False
        world.people[key + 1].tier = "silver"
    world.write()
    apply_until_done(conn, sync)
    assert receiver.members(sync.name) == world.expected(sync)
    assert_each_effect_once(receiver.effects(sync.name))
    assert_ledger_sound(conn, sync, set(world.expected(sync)))


def test_giving_up_keeps_the_question_open_and_asks_it_again(
    conn: Connection, receiver: Receiver
) -> None:
    world, sync = World(conn, people(25)), webhook_sync(holdout=None)
    receiver.faults = Faults(lost=1.0)
    hasty = RetryPolicy(attempts=2, base_s=0.001)
    with pytest.raises(QuanyuError, match="stopped in run 1: ProtocolError"):
        engine.apply(conn, sync, DAY, policy=hasty)
    assert len(receiver.members(sync.name)) == 10  # applied, though nobody said so
    assert engine.plan(conn, sync, DAY).interrupted_rows == 10
    # One of the ten withdraws consent before the next run: not sent again, but removed.
    first = receiver.effects(sync.name)[0][1]
    person = next(n for n, p in world.people.items() if sha256(p) == first)
    world.people[person].consents.append("withdrawn")
    world.write()
    receiver.faults = Faults()
    result = engine.apply(conn, sync, DAY)
    assert (result.resumed, result.added, result.removed) == (9, 15, 1)
    assert receiver.members(sync.name) == world.expected(sync)
    assert receiver.effects(sync.name).count(("add", first)) == 1
    assert_ledger_sound(conn, sync, set(world.expected(sync)))


def test_refusal_after_a_lost_answer_is_not_taken_for_a_no(
    conn: Connection, receiver: Receiver
) -> None:
    world, sync = World(conn, people(10)), webhook_sync(holdout=None)
    receiver.faults = Faults(lost=1.0)
    with pytest.raises(QuanyuError):
        engine.apply(conn, sync, DAY, policy=RetryPolicy(attempts=1))
    assert len(receiver.members(sync.name)) == 10
    # Now the address is gone, and while it is, somebody leaves the segment.
    receiver.faults = Faults(status=410)
    with pytest.raises(QuanyuError, match="gone for good"):
        engine.apply(conn, sync, DAY)
    world.people[4].in_segment = False
    world.write()
    receiver.faults = Faults()
    assert engine.apply(conn, sync, DAY, approve=True).removed == 1
    assert receiver.members(sync.name) == world.expected(sync)
    assert_ledger_sound(conn, sync, set(world.expected(sync)))


class EndsSessions(Faults):
    """Ends the database session of apply when the third request comes in."""

    requests = 0

    def draw(self) -> str:
        self.requests += 1
        if self.requests == 3:
            with connect(autocommit=True) as admin:
                admin.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity"
                    " where application_name = 'victim'"
                )
        return "none"


def test_lost_database_session_is_one_sentence_and_no_loss(
    conn: Connection, receiver: Receiver
) -> None:
    world, sync = World(conn, people(50)), webhook_sync(holdout=None)
    receiver.faults = EndsSessions()
    with (
        pytest.raises(QuanyuError, match="connection to the warehouse broke"),
        connect(application_name="victim") as victim,
    ):
        engine.apply(victim, sync, DAY)
    result = engine.apply(conn, sync, DAY)
    assert (result.resumed, result.added) == (10, 20)
    assert receiver.members(sync.name) == world.expected(sync)
    assert_each_effect_once(receiver.effects(sync.name))
    assert_ledger_sound(conn, sync, set(world.expected(sync)))


def test_a_spent_day_is_waited_for_not_tried(
    conn: Connection, receiver: Receiver
) -> None:
    world, sync = World(conn, people(30)), webhook_sync(holdout=None)
    receiver.faults = Faults(quota=2)
    spent = engine.apply(conn, sync, DAY)
    assert (spent.status, spent.added) == ("waiting", 20)
    assert receiver.requests == 3
    early = engine.apply(conn, sync, DAY)
    assert (early.status, "goes on from" in str(early.reason)) == ("waiting", True)
    assert receiver.requests == 3
    conn.execute("update activation.runs set resumes_at = now()")
    conn.commit()
    receiver.faults = Faults()
    assert engine.apply(conn, sync, DAY).added == 10
    assert receiver.members(sync.name) == world.expected(sync)
    assert_ledger_sound(conn, sync, set(world.expected(sync)))


def test_gone_disables_until_approved(conn: Connection, receiver: Receiver) -> None:
    world, sync = World(conn, people(3)), webhook_sync(holdout=None)
    receiver.faults = Faults(status=410)
    with pytest.raises(QuanyuError, match="gone for good"):
        engine.apply(conn, sync, DAY)
    receiver.faults = Faults()
    blocked = engine.apply(conn, sync, DAY)
    assert blocked.status == "blocked"
    assert "disabled" in str(blocked.reason)
    assert receiver.members(sync.name) == {}
    assert engine.apply(conn, sync, DAY, approve=True).status == "done"
    assert receiver.members(sync.name) == world.expected(sync)


def test_wrong_secret_sends_nothing(
    conn: Connection, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    World(conn, people(3))
    monkeypatch.setenv("QUANYU_WEBHOOK_SECRET", "whsec_" + "QUJD" * 8)
    with pytest.raises(QuanyuError, match="HTTP 401: check address and secret"):
        engine.apply(conn, webhook_sync(holdout=None), DAY)
    assert receiver.members("due_to_webhook") == {}
    assert conn.execute("select status from activation.runs").fetchall() == [
        ("failed",)
    ]
