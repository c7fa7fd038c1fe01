"""The HTTP side: POST /v1/events, /healthz, /metrics."""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import ASGIApp, Receive, Scope, Send

from ingestion.collect.commits import Commits, NotNow
from ingestion.collect.schema import EventReader, Fault, WrongEvents

MAX_BODY = 1 << 20
# A body that takes longer to come would only hold room in the queue.
BODY_SECONDS = 10.0
RETRY_AFTER = 1
KEY_HEADER = "X-Write-Key"
_PATH = "/v1/events"

_TITLE = "quanyu collect"
_ABOUT = "Takes events; a 202 says that they are on disk."


class Refused(Exception):
    """An answer other than 202."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail: Any = detail


def create_app(reader: EventReader, commits: Commits, key: str = "") -> FastAPI:
    """Make the service; with a `key` events need it in the header X-Write-Key."""
    app = FastAPI(title=_TITLE, description=_ABOUT, version="1")
    # Before the router: FastAPI's way to a function costs more than checking an event.
    app.add_middleware(_Intake, reader=reader, commits=commits, key=key.encode())
    made = app.openapi

    def openapi() -> dict[str, Any]:
        schema = made()
        schema["paths"][_PATH] = {"post": _operation(reader)}
        return schema

    app.openapi = openapi  # type: ignore[method-assign]  # as FastAPI's manual has it

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        """Whether the service answers."""
        return {"status": "ok"}

    @app.get("/metrics")
    async def metrics() -> Response:
        """Counts and depths as Prometheus text; nothing personal."""
        return Response(
            generate_latest(commits.metrics.registry), media_type=CONTENT_TYPE_LATEST
        )

    return app


class _Intake:
    """POST /v1/events in plain ASGI; everything else goes on to `app`."""

    def __init__(
        self, app: ASGIApp, *, reader: EventReader, commits: Commits, key: bytes
    ) -> None:
        self.app = app
        self.reader = reader
        self.commits = commits
        self.key = key

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take the events of one request, or say why not."""
        if scope["path"] != _PATH or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        room = _Room(self.commits)
        try:
            self._check(headers)
            body = await _body(headers, receive, room)
            is_ndjson = b"ndjson" in headers.get(b"content-type", b"")
            lines = self.reader.read(body, is_ndjson=is_ndjson)
            await self.commits.commit(lines)
            status, answer = 202, b'{"accepted":%d}' % len(lines)
        except WrongEvents as wrong:
            status, answer = 422, _json({"detail": _faults(wrong.faults)})
        except NotNow as busy:
            status, answer = 503, _json({"detail": str(busy)})
        except Refused as refused:
            status, answer = refused.status, _json({"detail": refused.detail})
        except ConnectionError:
            return
        finally:
            room.leave()
        self.commits.metrics.answered(status)
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": _headers(status, len(answer)),
            }
        )
        await send({"type": "http.response.body", "body": answer})

    def _check(self, headers: dict[bytes, bytes]) -> None:
        given = headers.get(b"x-write-key", b"")
        if self.key and not hmac.compare_digest(given, self.key):
            raise Refused(401, f"the header {KEY_HEADER} does not hold the write key")
        if headers.get(b"content-encoding", b"identity") != b"identity":
            raise Refused(415, "send the events uncompressed")


class _Room:
    """What one request holds of the queue."""

    def __init__(self, commits: Commits) -> None:
        self.commits = commits
        self.size = 0

    def grow_to(self, size: int) -> None:
        """Hold so many bytes; raises when that is too much for one request or all."""
        if size > MAX_BODY:
            raise Refused(413, f"the body is longer than {MAX_BODY:,} bytes")
        if size > self.size:
            self.commits.admit(size - self.size)
            self.size = size

    def leave(self) -> None:
        """Give it back."""
        self.commits.release(self.size)


async def _body(headers: dict[bytes, bytes], receive: Receive, room: _Room) -> bytes:
    """Read a body for which there is room, before it is in memory where it can be."""
    room.grow_to(int(headers.get(b"content-length", b"0")))
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ConnectionAbortedError
                chunk = message.get("body", b"")
                size += len(chunk)
                room.grow_to(size)
                chunks.append(chunk)
                more = message.get("more_body", False)
    except TimeoutError as error:
        raise Refused(408, "the body did not come in time") from error
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _headers(status: int, length: int) -> list[tuple[bytes, bytes]]:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", b"%d" % length),
    ]
    if status == 503:
        headers.append((b"retry-after", b"%d" % RETRY_AFTER))
    return headers


def _faults(faults: Sequence[Fault]) -> list[dict[str, Any]]:
    return [
        {"index": one.index, "field": one.field, "reason": one.reason} for one in faults
    ]


def _json(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()


def _operation(reader: EventReader) -> dict[str, Any]:
    """What OpenAPI says of POST /v1/events."""
    event = reader.adapter.json_schema()
    lines = {"schema": {"type": "string"}}
    either = {"oneOf": [event, {"type": "array", "items": event}]}
    return {
        "summary": "Take one event or a batch, all of it or nothing",
        "parameters": [
            {"name": KEY_HEADER, "in": "header", "schema": {"type": "string"}}
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": either},
                "application/x-ndjson": lines,
            },
        },
        "responses": {
            "202": {"description": "Every event is on disk"},
            "401": {"description": "No or another write key"},
            "413": {"description": "The body is too long"},
            "422": {"description": "Nothing taken: index, field and reason per fault"},
            "503": {"description": "Nothing taken: send again after Retry-After"},
        },
    }
