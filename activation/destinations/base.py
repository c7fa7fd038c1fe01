"""What every destination does, and the errors by which it tells the engine what to do.

A destination is a folder: `client.py` talks, `payload.py` is pure (rows -> bytes).
All destinations here are of the kind `set`: sending the same members again is harmless.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

Op = Literal["add", "update", "remove"]


@dataclass(frozen=True)
class Member:
    """One person at the destination; `fields` is empty when the person is removed."""

    key: str
    fields: dict[str, Any] = field(default_factory=dict)


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
    """`submitted`: taken, but only `close` makes it count."""

    submitted: bool = False
    errors: tuple[RowError, ...] = ()
    response: dict[str, Any] = field(default_factory=dict)


class DestinationError(Exception):
    """Base of what a destination may raise from `send` and `close`."""


class RetryableError(DestinationError):
    """The outcome is open or the destination is busy: the same request again, later."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BatchError(DestinationError):
    """The whole batch was refused, for one bad row perhaps: halve it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class FatalError(DestinationError):
    """Nothing was taken and trying again is no use; `disable`: not in a later run."""

    def __init__(self, message: str, *, disable: bool = False) -> None:
        super().__init__(message)
        self.disable = disable


class Destination(ABC):
    """Where members go. One object serves one run or the resolution of one."""

    @abstractmethod
    def send(self, batch: Batch) -> SendResult:
        """Send one batch; repeating a batch with the same key changes nothing."""

    def close(self, run: RunInfo, chunks: list[int]) -> None:
        """Publish the submitted chunks of the run; called again after a restart."""
        return None

    def release(self) -> None:
        """Let go of connections."""
        return None
