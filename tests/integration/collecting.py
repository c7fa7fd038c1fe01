"""A collector as a process, events for it, and what came of them."""

from __future__ import annotations

import http.client
import json
import os
import selectors
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from warehouse.connection import connect

ROOT = Path(__file__).parents[2]
QUANYU = [sys.executable, "-c", "from cli.main import app; app()"]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: Any


@dataclass
class Collector:
    process: subprocess.Popen[str]
    port: int

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
    ) -> Answer:
        connection = self.connection()
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            content = answer.read().decode()
            is_json = answer.getheader("content-type") == "application/json"
            return Answer(
                answer.status,
                {name.lower(): value for name, value in answer.getheaders()},
                json.loads(content) if is_json else content,
            )
        finally:
            connection.close()

    def send(self, events: Any, **headers: str) -> Answer:
        body = events if isinstance(events, bytes) else json.dumps(events)
        return self.ask("POST", "/v1/events", body, headers)

    def metric(self, name: str) -> float:
        text = self.ask("GET", "/metrics").body
        (line,) = [one for one in text.splitlines() if one.startswith(name + " ")]
        return float(line.split()[1])


@contextmanager
def collector(
    spool: Path,
    *options: str,
    url: str = "",
    key: str = "",
    command: Sequence[str] = QUANYU,
) -> Iterator[Collector]:
    """Run `quanyu collect`, or another command that prints its address likewise."""
    environment = {**os.environ, "QUANYU_COLLECT_KEY": key, "PYTHONPATH": str(ROOT)}
    if url:
        environment["QUANYU_DATABASE_URL"] = url
    arguments = ["collect", "--port", "0", "--spool", str(spool), *options]
    with subprocess.Popen(
        [*command, *arguments],
        stdout=subprocess.PIPE,
        stderr=(spool.parent / "collect.log").open("a"),
        env=environment,
        text=True,
    ) as process:
        try:
            yield Collector(process, _port(process))
        finally:
            process.kill()


def _port(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        assert selector.select(30), "the collector does not start"
    line = process.stdout.readline()
    assert line.startswith("Collecting on http://127.0.0.1:"), line
    return int(line.rsplit(":", 1)[1])


def land(spool: Path, url: str) -> str:
    """Land what a spool holds, as a person would; what the command said."""
    return subprocess.run(
        [*QUANYU, "collect", "--land-only", "--spool", str(spool)],
        env={**os.environ, "QUANYU_DATABASE_URL": url, "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def event(event_id: str, **more: Any) -> dict[str, Any]:
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    return {
        "event_id": event_id,
        "event": "product_view",
        "occurred_at": f"{now:%Y-%m-%d %H:%M:%S}",
        "openid": "oClub0000000000000000000001",
        **more,
    }


def landed(url: str) -> list[str]:
    """Event ids in the raw table, each as often as it is there."""
    return [
        row[0]
        for row in rows(url, "select event_id from raw_mini_program.events order by 1")
    ]


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with connect(url) as conn:
        return conn.execute(query.encode()).fetchall()
