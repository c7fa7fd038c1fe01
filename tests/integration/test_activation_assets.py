"""Syncs as an operator meets them: the asset, its checks, the sensor that goes on."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest
import yaml

from activation import engine
from activation.receiver import Faults, Receiver
from activation.specs import load_sync
from orchestration.defs.activation import sensors
from orchestration.defs.activation.assets import judge, sync_asset
from orchestration.resources import Day
from tests.integration.activation_world import (
    DAY,
    World,
    people,
    sha256,
    webhook_sync,
)
from warehouse.connection import Connection, connect
from warehouse.locks import DAILY_LOCK


def push(*, apply_syncs: bool) -> dict[str, tuple[bool, str]]:
    """Materialize the asset of the test sync; return what its checks found."""
    day = Day(base_date=f"{DAY}", apply_syncs=apply_syncs)
    sync = webhook_sync(holdout=None, alert={"reject_pct": 10})
    done = dg.materialize([sync_asset(sync)], resources={"day": day})
    return {
        check.check_name: (check.passed, str(check.metadata["found"].value))
        for check in done.get_asset_check_evaluations()
    }


def test_checks_of_a_push(conn: Connection, receiver: Receiver) -> None:
    world = World(conn, people(20))
    assert push(apply_syncs=False)["recently_sent"] == (True, "never")
    receiver.faults = Faults(reject={sha256(world.people[1])})
    found = push(apply_syncs=True)
    assert found["unhindered"] == (False, "1")
    assert found["few_rejected"] == (True, "5.0%")
    assert found["recently_sent"] == (True, "0.0 hours ago")
    receiver.faults = Faults(reject={sha256(world.people[n]) for n in range(1, 6)})
    for number in range(2, 6):
        world.people[number].tier = "silver"
    world.write()
    assert push(apply_syncs=True)["few_rejected"][0] is False


@pytest.mark.parametrize(
    ("figures", "age_h", "is_applied", "failed"),
    [
        ({"added": 10}, 1.0, True, set()),
        ({"added": 10}, 40.0, True, {"recently_sent"}),
        ({"added": 10}, 40.0, False, set()),
        ({}, None, True, {"recently_sent"}),
        ({"added": 99, "rejected": 1}, 1.0, True, {"unhindered"}),
        ({"added": 9, "rejected": 1}, 1.0, True, {"unhindered", "few_rejected"}),
        ({"unknown": 3}, 1.0, True, {"unhindered"}),
        ({"reason": "seg holds 0 rows"}, 1.0, True, {"unhindered"}),
    ],
)
def test_what_turns_a_check_red(
    figures: dict[str, object], age_h: float | None, is_applied: bool, failed: set[str]
) -> None:
    found = judge(webhook_sync(), figures, age_h, is_applied)
    assert {name for name, passed, _ in found if not passed} == failed


def test_the_sensor_goes_on_when_the_channel_may_answer(
    conn: Connection,
    receiver: Receiver,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world, sync = World(conn, people(30)), webhook_sync(holdout=None)
    plain = sync.model_dump(mode="json", by_alias=True)
    (tmp_path / f"{sync.name}.yml").write_text(yaml.safe_dump(plain))
    monkeypatch.setattr(sensors, "load_sync", lambda name: load_sync(name, tmp_path))

    def evaluated() -> str:
        """What the sensor asks for, or why it does not."""
        result = sensors.channel_jobs()
        if isinstance(result, dg.SkipReason):
            return str(result.skip_message)
        return str(result.run_requests[0].tags["syncs"])

    assert evaluated() == "No sync waits for its channel."
    receiver.faults = Faults(quota=2)
    assert engine.apply(conn, sync, DAY).status == "waiting"
    receiver.faults = Faults()
    assert evaluated() == "No sync waits for its channel."  # not before tomorrow
    conn.execute("update activation.runs set resumes_at = now()")
    conn.commit()
    with connect() as day:
        day.execute("select pg_advisory_lock(%s)", [DAILY_LOCK])
        assert evaluated() == "A day is being made."
    assert evaluated() == sync.name
    assert sensors.resume_syncs.execute_in_process().success
    assert receiver.members(sync.name) == world.expected(sync)
    assert evaluated() == "No sync waits for its channel."
