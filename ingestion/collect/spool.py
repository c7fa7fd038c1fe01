"""The spool: a folder of segments, each a JSON-lines file of events on their way.

`<name>.open` is being written, `<name>.jsonl` is sealed: whole, never written again,
deleted when the ledger has it. Renaming is all that lies between the two.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from warehouse.errors import QuanyuError
from warehouse.settings import TIME_ZONE

SEAL_BYTES = 16 << 20
SEAL_SECONDS = 10.0
_OPEN = ".open"
_SEALED = ".jsonl"
_TAIL_BYTES = 1 << 16


class SpoolTaken(QuanyuError):
    """Another process writes to the folder."""


class Spool:
    """The one writer of a spool folder; its methods block until the disk has it."""

    def __init__(
        self,
        directory: Path,
        seal_bytes: int = SEAL_BYTES,
        seal_seconds: float = SEAL_SECONDS,
    ) -> None:
        self.directory = directory
        self.seal_bytes = seal_bytes
        self.seal_seconds = seal_seconds
        self._segment: _Segment | None = None
        self._is_left = False
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = lock(directory / "writer.lock")
        except OSError as error:
            raise QuanyuError(
                f"{directory} cannot be written to: {error.strerror}."
            ) from error
        if self._lock is None:
            raise SpoolTaken(
                f"Another collector writes to {directory}: give this one a --spool of "
                "its own."
            )
        self.seal()

    def append(self, lines: bytes) -> None:
        """Write whole lines; when it returns, they outlive a crash of the machine.

        Raises OSError when the disk is full or fails; nothing of `lines` counts then.
        """
        try:
            if self._segment is None:
                self._segment = _Segment.create(self.directory)
            self._segment.append(lines)
        except Exception:
            # Of a failed write or sync nobody can say what the disk holds: the next
            # one goes to another file.
            segment, self._segment = self._segment, None
            if segment is not None:
                segment.give_up()
                self._is_left = True
            raise

    def seal_if_due(self) -> bool:
        """Seal the segment being written when it is large or old enough."""
        segment = self._segment
        due = self._is_left or (
            segment is not None
            and (
                segment.size >= self.seal_bytes
                or time.monotonic() - segment.started >= self.seal_seconds
            )
        )
        return self.seal() if due else False

    def seal(self) -> bool:
        """Seal everything written so far; whether there was anything.

        A segment that a crash left open ends where its last whole line ends.
        """
        self._is_left = True  # until it is done: a full disk may refuse a new name
        if self._segment is not None:
            segment, self._segment = self._segment, None
            segment.close()
        sealed = False
        for path in sorted(self.directory.glob(f"*{_OPEN}")):
            if _cut_torn_tail(path):
                path.rename(path.with_suffix(_SEALED))
                sealed = True
            else:
                path.unlink()
        sync_directory(self.directory)
        self._is_left = False
        return sealed

    def close(self) -> None:
        """Seal and let another collector have the folder."""
        self.seal()
        if self._lock is not None:
            os.close(self._lock)


class _Segment:
    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.size = 0
        self.started = time.monotonic()
        self._descriptor = descriptor

    @classmethod
    def create(cls, directory: Path) -> _Segment:
        now = datetime.now(ZoneInfo(TIME_ZONE))
        # The hex digits: no two segments share a name, whatever the clock does.
        name = f"events_{now:%Y%m%dT%H%M%S_%f}_{secrets.token_hex(4)}"
        path = directory / f"{name}{_OPEN}"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        segment = cls(path, descriptor)
        try:
            sync_directory(directory)
        except OSError:
            segment.give_up()
            raise
        return segment

    def append(self, lines: bytes) -> None:
        left = memoryview(lines)
        while left:
            left = left[os.write(self._descriptor, left) :]
        sync(self._descriptor)
        self.size += len(lines)

    def give_up(self) -> None:
        """Keep what has been synced, as far as the disk still lets us."""
        with suppress(OSError):
            os.ftruncate(self._descriptor, self.size)
        with suppress(OSError):
            os.close(self._descriptor)
        if not self.size:
            with suppress(OSError):
                self.path.unlink()

    def close(self) -> None:
        os.close(self._descriptor)


def sealed_segments(directory: Path) -> list[Path]:
    """Segments that wait for landing, oldest first."""
    return sorted(directory.glob(f"*{_SEALED}"))


def segment_day(path: Path) -> date:
    """Shanghai's day on which a segment was begun."""
    return datetime.strptime(path.name[7:15], "%Y%m%d").date()


def lock(path: Path) -> int | None:
    """Descriptor that holds a lock file, None when another process holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _plain_sync(descriptor: int) -> None:
    getattr(os, "fdatasync", os.fsync)(descriptor)


def _full_sync(descriptor: int) -> None:
    # On macOS fsync stops at the drive's own cache.
    fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # type: ignore[attr-defined]


sync: Callable[[int], None] = (
    _full_sync if hasattr(fcntl, "F_FULLFSYNC") else _plain_sync
)


def sync_directory(directory: Path) -> None:
    """Make the names in a folder outlive a crash of the machine."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _cut_torn_tail(path: Path) -> int:
    """Cut what follows the last line end; the bytes that are left."""
    with path.open("r+b") as file:
        size = end = file.seek(0, os.SEEK_END)
        while end:
            begin = max(0, end - _TAIL_BYTES)
            file.seek(begin)
            found = file.read(end - begin).rfind(b"\n")
            if found >= 0:
                end = begin + found + 1
                break
            end = begin
        if end < size:
            file.truncate(end)
            os.fsync(file.fileno())
    return end
