"""Requests to channels over HTTP, and what their failures mean for the engine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

import urllib3

from activation.destinations.base import FatalError, RetryableError

# No connection came about, so nothing can have been taken.
NEVER_ARRIVED = (
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
)
# Channels count their days in Shanghai, wherever this runs.
SHANGHAI = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class Answer:
    """A JSON object that a channel answered, with the headers around it."""

    content: dict[str, Any]
    headers: Mapping[str, str]


class Http:
    """Connections to one address; safe for as many threads as send."""

    def __init__(self, base_url: str, timeout_s: float, senders: int = 1) -> None:
        self._base_url = base_url
        self._pool = urllib3.PoolManager(
            maxsize=senders, timeout=timeout_s, retries=False
        )

    def request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        **content: Any,
    ) -> Answer:
        """Make one request and read the JSON object it is answered with.

        `content` is urllib3's: body, json, fields (a multipart form), headers. Channels
        say most of what goes wrong in the body of a 200: that is the caller's.
        Raises RetryableError for 429, 5xx, silence and what is no JSON; FatalError for
        any other status without an object.
        """
        url = f"{self._base_url}{path}{'?' if query else ''}{urlencode(query or {})}"
        try:
            answer = self._pool.request(method, url, redirect=False, **content)
        except NEVER_ARRIVED as error:
            raise RetryableError(type(error).__name__, maybe_taken=False) from error
        except urllib3.exceptions.HTTPError as error:
            raise RetryableError(type(error).__name__) from error
        status = answer.status
        wait = retry_after(answer.headers, datetime.now(tz=UTC))
        if status == 429:
            raise RetryableError("HTTP 429", wait, maybe_taken=False)
        if status >= 500 or status == 408:
            raise RetryableError(f"HTTP {status}", wait)
        try:
            body = json.loads(answer.data)
        except ValueError:
            body = None
        if isinstance(body, dict) and (status == 200 or body):
            return Answer(body, answer.headers)
        if status == 200:
            raise RetryableError("the answer is not the JSON it should be")
        raise FatalError(f"HTTP {status}: check the address")

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()


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


def next_day(now: datetime | None = None) -> datetime:
    """When the next day of the channels begins: midnight in Shanghai."""
    local = (now or datetime.now(tz=UTC)).astimezone(SHANGHAI)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)
