"""Group commit: what many requests bring goes to the disk with one sync."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from ingestion.collect.metrics import Metrics
from ingestion.collect.spool import Spool

QUEUE_BYTES = 32 << 20

# After a failure of the disk nothing is tried for this long.
RETRY_SECONDS = 1.0
_SEAL_TICK = 0.25

log = logging.getLogger("quanyu.collect")


class NotNow(Exception):
    """Nothing was taken: the queue is full or the disk fails. Sent again, it may be."""


@dataclass
class _Request:
    content: bytes
    events: int
    done: asyncio.Future[None]


class Commits:
    """The way from requests to the spool, as an asynchronous context manager.

    Everything but reading and writing files happens on the event loop, everything on
    files in one thread: neither needs a lock. While one group is written the next one
    gathers, so the group is as large as the disk is slow.

    Args:
        spool: where the events go.
        queue_bytes: bodies that may be in memory at once.
        on_sealed: called when a segment is ready to land.
    """

    def __init__(
        self,
        spool: Spool,
        queue_bytes: int = QUEUE_BYTES,
        on_sealed: Callable[[], None] = lambda: None,
    ) -> None:
        self.spool = spool
        self.queue_bytes = queue_bytes
        self.on_sealed = on_sealed
        self.admitted = 0
        self.metrics = Metrics(spool.directory, lambda: self.admitted)
        self._waiting: list[_Request] = []
        self._news = asyncio.Event()
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="spool")
        self._closed_until = 0.0
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Self:
        self._tasks = [
            asyncio.create_task(self._write_groups()),
            asyncio.create_task(self._seal_when_due()),
        ]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        while self._waiting:
            await asyncio.gather(
                *(request.done for request in self._waiting), return_exceptions=True
            )
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        # After the last group in the thread, if one is there.
        await asyncio.get_running_loop().run_in_executor(self._disk, self.spool.close)
        self._disk.shutdown()

    def admit(self, size: int) -> None:
        """Keep room for some bytes of a request until `release`.

        Raises NotNow when there is none.
        """
        if self._closed_until and time.monotonic() < self._closed_until:
            raise NotNow("the spool cannot be written at the moment")
        if self.admitted + size > self.queue_bytes:
            raise NotNow("too many events are waiting for the disk")
        self.admitted += size

    def release(self, size: int) -> None:
        """Give room back."""
        self.admitted -= size

    async def commit(self, lines: Sequence[bytes]) -> None:
        """Return when the lines are durable. Raises NotNow when they are not taken."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        content = b"\n".join([*lines, b""])
        self._waiting.append(_Request(content, len(lines), done))
        self._news.set()
        await done

    async def _write_groups(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._news.wait()
            self._news.clear()
            group, self._waiting = self._waiting, []
            content = b"".join(request.content for request in group)
            started = time.perf_counter()
            try:
                await loop.run_in_executor(self._disk, self.spool.append, content)
            except Exception as error:
                self._refuse(group, error)
            else:
                self._acknowledge(group, time.perf_counter() - started)

    def _acknowledge(self, group: list[_Request], seconds: float) -> None:
        if self._closed_until:
            log.warning("the spool can be written again")
            self._closed_until = 0.0
        for request in group:
            if not request.done.done():
                request.done.set_result(None)
        self.metrics.events.inc(sum(request.events for request in group))
        self.metrics.sync_seconds.observe(seconds)
        self.metrics.group_requests.observe(len(group))

    def _refuse(self, group: list[_Request], error: Exception) -> None:
        if not self._closed_until:
            reason = getattr(error, "strerror", None) or type(error).__name__
            log.error("the spool cannot be written (%s): 503 until it can", reason)
        self._closed_until = time.monotonic() + RETRY_SECONDS
        self.metrics.disk_errors.inc()
        for request in group:
            if not request.done.done():
                request.done.set_exception(NotNow("the spool cannot be written"))

    async def _seal_when_due(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_SEAL_TICK)
            # A full disk may refuse the new name: the next tick tries again.
            with suppress(OSError):
                if await loop.run_in_executor(self._disk, self.spool.seal_if_due):
                    self.on_sealed()
