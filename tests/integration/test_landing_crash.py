"""Kill -9 at any point of a load, load again: as if nothing had happened."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ingestion.landing import load_directory
from tests.integration.landing_drops import good_drops, state
from warehouse.connection import connect

# A load that kills itself: `when` names a function of landing, `call` which call of it,
# and whether before the call is made, in the middle of its COPY or after it.
CHILD = """
import os, signal, sys
from pathlib import Path
from ingestion import block, landing, ledger, reader
from ingestion.landing import load_directory
from warehouse.connection import connect

url, directory, function, point, call, block_bytes = sys.argv[1:]
landing.BATCH_FILES = 2
reader.BLOCK_BYTES = block.BLOCK_BYTES = int(block_bytes)
module = {"copy_csv": landing, "copy_rows": ledger}.get(function, ledger.Ledger)
original = getattr(module, function)
calls = 0

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def halves(chunks):
    for chunk in chunks:
        yield bytes(chunk)[: len(chunk) // 2]
        die()

def killed(*args):
    global calls
    calls += 1
    if calls != int(call):
        return original(*args)
    if point == "before":
        die()
    if point == "within":
        *others, chunks = args
        return original(*others, halves(chunks))
    original(*args)
    die()

setattr(module, function, killed)
with connect(url) as conn:
    load_directory(conn, Path(directory))
"""


@pytest.mark.parametrize(
    "crash",
    [
        ("copy_csv", "before", 1, 1 << 20),
        ("copy_csv", "within", 1, 1 << 20),
        ("copy_csv", "within", 5, 1 << 20),
        ("copy_csv", "after", 6, 1 << 20),
        ("copy_csv", "within", 3, 500),
        ("copy_csv", "after", 9, 500),
        ("copy_rows", "after", 2, 1 << 20),
        ("_write_drops", "after", 1, 1 << 20),
        ("_write_drops", "after", 3, 500),
        ("close", "before", 1, 1 << 20),
    ],
)
def test_a_killed_load_leaves_nothing_half_loaded(
    database: str,
    undisturbed: dict[str, list[tuple[object, ...]]],
    tmp_path: Path,
    crash: tuple[str, str, int, int],
) -> None:
    good_drops(tmp_path)
    arguments = [database, str(tmp_path), *map(str, crash)]
    child = subprocess.run([sys.executable, "-c", CHILD, *arguments], check=False)
    assert child.returncode == -signal.SIGKILL
    with connect(database) as conn:
        row = conn.execute(
            "select (select coalesce(sum(landed_row_count), 0) from landing.files),"
            " (select count(*) from raw_tmall.orders)"
            " + (select count(*) from raw_pos.stores)"
            " + (select count(*) from raw_youzan.trades)"
            " + (select count(*) from raw_youzan.events)"
        ).fetchone()
    assert row is not None and row[0] == row[1]
    with connect(database) as conn:
        load_directory(conn, tmp_path)
    assert state(database) == undisturbed


@pytest.fixture(scope="module")
def undisturbed(
    module_database: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[tuple[object, ...]]]:
    directory = good_drops(tmp_path_factory.mktemp("undisturbed"))
    with connect(module_database) as conn:
        load_directory(conn, directory)
    return state(module_database)
