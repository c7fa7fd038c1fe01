"""Sending: chunk by chunk, again when it makes sense, every answer into the ledger."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count
from random import SystemRandom
from typing import TypeVar

from activation import faults, ledger, outcome
from activation.destinations.base import (
    BatchError,
    Destination,
    FatalError,
    RetryableError,
    RowError,
    SendResult,
)
from activation.ledger import Chunk, Run
from warehouse.connection import Connection

Answer = TypeVar("Answer")
_RANDOM = SystemRandom()


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how long a run tries: attempts a request, seconds of waiting."""

    attempts: int = 8
    base_s: float = 0.5
    cap_s: float = 30
    budget_s: float = 300


class Retrier:
    """Repeats a request with full jitter, honours Retry-After, keeps to a budget."""

    def __init__(
        self,
        policy: RetryPolicy,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[float, float], float] = _RANDOM.uniform,
    ) -> None:
        self._policy = policy
        self.attempt = 0  # of the latest request
        self._left = policy.budget_s
        self._sleep = sleep
        self._jitter = jitter

    def call(self, request: Callable[[], Answer]) -> Answer:
        """Return the answer; raises the last RetryableError when patience is over."""
        for attempt in count(1):
            self.attempt = attempt
            try:
                return request()
            except RetryableError as error:
                ceiling = min(
                    self._policy.cap_s, self._policy.base_s * 2 ** (attempt - 1)
                )
                wait = self._jitter(0, ceiling) + (error.retry_after or 0)
                if attempt >= self._policy.attempts or wait > self._left:
                    raise RetryableError(
                        f"{error} (attempt {attempt}, next wait {wait:.0f} s)"
                    ) from error
                self._left -= wait
                self._sleep(wait)
        raise AssertionError("count() does not end")


def send_chunks(
    conn: Connection,
    run: Run,
    destination: Destination,
    retrier: Retrier,
    chunks: Iterable[Chunk],
) -> None:
    """Send chunks in order; halves of a refused one come next."""
    queue = deque(chunks)
    while queue:
        halves = _send_chunk(conn, run, destination, retrier, queue.popleft())
        queue.extendleft(reversed(halves))


def close_run(
    conn: Connection, run: Run, destination: Destination, retrier: Retrier
) -> None:
    """Let the destination publish what it only holds ready, then acknowledge it."""
    run_id = run.info.run_id
    submitted = [chunk.chunk for chunk in ledger.chunks(conn, run_id, ["submitted"])]
    if not submitted and ledger.chunks(conn, run_id, ["acked"]):
        return  # published before, or nothing that needs it
    faults.point("before_close")
    retrier.call(lambda: destination.close(run.info, submitted))
    faults.point("after_close")
    if submitted:
        outcome.acknowledge(conn, run, submitted)


def _send_chunk(
    conn: Connection,
    run: Run,
    destination: Destination,
    retrier: Retrier,
    chunk: Chunk,
) -> list[Chunk]:
    """Send one chunk and record the answer; returns the halves when it was refused."""
    run_id = run.info.run_id
    batch = ledger.read_batch(conn, run, chunk)
    ledger.mark_sending(conn, run_id, chunk.chunk)
    faults.point("before_send")
    try:
        result = retrier.call(lambda: destination.send(batch))
    except BatchError as error:
        if len(batch.members) > 1:
            return outcome.split(conn, run, chunk)
        refused = RowError(batch.members[0].key, error.code, str(error))
        result = SendResult(errors=(refused,))
    except FatalError:
        if chunk.attempts or retrier.attempt > 1:
            outcome.leave_open(conn, run, chunk)  # an earlier attempt may have arrived
        else:
            ledger.mark(conn, run_id, chunk.chunk, "rejected")
        raise
    faults.point("after_send")
    if result.submitted:
        ledger.mark(conn, run_id, chunk.chunk, "submitted", result.response)
    else:
        outcome.acknowledge(conn, run, [chunk.chunk], result.errors)
    return []
