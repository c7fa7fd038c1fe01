"""One server for all workers of a test run, and what is made once for them all."""

from __future__ import annotations

import fcntl
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from warehouse import server, tuning


@contextmanager
def state_folder() -> Iterator[Path]:
    """Make a folder for a QUANYU_HOME of the tests' own.

    Not in pytest's own temporary folder: it is closed to `nobody`, who runs the server
    when the tests run as root.
    """
    home = Path(tempfile.mkdtemp(prefix="quanyu-test-"))
    home.chmod(0o755)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def at_home(home: Path) -> Iterator[None]:
    """Work with this QUANYU_HOME and no other warehouse."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUANYU_HOME", str(home))
        patch.delenv("QUANYU_DATABASE_URL", raising=False)
        yield


@contextmanager
def running_server(home: Path) -> Iterator[str]:
    """Start a server that need not outlive a power cut; yield its address."""
    settings = tuning.server_settings
    with at_home(home), pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            tuning, "server_settings", lambda *of: settings(*of) | {"fsync": "off"}
        )
        server.up()
        url = server.running_url()
    try:
        yield url
    finally:
        with at_home(home):
            server.delete()


def once(folder: Path, name: str, make: Callable[[], Any]) -> Any:
    """Return what `make` returned to whichever worker came first, as JSON keeps it.

    The other workers wait for it; when it fails, the next one tries.
    """
    done = folder / f"{name}.json"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            done.write_text(json.dumps(make()), "utf-8")
    return json.loads(done.read_text("utf-8"))
