"""The columnar copy: what is in it, and that it is there whole or not at all."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from audience.engine.build import PERSONAL, make_copy
from audience.engine.copy import ABOUT, copies_dir, current_copy, new_folder
from audience.engine.engine import Engine
from benchmarks.made.wide import BASE_DATE
from tests.integration.audience.conftest import PROJECT, World
from warehouse.errors import QuanyuError

# Kills itself while rows are written, or before either of the last two steps.
KILLED = """
import os, signal, sys
from datetime import date
from pathlib import Path
from audience.engine import build, copy
from warehouse.connection import connect

def killed(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

where = sys.argv[1]
build.ROW_GROUP = 100
if where == "rows":
    build._Written.keep_sample = killed
elif where == "rename":
    Path.rename = killed
elif where == "pointer":
    Path.replace = killed
with connect(sys.argv[3], autocommit=True) as conn:
    build.make_copy(conn, Path(sys.argv[2]), date(2018, 1, 1))
"""


def test_the_copy_holds_no_contact_points(world: World) -> None:
    schema = pq.read_schema(world.copy.people_file)
    vocabulary = world.copy.vocabulary()
    assert set(schema.names) == {
        *("customer_id", "standing"),
        *vocabulary.kinds,
        *vocabulary.segments,
    }
    keywords = pq.read_table(world.copy.people_file, columns=["behaviour_last_keyword"])
    found = keywords.column(0).to_pylist()
    assert found[:2] == [PERSONAL, PERSONAL]
    assert "奶粉 2" in found
    assert world.copy.about["personal_texts"] >= 2
    assert world.copy.people == len(world.people)


def test_the_same_rows_are_the_same_digest(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUANYU_HOME", str(tmp_path))
    with pytest.raises(QuanyuError, match="no columnar copy"):
        current_copy()
    told: list[tuple[int, int]] = []
    first = make_copy(
        world.conn, PROJECT, BASE_DATE, lambda done, total: told.append((done, total))
    )
    again = make_copy(world.conn, PROJECT, BASE_DATE)
    assert first.digest == again.digest == world.copy.digest
    assert first.people_file.read_bytes() == again.people_file.read_bytes()
    assert told == [(len(world.people), len(world.people))]
    # Who reads the one before may go on until the next is made.
    assert first.folder.exists()
    assert first.folder != again.folder
    make_copy(world.conn, PROJECT, BASE_DATE)
    assert not first.folder.exists() or first.folder == current_copy().folder


@pytest.mark.parametrize("where", ["rows", "rename", "pointer"])
def test_a_killed_build_leaves_the_copy_that_was(
    world: World, where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUANYU_HOME", str(tmp_path))
    home = copies_dir()
    home.mkdir()
    for part in (world.copy.folder.name, "current"):
        (home / part).symlink_to(world.copy.folder.parent / part)
    info = world.conn.info
    url = f"postgresql://{info.user}:{info.password}@{info.host}:{info.port}/{info.dbname}"
    command = [sys.executable, "-c", KILLED, where, str(PROJECT), url]
    done = subprocess.run(command, check=False)
    assert done.returncode == -signal.SIGKILL
    copy = current_copy()
    assert copy.digest == world.copy.digest
    assert Engine(copy).estimate("purchase_order_count is not null").selected > 0
    # What it left is removed by the next.
    with new_folder() as folder:
        assert not list(folder.iterdir())


def test_one_builder_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANYU_HOME", str(tmp_path))
    with (
        new_folder(),
        pytest.raises(QuanyuError, match="Another process is making"),
        new_folder(),
    ):
        pass


def test_a_copy_of_another_version_is_not_read(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUANYU_HOME", str(tmp_path))
    folder = copies_dir() / "old"
    folder.mkdir(parents=True)
    about = (world.copy.folder / ABOUT).read_text("utf-8")
    (folder / ABOUT).write_text(about.replace('"format": 1', '"format": 0'), "utf-8")
    (folder.parent / "current").write_text("old\n")
    with pytest.raises(QuanyuError, match="another version"):
        current_copy()
