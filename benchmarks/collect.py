"""Events over HTTP: how many a second, how late the slowest, what a kill loses.

    python -m benchmarks collect [--seconds 5] [--connections 64] [--batch 100]

Runs `quanyu collect` on loopback with its spool in the project's state folder, so that
its syncs reach a disk, and a load generator (asyncio protocols on uvloop) in a process
of its own: each connection sends its next request when the last one is answered.

1. One event per request, over all connections.
2. Batches, over 8 connections.
3. One event per request again, with segments landing meanwhile and kill -9 in the
   middle; then what is spooled lands, and every acknowledged event is looked for.

The last line on stdout is one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import psutil
import uvloop
from psycopg import conninfo, sql

from warehouse import migrate
from warehouse.connection import connect, database_url
from warehouse.settings import TIME_ZONE, state_dir

BATCH_CONNECTIONS = 8
WARM_SECONDS = 1.0
COLLECT = [sys.executable, "-c", "from cli.main import app; app()", "collect"]


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--generate", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.generate:
        port, plan, answered = options.generate
        load = Load(int(port), Plan(**json.loads(plan)))
        Path(answered).write_text(json.dumps(load.run()), "utf-8")
        return
    state_dir().mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=state_dir(), prefix="bench-") as folder:
        figures = _measure(Path(folder), options) | _kill(Path(folder), options)
    print(json.dumps(figures))


def _measure(folder: Path, options: argparse.Namespace) -> dict[str, float]:
    warm = Plan("warm", options.connections, 1, WARM_SECONDS)
    one_by_one = Plan("single", options.connections, 1, options.seconds)
    by_many = Plan("batch", BATCH_CONNECTIONS, options.batch, options.seconds)
    with _collector(folder / "measured", "--no-land") as (process, port):
        _generate(folder, process, port, warm)
        single = _generate(folder, process, port, one_by_one)
        batches = _generate(folder, process, port, by_many)
        process.send_signal(signal.SIGTERM)
        process.wait()
    print(
        f"{'':<12} {'requests/s':>12} {'events/s':>12} {'p50 ms':>8} {'p99 ms':>8}"
        f" {'CPU us/request':>15}"
    )
    for title, result in (("single", single), (f"by {options.batch}", batches)):
        print(
            f"{title:<12} {result.requests_per_s:>12,.0f} {result.events_per_s:>12,.0f}"
            f" {result.percentile(50):>8.1f} {result.percentile(99):>8.1f}"
            f" {result.cpu_us:>15,.0f}"
        )
    return {
        "connections": options.connections,
        "events_per_s": round(single.events_per_s),
        "p50_ms": round(single.percentile(50), 2),
        "p99_ms": round(single.percentile(99), 2),
        "cpu_us": round(single.cpu_us),
        "batch": options.batch,
        "batch_connections": BATCH_CONNECTIONS,
        "batch_events_per_s": round(batches.events_per_s),
        "batch_p50_ms": round(batches.percentile(50), 2),
        "batch_p99_ms": round(batches.percentile(99), 2),
        "batch_cpu_us": round(batches.cpu_us),
    }


def _kill(folder: Path, options: argparse.Namespace) -> dict[str, int]:
    """Kill the collector under load, land what it left and count what is missing."""
    spool = folder / "killed"
    with _database() as url:
        with _collector(spool, "--seal-seconds", "0.5", url=url) as (process, port):
            answered = folder / "killed.json"
            plan = Plan("killed", options.connections, 1, 60.0)
            generator = _generator(port, plan, answered)
            time.sleep(max(options.seconds / 2, 2))
            process.send_signal(signal.SIGKILL)
            generator.wait()
        _land(spool, url)
        with connect(url) as conn:
            landed = Counter(
                row[0]
                for row in conn.execute("select event_id from raw_mini_program.events")
            )
    acknowledged = json.loads(answered.read_text("utf-8"))["acknowledged"]
    lost = sum(1 for event_id in acknowledged if not landed[event_id])
    twice = sum(1 for count in landed.values() if count > 1)
    print(
        f"kill -9 under load: {len(acknowledged):,} acknowledged, {len(landed):,} "
        f"landed, {lost:,} lost, {twice:,} twice"
    )
    return {
        "acknowledged": len(acknowledged),
        "landed": len(landed),
        "lost": lost,
        "twice": twice,
    }


def _land(spool: Path, url: str) -> None:
    """Land what is left, when the lander of the killed collector has let go of it."""
    while True:
        ended = subprocess.run(
            [*COLLECT, "--land-only", "--spool", str(spool)],
            env={**os.environ, "QUANYU_DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode == 0:
            return
        if "lands" not in ended.stderr:
            raise SystemExit(ended.stderr)
        time.sleep(0.2)


@dataclass(frozen=True)
class Plan:
    """What a load generator sends: a name that no other event's id begins with."""

    name: str
    connections: int
    batch: int
    seconds: float


