"""A small real receiver of our webhooks: what the other end of a sync has to do.

It verifies signatures, applies every webhook-id once, and keeps what it holds in a
SQLite file. Tests let it misbehave as receivers do (`Faults`).
"""

from __future__ import annotations

import json
import random
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
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
create table if not exists members (
    sync text, key text, fields text, primary key (sync, key)
);
"""


@dataclass
class Faults:
    """Rates of misbehaviour (0 to 1) per request, and members it will not take.

    busy: 429; down: 503; lost: applies the batch, then hangs up without an answer;
    reset: hangs up before applying. `reject` members are refused one by one,
    `poison` members spoil their whole batch (422). `status` answers always.
    """

    busy: float = 0
    down: float = 0
    lost: float = 0
    reset: float = 0
    retry_after: int | None = None
    reject: set[str] = field(default_factory=set)
    poison: set[str] = field(default_factory=set)
    status: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 (repeatable on purpose)

    def draw(self) -> str:
        """Name the misbehaviour of this request, or "none"."""
        kinds = {"busy": self.busy, "down": self.down}
        kinds |= {"lost": self.lost, "reset": self.reset}
        rates = [*kinds.values(), max(0.0, 1 - sum(kinds.values()))]
        return self._random.choices([*kinds, "none"], rates)[0]


class Receiver:
    """What the receiver holds; safe for its threads and across restarts."""

    def __init__(self, secret: str, directory: Path, faults: Faults | None) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.path = directory / "receiver.sqlite"
        self.faults = faults or Faults()
        self.url = ""
        self.requests = 0
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

    def handle(
        self, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, Any]]:
        """Answer one request: status and body. Status 0 means: hang up."""
        with self._lock:
            self.requests += 1
            fault = self.faults.draw()
            if self.faults.status:
                return self.faults.status, {}
            if fault in ("busy", "down", "reset"):
                return {"busy": 429, "down": 503, "reset": 0}[fault], {}
            try:
                message = self._webhook.verify(body, headers)
            except WebhookVerificationError as error:
                return 401, {"message": str(error)}
            data = message["data"]
            if self.faults.poison & {member["key"] for member in data["members"]}:
                return 422, {"message": "a member of this batch is malformed"}
            errors = self._apply(headers["webhook-id"], data)
            return (0 if fault == "lost" else 200), {"errors": errors}

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
            for member in taken if new.rowcount else []:
                key = member["key"]
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
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, answer = receiver.handle(headers, body)
            if not status:
                self.close_connection = True
                return
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            if status == 429 and receiver.faults.retry_after is not None:
                self.send_header("retry-after", str(receiver.faults.retry_after))
            self.end_headers()
            self.wfile.write(content)

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
