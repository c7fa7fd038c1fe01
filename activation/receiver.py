"""A small real receiver of our webhooks: what the other end of a sync has to do.

It verifies signatures, applies every webhook-id once, and keeps what it holds in a
SQLite file. Tests let it misbehave as receivers do (`Faults`).
"""

from __future__ import annotations

import json
import random
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

_TABLES = """
create table if not exists messages (
    webhook_id text primary key, sync text, op text, body text
);
create table if not exists effects (
    webhook_id text, sync text, op text, key text, primary key (webhook_id, key)
);
create table if not exists granted (
    sync text, key text, id text, primary key (sync, id)
);
create table if not exists members (
    sync text, key text, fields text, primary key (sync, key)
);
"""


@dataclass
class Faults:
    """Rates of misbehaviour (0 to 1) per request, and members it will not take.

    busy: 429; down: 503; gateway: applies, then 502; lost: applies, then hangs up
    without an answer; reset: hangs up before applying; stall: applies, then is silent
    for `stall_s`; cut: applies, and hangs up amid the answer; garbage: applies, and
    answers about members that were not sent. `reject` members are refused one by one,
    `poison` members spoil their whole batch (422). `status` answers always. After
    `quota` requests the day is over (429 until tomorrow). A token is refused after
    `token_requests` of them.
    """

    busy: float = 0
    down: float = 0
    gateway: float = 0
    lost: float = 0
    reset: float = 0
    stall: float = 0
    cut: float = 0
    garbage: float = 0
    stall_s: float = 0.3
    retry_after: int | None = None
    reject: set[str] = field(default_factory=set)
    poison: set[str] = field(default_factory=set)
    status: int | None = None
    quota: int | None = None
    token_requests: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 (repeatable on purpose)

    def draw(self) -> str:
        """Name the misbehaviour of this request, or "none"."""
        kinds = ["busy", "down", "gateway", "lost", "reset", "stall", "cut", "garbage"]
        rates = [getattr(self, kind) for kind in kinds]
        rest = max(0.0, 1 - sum(rates))
        return self._random.choices([*kinds, "none"], [*rates, rest])[0]


@dataclass(frozen=True)
class Reply:
    """What goes back: status 0 hangs up, `missing` bytes are promised and not sent."""

    status: int
    content: bytes = b"{}"
    retry_after: int | None = None
    delay_s: float = 0
    missing: int = 0


