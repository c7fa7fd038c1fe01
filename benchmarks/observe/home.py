"""A warehouse of a benchmark's own: started for it, removed after it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse.settings import state_dir

QUANYU = Path(sys.executable).with_name("quanyu")


def bench_dir(name: str) -> Path:
    """Return the folder of a benchmark, below the project's state."""
    return state_dir() / "bench" / name


def quanyu(*arguments: str) -> None:
    """Run a command of the project's own; end the benchmark when it fails."""
    done = subprocess.run(
        [QUANYU, *arguments], stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode:
        print(done.stdout)
        raise SystemExit(f"quanyu {' '.join(arguments)} failed")


def settle(home: Path) -> None:
    """Let this process and its children work in the warehouse of `home`."""
    os.environ["QUANYU_HOME"] = str(home)
    os.environ.pop("QUANYU_DATABASE_URL", None)


def discard(home: Path) -> None:
    """Stop the warehouse of `home` and remove its files."""
    if home.exists():
        settle(home)
        quanyu("down")
        shutil.rmtree(home)


@contextmanager
def warehouse(home: Path) -> Iterator[None]:
    """Run the body on an empty warehouse in `home`."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    settle(home)
    quanyu("up")
    try:
        yield
    finally:
        discard(home)
