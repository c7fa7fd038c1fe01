"""Any history of people, consents, phones and identities: the remote set follows."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from activation.receiver import Faults, Receiver, serve
from tests.integration.activation_world import (
    SECRET,
    World,
    apply_until_done,
    assert_each_effect_once,
    assert_ledger_sound,
    people,
    phone_of,
    webhook_sync,
)
from warehouse.connection import connect

PEOPLE = 6
_names = itertools.count()
SOMEBODY = st.integers(0, 20)


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Receiver]:
    directory: Path = tmp_path_factory.mktemp("receiver")
    with (
        serve(secret=SECRET, directory=directory) as running,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("QUANYU_WEBHOOK_URL", running.url)
        patch.setenv("QUANYU_WEBHOOK_SECRET", SECRET)
        yield running


@pytest.fixture(scope="module")
def world(module_database: str) -> Iterator[World]:
    with connect(module_database) as conn:
        yield World(conn, {})


class History(RuleBasedStateMachine):
    """Days of events, each ended by a push over a bad network."""

    world: World
    receiver: Receiver

    @initialize(effect=st.sampled_from(["set", "set", "keyed"]))
    def begin(self, effect: str) -> None:
        # A sync of its own for each history: it begins with nobody held.
        plain = webhook_sync(
            max_rows=2,
            name=f"history_{next(_names)}",
            holdout=None,
            guard={"min_rows": 0},
        )
        destination = plain.destination.model_copy(
            update={"effect": effect, "senders": 2}
        )
        self.sync = plain.model_copy(update={"destination": destination})
        self.world.people = people(PEOPLE)
        self.ever: set[str] = set()
        self.next_id = itertools.count(PEOPLE + 1)

    def one(self, number: int) -> int:
        """Some customer there is."""
        ids = sorted(self.world.people)
        return ids[number % len(ids)]

    @rule(who=SOMEBODY)
    def joins_or_leaves(self, who: int) -> None:
        person = self.world.people[self.one(who)]
        person.in_segment = not person.in_segment

    @rule(who=SOMEBODY, said=st.sampled_from(["granted", "withdrawn"]))
    def decides_on_consent(self, who: int, said: str) -> None:
        self.world.people[self.one(who)].consents.append(said)

    @rule(who=SOMEBODY)
    def is_suppressed_or_not(self, who: int) -> None:
        person = self.world.people[self.one(who)]
        person.is_suppressed = not person.is_suppressed

    @rule(who=SOMEBODY, number=st.integers(0, PEOPLE + 2))
    def changes_phone(self, who: int, number: int) -> None:
        # Few numbers, so that people share and recycle them; 0 is no phone.
        phone = phone_of(number) if number else None
        self.world.people[self.one(who)].phone = phone

    @rule(who=SOMEBODY, tier=st.integers(0, 3))
    def changes_tier(self, who: int, tier: int) -> None:
        self.world.people[self.one(who)].tier = f"tier{tier}"

    @rule(who=SOMEBODY, into=SOMEBODY)
    def are_found_to_be_one(self, who: int, into: int) -> None:
        """OneID merges two customers: one id ends, the other takes what it had."""
        gone, stays = self.one(who), self.one(into)
        if gone == stays:
            return
        old, person = self.world.people.pop(gone), self.world.people[stays]
        person.phone = person.phone or old.phone
        person.consents += old.consents
        person.in_segment = person.in_segment or old.in_segment
        person.is_suppressed = person.is_suppressed or old.is_suppressed

    @rule(who=SOMEBODY, keeps_phone=st.booleans())
    def are_found_to_be_two(self, who: int, keeps_phone: bool) -> None:
        """OneID splits a customer: the phone stays or goes to the new id."""
        person = self.world.people[self.one(who)]
        other = replace(person, consents=list(person.consents))
        (other if keeps_phone else person).phone = None
        self.world.people[next(self.next_id)] = other

    @rule(seed=st.integers(0, 1000))
    def push(self, seed: int) -> None:
        world, sync = self.world, self.sync
        self.receiver.faults = Faults(
            busy=0.1, down=0.1, lost=0.15, reset=0.1, cut=0.05, seed=seed
        )
        world.write()
        expected = world.expected(sync)
        apply_until_done(world.conn, sync)
        if sync.effect == "keyed":
            self.ever |= set(expected)
            sends = Counter(self.receiver.sends(sync.name))
            assert sends == dict.fromkeys(self.ever, 1)
        else:
            assert self.receiver.members(sync.name) == expected
            assert_ledger_sound(world.conn, sync, set(expected))

    def teardown(self) -> None:
        if hasattr(self, "sync"):
            self.push(0)
            assert_each_effect_once(self.receiver.effects(self.sync.name))


def test_remote_set_follows_every_history(world: World, receiver: Receiver) -> None:
    History.world, History.receiver = world, receiver
    run_state_machine_as_test(
        History, settings=settings(max_examples=12, stateful_step_count=14)
    )