class Receiver:
    """What the receiver holds; safe for its threads and across restarts."""

    def __init__(self, secret: str, directory: Path, faults: Faults | None) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.path = directory / "receiver.sqlite"
        self.faults = faults or Faults()
        self.url = ""
        self.requests = 0
        self.tokens_issued = 0
        self._token_uses = 0
        self.forgetful: set[str] = set()  # syncs whose repeated messages go out again
        self._webhook = Webhook(secret)
        self._lock = threading.Lock()
        with closing(self._open()) as db:
            db.executescript(_TABLES)

    def members(self, sync: str) -> dict[str, dict[str, Any]]:
        """Who is held for a sync: key -> fields."""
        rows = self._query("select key, fields from members where sync = ?", sync)
        return {key: json.loads(fields) for key, fields in rows}

    def effects(self, sync: str) -> list[tuple[str, str]]:
        """Every change applied for a sync, as (operation, key), in order."""
        rows = self._query(
            "select op, key from effects where sync = ? order by rowid", sync
        )
        return [(op, key) for op, key in rows]

    def sends(self, sync: str) -> list[str]:
        """Keys of every message or grant that took effect for a sync, in order."""
        query = "select key from granted where sync = ? order by rowid"
        rows = self._query(query, sync)
        return [key for (key,) in rows]

    def handle(self, headers: dict[str, str], body: bytes) -> Reply:
        """Answer one request."""
        with self._lock:
            self.requests += 1
            fault = self.faults.draw()
            refusal = self._refusal(fault, headers)
            if refusal is not None:
                return refusal
            try:
                message = self._webhook.verify(body, headers)
            except WebhookVerificationError:
                return Reply(401)
            data = message["data"]
            if self.faults.poison & {member["key"] for member in data["members"]}:
                return Reply(422, b'{"message": "a member here is malformed"}')
            content = json.dumps({"errors": self._apply(headers["webhook-id"], data)})
            return {
                "gateway": Reply(502),
                "lost": Reply(0),
                "stall": Reply(0, delay_s=self.faults.stall_s),
                "cut": Reply(200, content.encode(), missing=9),
                "garbage": Reply(200, b'{"errors": [{"key": "nobody"}]}'),
            }.get(fault, Reply(200, content.encode()))

    def _refusal(self, fault: str, headers: dict[str, str]) -> Reply | None:
        """Answer without looking at the batch, or None."""
        faults = self.faults
        if faults.status:
            return Reply(faults.status)
        if not self._token_is_good(headers.get("authorization")):
            return Reply(401)
        if faults.quota == 0:
            return Reply(429, retry_after=36_000)
        if faults.quota:
            faults.quota -= 1
        if fault in ("busy", "down", "reset"):
            status = {"busy": 429, "down": 503, "reset": 0}[fault]
            return Reply(status, retry_after=faults.retry_after)
        return None

    def issue_token(self) -> Reply:
        """Answer a request for a token: a new one, and the one before is dead."""
        with self._lock:
            self.tokens_issued += 1
            self._token_uses = 0
            content = {"access_token": self._token(), "expires_in": 7200}
            return Reply(200, json.dumps(content).encode())

    def _token(self) -> str:
        return f"token-{self.tokens_issued}"

    def _token_is_good(self, given: str | None) -> bool:
        """No token is asked for until one was issued."""
        if not self.tokens_issued:
            return True
        self._token_uses += 1
        limit = self.faults.token_requests
        is_spent = limit is not None and self._token_uses > limit
        return given == f"Bearer {self._token()}" and not is_spent

    def _apply(self, message: str, data: dict[str, Any]) -> list[dict[str, str]]:
        """Apply a batch once; a repeated webhook-id changes nothing."""
        refused = [m for m in data["members"] if m["key"] in self.faults.reject]
        taken = [m for m in data["members"] if m["key"] not in self.faults.reject]
        sync, op = data["sync"], data["op"]
        with closing(self._open()) as db, db:
            new = db.execute(
                "insert or ignore into messages values (?, ?, ?, ?)",
                [message, sync, op, json.dumps(data)],
            )
            is_new = bool(new.rowcount) or sync in self.forgetful
            for place, member in enumerate(taken if is_new else []):
                key = member["key"]
                if "id" in member:
                    again = f"{self.requests}.{place}" if sync in self.forgetful else ""
                    db.execute(
                        "insert or ignore into granted values (?, ?, ?)",
                        [sync, key, member["id"] + again],
                    )
                    continue
                db.execute(
                    "insert into effects values (?, ?, ?, ?)", [message, sync, op, key]
                )
                if op == "remove":
                    db.execute(
                        "delete from members where sync = ? and key = ?", [sync, key]
                    )
                else:
                    db.execute(
                        "insert or replace into members values (?, ?, ?)",
                        [sync, key, json.dumps(member["fields"], ensure_ascii=False)],
                    )
        return [
            {"key": member["key"], "code": "refused", "message": "not accepted here"}
            for member in refused
        ]

    def _query(self, query: str, *values: str) -> list[Any]:
        with closing(self._open()) as db:
            return db.execute(query, values).fetchall()

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self.path, timeout=30)


@contextmanager
def serve(
    port: int = 0,
    *,
    secret: str,
    directory: Path,
    faults: Faults | None = None,
) -> Iterator[Receiver]:
    """Run a receiver on 127.0.0.1 for the time of a block; port 0 picks a free one."""
    receiver = Receiver(secret, directory, faults)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            with suppress(ConnectionError):  # who asked has hung up or was killed
                self.answer()

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            if self.path == "/token":
                reply = receiver.issue_token()
            else:
                reply = receiver.handle(headers, body)
            time.sleep(reply.delay_s)
            if not reply.status:
                self.close_connection = True
                return
            self.send_response(reply.status)
            self.send_header("content-type", "application/json")
            length = len(reply.content) + reply.missing
            self.send_header("content-length", str(length))
            if reply.retry_after is not None:
                self.send_header("retry-after", str(reply.retry_after))
            self.end_headers()
            self.wfile.write(reply.content)
            self.close_connection = bool(reply.missing)

        def log_message(self, format: str, *args: Any) -> None:
            """Stay silent: requests hold personal data."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_port}/webhook"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
