"""Batches -> signed requests of SendSms, and what its answers mean."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from activation.destinations.base import (
    Batch,
    BatchError,
    FatalError,
    QuotaError,
    RetryableError,
    RowError,
)
from activation.destinations.http import SHANGHAI
from activation.destinations.tencent_sms.settings import Settings

ALGORITHM = "TC3-HMAC-SHA256"
VERSION = "2021-01-11"
SERVICE = "sms"
JSON = "application/json"
QUIET = "FailedOperation.MarketingSendTimeConstraint"
_MORNING = 8  # when marketing may go out again [U]
# What is said of numbers or of one request's content.
_ROWS = ("LimitExceeded.PhoneNumber", "FailedOperation.PhoneNumber", "InvalidParameter")


def render(batch: Batch, settings: Settings) -> bytes:
    """Body of SendSms; SessionContext is what receipts are found by."""
    first = batch.members[0].fields
    body = {
        "PhoneNumberSet": [str(member.fields["mobile"]) for member in batch.members],
        "SmsSdkAppId": settings.app_id,
        "SignName": settings.sign_name,
        "TemplateId": settings.template_id,
        "TemplateParamSet": [_text(first.get(n)) for n in settings.template_params],
        "SessionContext": batch.idempotency_key,
    }
    return json.dumps(body, ensure_ascii=False).encode()


def sign(
    action: str,
    host: str,
    region: str,
    body: bytes,
    *,
    key: tuple[str, str],
    at: datetime,
) -> dict[str, str]:
    """Headers of a request, signed as V3 of Tencent Cloud's signatures says."""
    date = at.astimezone(UTC).strftime("%Y-%m-%d")
    scope = f"{date}/{SERVICE}/tc3_request"
    stamp = str(int(at.timestamp()))
    canonical = "\n".join(
        (
            "POST",
            "/",
            "",
            f"content-type:{JSON}\nhost:{host}\n",
            "content-type;host",
            hashlib.sha256(body).hexdigest(),
        )
    )
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"{ALGORITHM}\n{stamp}\n{scope}\n{digest}"
    secret = f"TC3{key[1]}".encode()
    for part in (date, SERVICE, "tc3_request"):
        secret = hmac.digest(secret, part.encode(), "sha256")
    signature = hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()
    return {
        "content-type": JSON,
        "host": host,
        "x-tc-action": action,
        "x-tc-region": region,
        "x-tc-timestamp": stamp,
        "x-tc-version": VERSION,
        "authorization": (
            f"{ALGORITHM} Credential={key[0]}/{scope}, "
            f"SignedHeaders=content-type;host, Signature={signature}"
        ),
    }


def read_answer(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content of an answer; raise what an error of the request means."""
    response = answer.get("Response")
    if not isinstance(response, dict):
        raise RetryableError("the answer holds no Response")
    error = response.get("Error")
    if not error:
        return response
    code, message = str(error.get("Code", "")), str(error.get("Message", ""))
    if code.startswith("RequestLimitExceeded"):
        raise RetryableError(code, 1, maybe_taken=False)
    if code.startswith("InternalError") or not code:
        raise RetryableError(code or "an error without a code")
    if code == QUIET:
        raise QuotaError("quiet hours of the operator", next_morning())
    if code.startswith(_ROWS):
        raise BatchError(code, message)
    raise FatalError(f"{code}: check key, signature and template")


def row_errors(response: Mapping[str, Any], batch: Batch) -> tuple[RowError, ...]:
    """Members whose number was not taken; raises QuotaError when all have to wait."""
    keys = {str(member.fields["mobile"]): member.key for member in batch.members}
    refused = [
        (keys[str(status["PhoneNumber"])], str(status.get("Code")), status)
        for status in response.get("SendStatusSet", [])
        if status.get("Code") != "Ok" and str(status.get("PhoneNumber")) in keys
    ]
    if refused and len(refused) == len(keys) and {c for _, c, _ in refused} == {QUIET}:
        raise QuotaError("quiet hours of the operator", next_morning())
    return tuple(
        RowError(key, code, str(status.get("Message", "")))
        for key, code, status in refused
    )


def next_morning(now: datetime | None = None) -> datetime:
    """When messages may go out again."""
    local = (now or datetime.now(tz=UTC)).astimezone(SHANGHAI)
    morning = local.replace(hour=_MORNING, minute=0, second=0, microsecond=0)
    return morning if morning > local else morning + timedelta(days=1)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
