"""kill -9 at every labelled point of apply, then apply again: nothing lost or twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from activation import engine
from activation.pace import RetryPolicy
from activation.receiver import Faults, serve
from activation.specs import SyncSpec
from tests.integration.activation_world import (
    DAY,
    SECRET,
    World,
    assert_each_effect_once,
    assert_ledger_sound,
    file_sync,
    people,
    read_files,
    webhook_sync,
)
from warehouse.connection import Connection
from warehouse.errors import QuanyuError

_APPLY = """
import sys
from activation import engine
from activation.specs import SyncSpec
from tests.integration.activation_world import DAY
from warehouse.connection import connect

with connect() as conn:
    engine.apply(conn, SyncSpec.model_validate_json(sys.argv[1]), DAY)
"""

WEBHOOK_POINTS = (
    "after_plan_commit",
    "before_send",
    "before_send:3",
    "after_send",
    "after_send:2",
    "before_ack_commit",
    "before_ack_commit:3",
    "after_ack:2",
    "before_finish",
)
FILE_POINTS = (
    "after_plan_commit",
    "before_send:2",
    "part_written",
    "part_written:3",
    "after_send:2",
    "before_close",
    "manifest_written",
    "after_close",
    "before_ack_commit",
    "after_ack",
    "before_finish",
)


def kill_apply_at(point: str, sync: SyncSpec) -> None:
    """Run apply in a process of its own that dies at a point."""
    ended = subprocess.run(
        [sys.executable, "-c", _APPLY, sync.model_dump_json(by_alias=True)],
        env={
            **os.environ,
            "QUANYU_FAULT": point,
            "PYTHONPATH": str(Path(__file__).parents[2]),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert ended.stdout + ended.stderr == ""


def change(world: World) -> None:
    """Let some leave, come, change, and withdraw."""
    for key in range(1, 9):
        world.people[key].in_segment = False
        world.people[key + 10].tier = "silver"
        world.people[key + 20].consents = ["granted", "withdrawn"]
        world.people[key + 30].in_segment = True
    world.write()


def world_with_a_first_push(conn: Connection, sync: SyncSpec) -> World:
    world = World(conn, people(45))
    for key in range(31, 39):
        world.people[key].in_segment = False
    world.write()
    engine.apply(conn, sync, DAY)
    change(world)
    return world


@pytest.mark.parametrize("point", WEBHOOK_POINTS)
def test_webhook(
    conn: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    sync = webhook_sync(max_rows=6)
    with serve(secret=SECRET, directory=tmp_path) as receiver:
        monkeypatch.setenv("QUANYU_WEBHOOK_URL", receiver.url)
        monkeypatch.setenv("QUANYU_WEBHOOK_SECRET", SECRET)
        world = world_with_a_first_push(conn, sync)
        kill_apply_at(point, sync)
        # Meanwhile the world goes on: consent is lost by people who may be in flight.
        for key in range(12, 16):
            world.people[key].consents.append("withdrawn")
        world.write()
        engine.apply(conn, sync, DAY)
        assert receiver.members(sync.name) == world.expected(sync)
        assert_each_effect_once(receiver.effects(sync.name))
    assert_ledger_sound(conn, sync, set(world.expected(sync)))
    assert_changelog_holds_each_change_once(conn)


@pytest.mark.parametrize("point", FILE_POINTS)
def test_file(
    conn: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    monkeypatch.setenv("QUANYU_HOME", str(tmp_path))
    sync = file_sync(max_rows=6)
    world = world_with_a_first_push(conn, sync)
    kill_apply_at(point, sync)
    for key in range(12, 16):
        world.people[key].consents.append("withdrawn")
    world.write()
    engine.apply(conn, sync, DAY)
    assert read_files(tmp_path / "out" / sync.name) == world.expected(sync)
    assert_ledger_sound(conn, sync, set(world.expected(sync)))
    assert_changelog_holds_each_change_once(conn)


def test_killed_again_while_settling(
    conn: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync = webhook_sync(max_rows=6)
    with serve(secret=SECRET, directory=tmp_path) as receiver:
        monkeypatch.setenv("QUANYU_WEBHOOK_URL", receiver.url)
        monkeypatch.setenv("QUANYU_WEBHOOK_SECRET", SECRET)
        world = world_with_a_first_push(conn, sync)
        for point in ("after_send:2", "after_send", "before_ack_commit", "after_ack"):
            kill_apply_at(point, sync)
        engine.apply(conn, sync, DAY)
        assert receiver.members(sync.name) == world.expected(sync)
        assert_each_effect_once(receiver.effects(sync.name))
    assert_ledger_sound(conn, sync, set(world.expected(sync)))


def assert_changelog_holds_each_change_once(conn: Connection) -> None:
    """Replaying the changelog gives the state: no change is missing or doubled."""
    present: dict[str, bool] = {}
    for op, key in conn.execute(
        "select op, dest_key from activation.changelog where status = 'acked'"
        " order by run_id, dest_key"
    ):
        assert present.get(key, False) == (op != "add"), (op, key)
        present[key] = op != "remove"
    state = {
        key for (key,) in conn.execute("select dest_key from activation.member_state")
    }
    assert {key for key, held in present.items() if held} == state


def test_killed_while_an_earlier_stop_is_settled(
    conn: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The outbox of the stopped run goes too: it holds what people are reached by."""
    sync = webhook_sync(holdout=None)
    with serve(secret=SECRET, directory=tmp_path) as receiver:
        monkeypatch.setenv("QUANYU_WEBHOOK_URL", receiver.url)
        monkeypatch.setenv("QUANYU_WEBHOOK_SECRET", SECRET)
        world = World(conn, people(25))
        receiver.faults = Faults(lost=1.0)
        with pytest.raises(QuanyuError, match="stopped in run"):
            engine.apply(conn, sync, DAY, policy=RetryPolicy(attempts=1))
        receiver.faults = Faults()
        kill_apply_at("after_ack", sync)
        assert engine.apply(conn, sync, DAY).status == "done"
        assert receiver.members(sync.name) == world.expected(sync)
    assert_ledger_sound(conn, sync, set(world.expected(sync)))
