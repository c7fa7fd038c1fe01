"""How much memory this benchmark and its server take, second by second."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import psutil

from benchmarks.observe.spans import Span
from warehouse.state import load

EVERY_SECONDS = 1.0


class Footprint:
    """Watch the memory of this process, its children and the project's PostgreSQL.

    Proportional set size: a page shared by ten backends counts once in all.
    """

    def __init__(self) -> None:
        self._samples: list[tuple[float, int]] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Footprint:
        """Begin to watch."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop to watch."""
        self._stop.set()
        self._thread.join()

    def peak_mb(self, span: Span) -> int:
        """Return the most memory seen from just before a span to just after it."""
        seen = [
            size
            for at, size in self._samples
            if span.began - EVERY_SECONDS <= at <= span.ended + EVERY_SECONDS
        ]
        return max(seen, default=0) >> 20

    def _watch(self) -> None:
        while not self._stop.wait(EVERY_SECONDS):
            size = tree_bytes(os.getpid()) + _server_bytes()
            self._samples.append((time.time(), size))


def tree_bytes(number: int) -> int:
    """Return the memory of a process and its descendants; 0 when it is gone."""
    try:
        root = psutil.Process(number)
        tree = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    return sum(map(_share, tree))


def _server_bytes() -> int:
    server = load()
    try:
        pid_file = (server.data / "postmaster.pid") if server else Path()
        return tree_bytes(int(pid_file.read_text().split("\n")[0]))
    except OSError:
        return 0


def _share(process: psutil.Process) -> int:
    """Return a process' memory, of shared pages its part (Linux) or all of them."""
    try:
        rollup = Path(f"/proc/{process.pid}/smaps_rollup")
        if not rollup.exists():
            return int(process.memory_info().rss)
        for line in rollup.read_text("utf-8").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except (psutil.NoSuchProcess, ProcessLookupError, FileNotFoundError):
        pass
    return 0
