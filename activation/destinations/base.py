"""What every destination does, and the errors by which it tells the engine what to do.

A destination is a folder: `client.py` talks, `payload.py` is pure (rows -> bytes).
What a repeat does is its effect, which its `settings.py` says: `set` (the same
members again are harmless), `keyed` (each effect has a key the destination recognises),
`message` (never repeat).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

Op = Literal["add", "update", "remove"]
Effect = Literal["set", "keyed", "message"]


@dataclass(frozen=True)
class Member:
    """One person at the destination; `fields` is empty when the person is removed.

    `effect_key` names what is done to the person, the same over attempts, restarts, new
    plans and halved batches: a keyed destination sends it as its own key of the effect,
    a message destination as the reference (OutId, SessionContext) receipts come by.
    """

    key: str
    fields: dict[str, Any] = field(default_factory=dict)
    effect_key: str = ""


@dataclass(frozen=True)
class RunInfo:
    """The run a batch belongs to, and its fields: the key, and the others in order."""

    sync: str
    run_id: int
    run_key: str
    base_date: date
    started_at: datetime
    key: str
    columns: tuple[str, ...]

    @property
    def label(self) -> str:
        """Name of the run outside this database, where run ids may begin anew."""
        return f"run-{self.run_id:06d}-{self.run_key[:8]}"


@dataclass(frozen=True)
class Batch:
    """Members of one operation, with a key that is the same on every attempt."""

    run: RunInfo
    chunk: int
    op: Op
    idempotency_key: str
    members: tuple[Member, ...]


@dataclass(frozen=True)
class RowError:
    """One member the destination did not take, though it took the batch."""

    key: str
    code: str
    message: str


@dataclass(frozen=True)
class SendResult:
    """What a destination answered.

    `submitted`: taken, but not yet counting. With an `external_id` it is a job of the
    channel, counted once `poll` says so; without, `close` of the run makes it count.
    """

    submitted: bool = False
    errors: tuple[RowError, ...] = ()
    response: dict[str, Any] = field(default_factory=dict)
    external_id: str | None = None


@dataclass(frozen=True)
class Lookup:
    """What a channel's receipts say of a batch whose answer was lost, by member key.

    A member in neither is unknown, and no message is ever sent to it again unasked.
    """

    sent: frozenset[str] = frozenset()
    not_sent: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rate:
    """Requests per second an account allows, over all its syncs and processes.

    `account` names it without a secret, such as `wecom/<corp id>`.
    """

    account: str
    per_s: float
    burst: int = 1


class DestinationError(Exception):
    """Base of what a destination may raise from `send`, `poll` and `close`."""


class RetryableError(DestinationError):
    """The outcome is open or the destination is busy: the same request again, later.

    `maybe_taken` false: it was surely not taken (429, no connection), so that even a
    message may go out again.
    """

    def __init__(
        self,
        message: str,
        retry_after: float | None = None,
        *,
        maybe_taken: bool = True,
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.maybe_taken = maybe_taken


class BatchError(DestinationError):
    """The whole batch was refused, for one bad row perhaps: halve it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class QuotaError(DestinationError):
    """Nothing was taken, nor will be before `until`: the run waits for it."""

    def __init__(self, message: str, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class FatalError(DestinationError):
    """Nothing was taken and trying again is no use; `disable`: not in a later run."""

    def __init__(self, message: str, *, disable: bool = False) -> None:
        super().__init__(message)
        self.disable = disable


class Destination(ABC):
    """Where members go. One object serves one run or the resolution of one.

    `senders` requests are made at the same time, from as many threads. `rate` is kept
    by the engine, which asks for a token before every `send`.
    """

    senders: int = 1
    rate: Rate | None = None

    def open(self, run: RunInfo) -> None:
        """Make sure that what the run fills exists; called again after a restart."""
        return None

    @abstractmethod
    def send(self, batch: Batch) -> SendResult:
        """Send one batch; repeating a batch with the same key changes nothing.

        Of effect `message` it is never repeated once it may have been taken.
        """

    def close(self, run: RunInfo, chunks: list[int]) -> None:
        """Publish the submitted chunks of the run; called again after a restart."""
        return None

    def poll(self, batch: Batch, external_id: str) -> SendResult | None:
        """Ask after a job of the channel; None while it works on it."""
        raise NotImplementedError(f"{type(self).__name__} submits no jobs")

    def lookup(self, batch: Batch) -> Lookup:
        """Ask receipts what became of a message batch; default: nothing is known."""
        return Lookup()

    def release(self) -> None:
        """Let go of connections."""
        return None
