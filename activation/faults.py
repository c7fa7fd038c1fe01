"""Labelled points at which a test may kill this process, as a power cut would.

`QUANYU_FAULT=after_send:2` kills at the second passage of the point `after_send`.
Without the variable a point does nothing.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter

POINTS = (
    "after_plan_commit",
    "before_send",
    "part_written",
    "after_send",
    "token_fetched",
    "before_ack_commit",
    "after_ack",
    "before_poll",
    "after_poll",
    "before_close",
    "manifest_written",
    "after_close",
    "before_finish",
)

_passages: Counter[str] = Counter()
_lock = threading.Lock()


def point(label: str) -> None:
    """Pass a point; die here, without any clean-up, when QUANYU_FAULT names it."""
    wanted = os.environ.get("QUANYU_FAULT")
    if not wanted:
        return
    name, _, nth = wanted.partition(":")
    with _lock:
        _passages[label] += 1
        reached = label == name and _passages[label] == int(nth or 1)
    if reached:
        os.kill(os.getpid(), signal.SIGKILL)
