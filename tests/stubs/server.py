"""What all stubs share: a server that keeps its state in a file and can misbehave.

A test speaks to the stub's own side under /_stub: faults to come, its clock, what it
holds. Everything else is the channel's.
"""

from __future__ import annotations

import argparse
import email.parser
import email.policy
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

_SHANGHAI = timezone(timedelta(hours=8))
_OWN_TABLES = """
create table if not exists clock (ahead_s real);
insert into clock select 0 where not exists (select 1 from clock);
create table if not exists calls (
    at real, path text, account text, status int
);
"""


@dataclass(frozen=True)
class Part:
    """One part of a multipart form."""

    content: bytes
    file_name: str | None = None

    @property
    def text(self) -> str:
        return self.content.decode()


@dataclass(frozen=True)
class Request:
    """What a client asked."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict[str, Any]:
        content = json.loads(self.body)
        assert isinstance(content, dict)
        return content

    def form(self) -> dict[str, Part]:
        head = f"content-type: {self.headers['content-type']}\r\n\r\n".encode()
        parser = email.parser.BytesParser(policy=email.policy.HTTP)
        message = parser.parsebytes(head + self.body)
        parts = {}
        for part in message.iter_parts():
            name = part.get_param("name", header="content-disposition")
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            parts[str(name)] = Part(content, part.get_filename())
        return parts


@dataclass
class Fault:
    """A misbehaviour: `times` requests to paths that end in `path`.

    `kind`: status (answers `status`), reset (hangs up before applying), lost (applies,
    then hangs up), garbage (applies, answers no JSON), body (answers `body`, applies
    nothing), stall (waits `seconds`, then applies and answers).
    """

    kind: str
    path: str = ""
    times: int = 1
    status: int = 503
    body: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0
    retry_after: int | None = None


class Stub:
    """A channel. `tables` is its SQL; `routes` its paths."""

    tables = ""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.lock = threading.RLock()
        self.faults: list[Fault] = []
        self.open_requests = 0
        self._file = directory / "held.sqlite"
        with closing(self.connect()) as db:
            db.executescript(_OWN_TABLES + self.tables)

    def routes(self) -> Mapping[tuple[str, str], Callable[[Request], dict[str, Any]]]:
        """Handlers by method and path."""
        raise NotImplementedError

    def operate(self, command: Mapping[str, Any]) -> Any:
        """What somebody does at the channel's own console."""
        raise NotImplementedError(command)

    def connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._file, timeout=30)

    def run(self, statement: str, *values: Any) -> list[Any]:
        with self.lock, closing(self.connect()) as db, db:
            return db.execute(statement, values).fetchall()

    def run_many(self, statement: str, rows: list[Any]) -> None:
        with self.lock, closing(self.connect()) as db, db:
            db.executemany(statement, rows)

    def now(self) -> float:
        """Seconds since 1970, as far ahead as a test has put the clock."""
        return time.time() + float(self.run("select ahead_s from clock")[0][0])

    def today(self) -> str:
        return (
            datetime.fromtimestamp(self.now(), UTC)
            .astimezone(_SHANGHAI)
            .isoformat()[:10]
        )

    def count_call(self, path: str, account: str, seconds: float) -> int:
        """Note a call; return how many there were in the last seconds, with this."""
        now = self.now()
        self.run("insert into calls values (?, ?, ?, 0)", now, path, account)
        return int(
            self.run(
                "select count(*) from calls where path = ? and account = ? and at > ?",
                path,
                account,
                now - seconds,
            )[0][0]
        )

    def own(self, request: Request) -> Any:
        """The side of the test."""
        command = request.json()
        if "faults" in command:
            self.faults = [Fault(**fault) for fault in command["faults"]]
            return {}
        if "ahead_s" in command:
            self.run("update clock set ahead_s = ahead_s + ?", command["ahead_s"])
            return {}
        if "query" in command:
            return self.run(command["query"])
        return self.operate(command)


def serve(stub: Stub, port: int) -> None:
    """Answer until the process ends; says its port on the first line."""
    routes = stub.routes()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("content-length") or 0)
            request = Request(
                self.command,
                parts.path,
                dict(parse_qsl(parts.query, keep_blank_values=True)),
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(length),
            )
            if request.path == "/_stub":
                self.say(200, stub.own(request))
                return
            with stub.lock:
                stub.open_requests += 1
                fault = next(
                    (f for f in stub.faults if f.times and parts.path.endswith(f.path)),
                    None,
                )
                if fault:
                    fault.times -= 1
            try:
                self.serve(request, fault)
            finally:
                with stub.lock:
                    stub.open_requests -= 1

        def serve(self, request: Request, fault: Fault | None) -> None:
            if fault and fault.kind == "status":
                wait = fault.retry_after
                more = {} if wait is None else {"retry-after": str(wait)}
                self.say(fault.status, {}, more)
                return
            if fault and fault.kind == "body":
                self.say(200, fault.body)
                return
            if fault and fault.kind == "reset":
                self.close_connection = True
                return
            if fault and fault.kind == "stall":
                time.sleep(fault.seconds)
            handler = routes.get((request.method, request.path))
            if handler is None:
                self.say(404, {"message": f"{request.method} {request.path}"})
                return
            answer = handler(request)
            headers = answer.pop("_headers", {})
            if fault and fault.kind == "lost":
                self.close_connection = True
            elif fault and fault.kind == "garbage":
                self.say(200, "<html>gateway</html>")
            else:
                self.say(200, answer, headers)

        def say(
            self, status: int, content: Any, headers: Mapping[str, str] | None = None
        ) -> None:
            body = (
                content.encode()
                if isinstance(content, str)
                else json.dumps(content, ensure_ascii=False).encode()
            )
            self.send_response(status)
            self.send_header("content-type", "application/json; charset=utf-8")
            self.send_header("content-length", str(len(body)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer

        def log_message(self, format: str, *args: Any) -> None:
            """Stay silent: requests hold personal data."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    print(server.server_port, flush=True)
    server.serve_forever(0.05)


def main(make: Callable[[Path], Stub]) -> None:
    """Run a stub from the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    serve(make(arguments.data), arguments.port)
