"""Starts a stub as a process of its own, and speaks to its side of the test."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class RunningStub:
    """A stub that answers at `url`."""

    url: str

    def tell(self, **command: Any) -> Any:
        """Give the stub a command of the test."""
        request = urllib.request.Request(  # noqa: S310 (our own process)
            f"{self.url}/_stub", json.dumps(command).encode(), method="POST"
        )
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return json.load(answer)

    def query(self, statement: str) -> list[list[Any]]:
        """Read what the stub holds."""
        rows: list[list[Any]] = self.tell(query=statement)
        return rows

    def misbehave(self, *faults: dict[str, Any]) -> None:
        """Set the faults to come; without any, it behaves."""
        self.tell(faults=list(faults))


@contextmanager
def running_stub(channel: str, directory: Path) -> Iterator[RunningStub]:
    """Run the stub of a channel for the time of a block; what it holds stays."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"tests.stubs.{channel}", "--data", str(directory)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield RunningStub(f"http://127.0.0.1:{int(process.stdout.readline())}")
    finally:
        process.kill()
        process.wait()
