"""A collector: socket, spool, HTTP service and the process that lands."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from ingestion.collect.app import create_app
from ingestion.collect.commits import QUEUE_BYTES, Commits
from ingestion.collect.schema import EventReader
from ingestion.collect.spool import SEAL_BYTES, SEAL_SECONDS, Spool
from warehouse.errors import QuanyuError

KEY_NAME = "QUANYU_COLLECT_KEY"
BACKLOG = 2_048
MAX_CONNECTIONS = 1_000
DRAIN_SECONDS = 10
LAST_LANDING_SECONDS = 30.0

log = logging.getLogger("quanyu.collect")


@dataclass(frozen=True)
class Settings:
    """What a collector is told; port 0 is any free one."""

    directory: Path
    host: str = "127.0.0.1"
    port: int = 8077
    key: str = ""
    max_age: timedelta = timedelta(days=30)
    seal_bytes: int = SEAL_BYTES
    seal_seconds: float = SEAL_SECONDS
    queue_bytes: int = QUEUE_BYTES
    lands: bool = True


def serve(settings: Settings, on_ready: Callable[[str], None]) -> None:
    """Collect until SIGTERM or Ctrl+C, then drain, seal and land once more.

    `on_ready` is called with the address once requests are taken.

    Raises:
        QuanyuError: the address may not or cannot be used, or the spool is taken.
    """
    with _listen(settings) as listening:
        spool = Spool(settings.directory, settings.seal_bytes, settings.seal_seconds)
        lander = _Lander(settings.directory) if settings.lands else None
        on_sealed = lander.wake if lander is not None else lambda: None
        commits = Commits(spool, settings.queue_bytes, on_sealed)
        app = create_app(EventReader(settings.max_age), commits, settings.key)
        server = uvicorn.Server(_config(app))
        # uvicorn has these handlers while it serves; before that a signal counts, too,
        # and after it uvicorn raises the signal again, which must not kill.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, server.handle_exit)
        try:
            loop_factory = server.config.get_loop_factory()
            with asyncio.Runner(loop_factory=loop_factory) as runner:
                on_ready(_address(listening))
                runner.run(_serve(server, commits, listening))
        finally:
            if lander is not None:
                lander.stop()


async def _serve(
    server: uvicorn.Server, commits: Commits, listening: socket.socket
) -> None:
    async with commits:
        await server.serve([listening])


def _config(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        ws="none",
        backlog=BACKLOG,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )


def _listen(settings: Settings) -> socket.socket:
    if not settings.key and not _is_loopback(settings.host):
        raise QuanyuError(
            f"{settings.host} can be reached from other machines: set {KEY_NAME} to a "
            "write key that clients send, or collect on 127.0.0.1."
        )
    try:
        family = socket.getaddrinfo(settings.host, settings.port)[0][0]
        listening = socket.create_server(
            (settings.host, settings.port), family=family, backlog=BACKLOG
        )
    except OSError as error:
        raise QuanyuError(
            f"Nothing can listen on {settings.host}:{settings.port} "
            f"({error.strerror}): name another --host or --port."
        ) from error
    return listening


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Lander:
    """The process that lands; started again when it dies."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "ingestion.collect.lander", str(self._directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            # Ctrl+C is for the collector, which ends this one when all is sealed.
            start_new_session=True,
        )
        os.set_blocking(_pipe(process), False)
        return process

    def wake(self) -> None:
        """Say that a segment has been sealed; never waits."""
        if self._process.poll() is not None:
            log.error("the lander ended with %s: again", self._process.returncode)
            self._process = self._start()
        # A full pipe has enough in it to wake anyone.
        with suppress(BlockingIOError, BrokenPipeError):
            os.write(_pipe(self._process), b"\n")

    def stop(self) -> None:
        """Let it land what is sealed and end; what does not land in time stays."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(LAST_LANDING_SECONDS)
        except subprocess.TimeoutExpired:
            log.warning("the warehouse is slow: the rest lands at the next start")
            self._process.kill()
            self._process.wait()


def _pipe(process: subprocess.Popen[bytes]) -> int:
    if process.stdin is None:
        raise ValueError("the process was started without a pipe")
    return process.stdin.fileno()
