"""How much memory this benchmark and its server take, second by second."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

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
            self._samples.append((time.time(), sum(map(_bytes, _processes()))))


def _processes() -> Iterator[psutil.Process]:
    yield from psutil.Process().children(recursive=True)
    server = load()
    try:
        if server is not None:
            number = (server.data / "postmaster.pid").read_text().split("\n")[0]
            postmaster = psutil.Process(int(number))
            yield postmaster
            yield from postmaster.children(recursive=True)
    except (OSError, psutil.NoSuchProcess):
        return


def _bytes(process: psutil.Process) -> int:
    try:
        return int(process.memory_full_info().pss)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0
