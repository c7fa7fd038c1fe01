"""Any history of membership, consent, phones and attributes: the remote set follows."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activation.receiver import Faults, Receiver, serve
from tests.integration.activation_world import (
    SECRET,
    Person,
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


def joins_or_leaves(person: Person, value: int) -> None:
    person.in_segment = not person.in_segment


def decides_on_consent(person: Person, value: int) -> None:
    person.consents.append("granted" if value % 2 else "withdrawn")


def is_suppressed_or_not(person: Person, value: int) -> None:
    person.is_suppressed = not person.is_suppressed


def changes_phone(person: Person, value: int) -> None:
    """Few numbers, so that people share and recycle them; 0 is no phone."""
    person.phone = phone_of(value) if value else None


def changes_tier(person: Person, value: int) -> None:
    person.tier = f"tier{value}"


EVENT = st.tuples(
    st.integers(1, PEOPLE),
    st.sampled_from(
        [
            joins_or_leaves,
            decides_on_consent,
            is_suppressed_or_not,
            changes_phone,
            changes_tier,
        ]
    ),
    st.integers(0, PEOPLE + 2),
)
DAYS = st.lists(st.lists(EVENT, max_size=8), min_size=1, max_size=4)


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


@settings(
    max_examples=15,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(days=DAYS, seed=st.integers(0, 1000))
def test_remote_set_follows_every_history(
    world: World,
    receiver: Receiver,
    days: list[list[tuple[int, Callable[[Person, int], None], int]]],
    seed: int,
) -> None:
    # A sync of its own for each history: it begins with nobody held.
    sync = webhook_sync(
        max_rows=2, name=f"history_{next(_names)}", holdout=None, guard={"min_rows": 0}
    )
    receiver.faults = Faults(busy=0.1, down=0.1, lost=0.2, reset=0.1, seed=seed)
    world.people = people(PEOPLE)
    for events in days:
        for number, event, value in events:
            event(world.people[number], value)
        world.write()
        apply_until_done(world.conn, sync)
        assert receiver.members(sync.name) == world.expected(sync)
        assert_ledger_sound(world.conn, sync, set(world.expected(sync)))
    assert_each_effect_once(receiver.effects(sync.name))
