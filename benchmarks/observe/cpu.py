"""CPU seconds of a piece of work: of this process, its children and PostgreSQL."""

from __future__ import annotations

import os
from pathlib import Path

import psutil

from warehouse.state import load


class CpuClock:
    """Tells CPU seconds (user and system) spent between entering and leaving.

    Children count when they have ended and been waited for; of the project's server
    all processes count, those that have ended through the postmaster.
    """

    seconds: float = 0.0

    def __enter__(self) -> CpuClock:
        """Begin to count."""
        self._began = _spent()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop to count."""
        self.seconds = _spent() - self._began


def _spent() -> float:
    own = psutil.Process(os.getpid()).cpu_times()
    return sum(own[:4]) + _server_seconds()


def _server_seconds() -> float:
    server = load()
    if server is None:
        return 0.0
    text = (Path(server.data) / "postmaster.pid").read_text("utf-8")
    postmaster = psutil.Process(int(text.split("\n")[0]))
    while True:
        backends = postmaster.children()
        try:
            alive = sum(sum(one.cpu_times()[:2]) for one in backends)
        except psutil.NoSuchProcess:
            continue  # ended just now: the postmaster has its seconds next time
        ended = sum(postmaster.cpu_times()[:4])
        if postmaster.children() == backends:
            return alive + ended
