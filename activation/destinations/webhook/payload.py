"""Batches -> signed requests, and answers -> what the engine does next."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec
from standardwebhooks import Webhook

from activation.destinations.base import (
    Batch,
    BatchError,
    FatalError,
    Member,
    QuotaError,
    RetryableError,
    RowError,
    SendResult,
)

_BAD_BATCH = (400, 413, 422)
_BUSY = (408, 425, 429)
_ANOTHER_DAY_S = 1800  # a Retry-After this long is a quota: the run waits, not a sender


@dataclass(frozen=True)
class Request:
    """Body and headers of one attempt."""

    body: bytes
    headers: dict[str, str]


def render_body(batch: Batch) -> bytes:
    """JSON of a batch: the same bytes on every attempt, also after a restart."""
    removed = batch.op == "remove"
    happens_once = any(member.effect_key for member in batch.members)
    verb = "removed" if removed else "entered" if happens_once else "upserted"
    body: dict[str, Any] = {
        "type": f"audience.{verb}",
        "timestamp": batch.run.started_at.astimezone(UTC).isoformat(),
        "data": {
            "sync": batch.run.sync,
            "run": batch.run.label,
            "base_date": batch.run.base_date.isoformat(),
            "op": batch.op,
            "members": [_render_member(member, removed) for member in batch.members],
        },
    }
    return msgspec.json.encode(body)


def _render_member(member: Member, removed: bool) -> dict[str, Any]:
    """A member with its fields; `id` is of an effect that must happen once."""
    return {
        "key": member.key,
        **({} if removed else {"fields": member.fields}),
        **({"id": member.effect_key} if member.effect_key else {}),
    }


def message_id(batch: Batch) -> str:
    """webhook-id: what a receiver recognises a repeated batch by."""
    return f"msg_{batch.idempotency_key[:32]}"


def sign(webhook: Webhook, message: str, body: bytes, at: datetime) -> Request:
    """Sign one attempt; only time and signature differ between attempts."""
    return Request(
        body,
        {
            "content-type": "application/json; charset=utf-8",
            "webhook-id": message,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": webhook.sign(message, at, body.decode()),
        },
    )


def read_answer(
    status: int, headers: Mapping[str, str], body: bytes, batch: Batch, now: datetime
) -> SendResult:
    """Turn an answer into a result, or raise the error that says what to do.

    A 2xx body may name members that were not taken:
    `{"errors": [{"key": ..., "code": ..., "message": ...}]}`.
    """
    if 200 <= status < 300:
        errors = _row_errors(body, {member.key for member in batch.members})
        return SendResult(errors=errors, response={"status": status})
    wait = retry_after(headers, now)
    if status == 429 and wait is not None and wait >= _ANOTHER_DAY_S:
        raise QuotaError(f"HTTP {status}", now + timedelta(seconds=wait))
    if status in _BUSY or status >= 500:
        # A gateway's 502 or 504 says nothing of what is behind it; busy says no.
        taken = status not in _BUSY and status != 503
        raise RetryableError(f"HTTP {status}", wait, maybe_taken=taken)
    if status in _BAD_BATCH:
        raise BatchError(str(status), body.decode(errors="replace")[:500])
    if status == 410:
        raise FatalError("HTTP 410: the endpoint is gone for good", disable=True)
    raise FatalError(f"HTTP {status}: check address and secret")


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds the destination asks to wait: a number or an HTTP date, else None."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    if value.isdigit():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - now).total_seconds())


def _row_errors(body: bytes, sent: set[str]) -> tuple[RowError, ...]:
    try:
        answer = json.loads(body)
    except ValueError:
        return ()  # a 2xx is a yes, whatever its body says
    listed = answer.get("errors") if isinstance(answer, dict) else None
    if not isinstance(listed, list):
        return ()
    errors = {
        str(item.get("key")): RowError(
            str(item.get("key")),
            str(item.get("code", "rejected")),
            str(item.get("message", "")),
        )
        for item in listed
        if isinstance(item, dict)
    }
    unknown = errors.keys() - sent
    if unknown:
        raise RetryableError("the answer names members that were not sent")
    return tuple(errors.values())
