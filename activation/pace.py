"""When a request may go out: waits, retries, and what an account allows."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from random import SystemRandom
from typing import LiteralString, Protocol, TypeVar

import psycopg

from activation.destinations.base import Rate, RetryableError
from warehouse.connection import Connection, connect
from warehouse.errors import QuanyuError

Answer = TypeVar("Answer")
_RANDOM = SystemRandom()


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how long a run tries: attempts a request, seconds of waiting.

    Several senders wait at the same time: the budget is of each, on average.
    """

    attempts: int = 8
    base_s: float = 0.5
    cap_s: float = 30
    budget_s: float = 300


class StoppedError(RetryableError):
    """The run stops for another sender's reason: this request is not tried again."""


class Gate(Protocol):
    """Leave to send, shared with others."""

    def take(self) -> float:
        """Take leave for one request: 0, or seconds to wait before asking again."""

    def block(self, seconds: float) -> None:
        """Nobody is to send for a time."""

    def release(self) -> None:
        """Let go of connections."""


class OpenGate:
    """No limit but what this run was told: Retry-After holds for all its senders."""

    def __init__(self) -> None:
        self._closed_until = 0.0

    def take(self) -> float:
        """See Gate."""
        return max(0.0, self._closed_until - time.monotonic())

    def block(self, seconds: float) -> None:
        """See Gate."""
        self._closed_until = max(self._closed_until, time.monotonic() + seconds)

    def release(self) -> None:
        """See Gate."""


class AccountGate:
    """The token bucket of an account, in the warehouse: all its syncs share it."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._lock = threading.Lock()
        self._conn: Connection | None = None

    def take(self) -> float:
        """See Gate."""
        row = self._ask(
            "select activation.take_token(%s, %s, %s)",
            [self._rate.account, self._rate.per_s, self._rate.burst],
        )
        return float(row[0])

    def block(self, seconds: float) -> None:
        """See Gate."""
        self._ask(
            "select activation.block_account("
            "%s, clock_timestamp() + make_interval(secs => %s))",
            [self._rate.account, seconds],
        )

    def release(self) -> None:
        """See Gate."""
        if self._conn is not None:
            self._conn.close()

    def _ask(
        self, query: LiteralString, values: list[str | float | int]
    ) -> tuple[float, ...]:
        with self._lock:
            try:
                if self._conn is None or self._conn.broken:
                    self._conn = connect(
                        autocommit=True,
                        application_name="quanyu-sync-rate",
                        durable=False,
                    )
                return self._conn.execute(query, values).fetchone() or (0.0,)
            except (psycopg.OperationalError, QuanyuError) as error:
                raise RetryableError(
                    "the warehouse, which keeps the account's rate, is not there",
                    maybe_taken=False,
                ) from error


class Retrier:
    """Repeats requests with full jitter, honours Retry-After, keeps to a budget.

    One object serves all senders of a run. `senders` allowed at a time is halved by a
    busy answer and grows back by one a round of good ones.
    """

    def __init__(
        self,
        policy: RetryPolicy,
        sleep: Callable[[float], object] | None = None,
        jitter: Callable[[float, float], float] = _RANDOM.uniform,
        senders: int = 1,
        gate: Gate | None = None,
    ) -> None:
        self._policy = policy
        self._stopping = threading.Event()
        self._sleep = sleep or self._stopping.wait
        self._jitter = jitter
        self._lock = threading.Lock()
        self._left = policy.budget_s * senders
        self._most = float(senders)
        self._allowed = float(senders)
        self._gate = gate

    @property
    def allowed(self) -> int:
        """Requests that may be under way at the moment."""
        return int(self._allowed)

    def stop(self) -> None:
        """Let nobody wait or try again: the run is over."""
        self._stopping.set()

    def call(
        self,
        request: Callable[[], Answer],
        may_repeat: Callable[[RetryableError], bool] = lambda error: True,
    ) -> Answer:
        """Return the answer; raises the last RetryableError when patience is over.

        `may_repeat` says of an error whether the same request may go out again.
        """
        for attempt in count(1):
            try:
                self._pass_gate()
                answer = request()
            except RetryableError as error:
                self._slow_down(error)
                if not may_repeat(error):
                    raise
                ceiling = min(
                    self._policy.cap_s, self._policy.base_s * 2 ** (attempt - 1)
                )
                wait = self._jitter(0, ceiling) + (error.retry_after or 0)
                if attempt >= self._policy.attempts or not self._spend(wait):
                    error.args = (
                        f"{error} (attempt {attempt}, next wait {wait:.0f} s)",
                    )
                    raise
                self._sleep(wait)
                if self._stopping.is_set():
                    raise
            else:
                self._allowed = min(self._most, self._allowed + 1 / self._allowed)
                return answer
        raise AssertionError("count() does not end")

    def _pass_gate(self) -> None:
        while self._gate is not None:
            wait = self._gate.take()
            if wait <= 0:
                return
            if wait > self._policy.budget_s:
                raise StoppedError(
                    f"the account may send again in {wait:.0f} s", maybe_taken=False
                )
            self._sleep(wait)
            if self._stopping.is_set():
                raise StoppedError("the run stops", maybe_taken=False)

    def _slow_down(self, error: RetryableError) -> None:
        self._allowed = max(1.0, self._allowed / 2)
        if self._gate is not None and error.retry_after:
            self._gate.block(error.retry_after)

    def _spend(self, wait: float) -> bool:
        with self._lock:
            if wait > self._left:
                return False
            self._left -= wait
            return True