@dataclass(frozen=True)
class Result:
    """What one load came to.

    Latencies are in milliseconds, sorted; `cpu_us` is what one request cost the
    collector, which tells more than its speed when others use the machine.
    """

    seconds: float
    batch: int
    latencies: list[float]
    cpu_us: float

    @property
    def requests_per_s(self) -> float:
        """Requests acknowledged per second."""
        return len(self.latencies) / self.seconds

    @property
    def events_per_s(self) -> float:
        """Events acknowledged per second."""
        return self.requests_per_s * self.batch

    def percentile(self, percent: int) -> float:
        """Latency that so many percent of the requests stay below."""
        return self.latencies[len(self.latencies) * percent // 100]


def _generate(
    folder: Path, process: subprocess.Popen[str], port: int, plan: Plan
) -> Result:
    answered = folder / f"{plan.name}.json"
    before = _cpu_seconds(process)
    if _generator(port, plan, answered).wait():
        raise SystemExit("the load generator failed")
    spent = _cpu_seconds(process) - before
    result = json.loads(answered.read_text("utf-8"))
    latencies = sorted(result["latencies"])
    if result["refused"] or not latencies:
        raise SystemExit(f"{result['refused']} requests were refused")
    cpu_us = spent / len(latencies) * 1e6
    return Result(result["seconds"], plan.batch, latencies, cpu_us)


def _cpu_seconds(process: subprocess.Popen[str]) -> float:
    used = psutil.Process(process.pid).cpu_times()
    return float(used.user + used.system)


def _generator(port: int, plan: Plan, answered: Path) -> subprocess.Popen[bytes]:
    given = [str(port), json.dumps(asdict(plan)), str(answered)]
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.collect", "--generate", *given]
    )


class Load:
    """Connections that each send a request when the last one is answered."""

    def __init__(self, port: int, plan: Plan) -> None:
        self.port = port
        self.plan = plan
        self.ends = 0.0
        self.running = plan.connections
        self.refused = 0
        self.latencies: list[float] = []
        self.acknowledged: list[str] = []
        self.ended: asyncio.Future[None]

    def run(self) -> dict[str, object]:
        """Send until the time is over or the collector is gone."""
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            seconds = runner.run(self._send())
        return {
            "seconds": seconds,
            "refused": self.refused,
            "latencies": self.latencies,
            "acknowledged": self.acknowledged,
        }

    async def _send(self) -> float:
        loop = asyncio.get_running_loop()
        self.ended = loop.create_future()
        begun = time.perf_counter()
        self.ends = begun + self.plan.seconds
        for at in range(self.plan.connections):
            await loop.create_connection(
                lambda at=at: Sender(self, at), "127.0.0.1", self.port
            )
        await self.ended
        return time.perf_counter() - begun

    def close(self) -> None:
        """Count a connection that has ended."""
        self.running -= 1
        if not self.running and not self.ended.done():
            self.ended.set_result(None)


class Sender(asyncio.Protocol):
    """One connection."""

    def __init__(self, load: Load, number: int) -> None:
        self.load = load
        self.prefix = f"{load.plan.name}-{number}"
        now = datetime.now(ZoneInfo(TIME_ZONE))
        self.event = (
            '{{"event_id":"{}","event":"product_view",'
            f'"occurred_at":"{now:%Y-%m-%d %H:%M:%S}","openid":"oClub{number:023}",'
            f'"session_id":"s{number}","page":"/pages/product","scene":1011,'
            '"outer_sku_id":"M0000123","properties":{{"from":"list","position":7}}}}'
        )
        self.count = 0
        self.sent: list[str] = []
        self.answer = b""
        self.at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self.transport: asyncio.WriteTransport = transport  # type: ignore[assignment]
        self._send()

    def _send(self) -> None:
        self.count += 1
        self.sent = [
            f"{self.prefix}-{self.count}-{of}" for of in range(self.load.plan.batch)
        ]
        events = ",".join([self.event.format(event_id) for event_id in self.sent])
        body = (f"[{events}]" if self.load.plan.batch > 1 else events).encode()
        head = (
            "POST /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self.at = time.perf_counter()
        self.transport.write(head.encode() + body)

    def data_received(self, data: bytes) -> None:
        """Take an answer, when it is whole, and send the next request."""
        self.answer += data
        if not self.answer.endswith(b"}"):
            return
        now = time.perf_counter()
        if self.answer.startswith(b"HTTP/1.1 202 "):
            self.load.latencies.append((now - self.at) * 1_000)
            self.load.acknowledged += self.sent
        else:
            self.load.refused += 1
        self.answer = b""
        if now < self.load.ends:
            self._send()
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the load."""
        self.load.close()


@contextmanager
def _collector(
    spool: Path, *options: str, url: str = ""
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    environment = {**os.environ, "QUANYU_COLLECT_KEY": ""}
    if url:
        environment["QUANYU_DATABASE_URL"] = url
    with subprocess.Popen(
        [*COLLECT, "--port", "0", "--spool", str(spool), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        text=True,
    ) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            yield process, int(line.rsplit(":", 1)[1])
        finally:
            process.kill()


@contextmanager
def _database() -> Iterator[str]:
    name = f"bench_collect_{uuid.uuid4().hex[:8]}"
    server = database_url()
    with connect(server, autocommit=True) as admin:
        admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        try:
            url = conninfo.make_conninfo(server, dbname=name)
            with connect(url) as conn:
                migrate.apply(conn)
            yield url
        finally:
            admin.execute(
                sql.SQL("drop database {} with (force)").format(sql.Identifier(name))
            )


if __name__ == "__main__":
    main()
