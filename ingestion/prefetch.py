"""Read ahead in a thread while the consumer waits for the database."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")

# Seconds. The consumer waits for the database often and shortly; with Python's own 5 ms
# it would wait as long again for its turn beside a reader that never pauses.
SWITCH_INTERVAL = 0.0005


def prefetch(items: Iterator[Item], ahead: int = 4) -> Generator[Item, None, None]:
    """Yield the items in order, `ahead` of them made before they are asked for."""
    pool = ThreadPoolExecutor(1)
    with _quick_turns():
        try:
            pending = deque(pool.submit(next, items, None) for _ in range(ahead))
            while (item := pending.popleft().result()) is not None:
                pending.append(pool.submit(next, items, None))
                yield item
        finally:
            pool.shutdown(cancel_futures=True)


@contextmanager
def _quick_turns() -> Generator[None, None, None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(min(before, SWITCH_INTERVAL))
    try:
        yield
    finally:
        sys.setswitchinterval(before)
