"""`quanyu sync` with a committed sync, from plan to status."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from tests.integration.activation_world import World, people, phone_of
from warehouse.connection import Connection

SYNC = "second_order_due_to_file"


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["sync", *arguments])
    return result.exit_code, result.output


@pytest.fixture
def world(conn: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("QUANYU_HOME", str(tmp_path))
    made = World(conn, people(30))
    conn.execute(
        "alter table tags.customer_tags_wide"
        " add brand_main text, add channel_first_channel text"
    )
    conn.commit()
    return made


def test_plan_apply_status(world: World, tmp_path: Path) -> None:
    parts = tmp_path / "outbound" / SYNC

    code, output = run("plan", SYNC, "--base-date", "2017-11-30")
    assert (code, "nothing is sent" in output) == (0, True)
    assert "+86138****" in output
    assert phone_of(1)[-8:] not in output
    assert not parts.exists()

    code, output = run("apply", SYNC, "--base-date", "2017-11-30")
    assert (code, "done" in output) == (0, True)
    assert len(list(parts.glob("*/manifest.json"))) == 1

    code, output = run("status", SYNC)
    assert (code, "the destination holds" in output) == (0, True)


def test_blocked_has_its_own_exit_code(world: World) -> None:
    for person in world.people.values():
        person.in_segment = False
    world.write()
    for command in ("plan", "apply"):
        code, output = run(command, SYNC, "--base-date", "2017-11-30")
        assert code == 3
        assert "holds 0 rows, fewer than" in " ".join(output.split())


def test_mistakes_are_one_sentence(conn: Connection) -> None:
    for arguments, sentence in (
        (["plan", "no_such_sync"], "There is no sync 'no_such_sync'"),
        (["plan", SYNC], "No day has been landed completely yet"),
        (
            ["plan", SYNC, "--base-date", "2017-11-30"],
            "build segments, marts and tags first",
        ),
    ):
        code, output = run(*arguments)
        assert code == 1
        assert sentence in " ".join(output.split())
        assert "Traceback" not in output
