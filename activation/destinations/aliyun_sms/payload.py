"""Batches -> signed requests of SendBatchSms, and what its answers mean."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from activation.destinations.aliyun_sms.settings import Settings
from activation.destinations.base import (
    Batch,
    BatchError,
    FatalError,
    Member,
    RetryableError,
)

ALGORITHM = "ACS3-HMAC-SHA256"
VERSION = "2017-05-25"
FORM = "application/x-www-form-urlencoded"
# What is said of the account, the signature or the template, not of a number.
_SETUP = (
    "isv.ACCOUNT_",
    "isv.AMOUNT_NOT_ENOUGH",
    "isv.OUT_OF_SERVICE",
    "isv.PRODUCT_",
    "isv.SMS_SIGN",
    "isv.SMS_TEMPLATE",
    "isv.SIGN_",
    "isp.RAM_PERMISSION_DENY",
    "SignatureDoesNotMatch",
    "InvalidAccessKeyId",
    "InvalidTimeStamp",
    "Forbidden",
)


def render_query(batch: Batch, settings: Settings) -> dict[str, str]:
    """Parameters of the whole request; OutId is what receipts are found by."""
    return {"OutId": batch.idempotency_key, "TemplateCode": settings.template_code}


def render_form(batch: Batch, settings: Settings) -> bytes:
    """Numbers, signatures and variables, one of each per member."""
    numbers = [str(member.fields["mobile"]) for member in batch.members]
    form = {
        "PhoneNumberJson": numbers,
        "SignNameJson": [settings.sign_name] * len(numbers),
        "TemplateParamJson": [_variables(member, batch) for member in batch.members],
    }
    return urlencode(
        {key: json.dumps(value, ensure_ascii=False) for key, value in form.items()}
    ).encode()


def sign(
    action: str,
    host: str,
    query: Mapping[str, str],
    body: bytes,
    *,
    key: tuple[str, str],
    nonce: str,
    at: datetime,
) -> dict[str, str]:
    """Headers of a request, signed as V3 of Aliyun's signatures says."""
    digest = hashlib.sha256(body).hexdigest()
    headers = {
        "content-type": FORM,
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": digest,
        "x-acs-date": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": VERSION,
    }
    signed = ";".join(headers)
    canonical = "\n".join(
        (
            "POST",
            "/",
            canonical_query(query),
            "".join(f"{name}:{value}\n" for name, value in headers.items()),
            signed,
            digest,
        )
    )
    text = f"{ALGORITHM}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    signature = hmac.new(key[1].encode(), text.encode(), hashlib.sha256).hexdigest()
    credential = f"Credential={key[0]},SignedHeaders={signed},Signature={signature}"
    return {**headers, "authorization": f"{ALGORITHM} {credential}"}


def canonical_query(query: Mapping[str, str]) -> str:
    """Query in order of its names, each part percent-encoded but for -_.~."""
    return "&".join(
        f"{quote(name, safe='~')}={quote(value, safe='~')}"
        for name, value in sorted(query.items())
    )


def judge(answer: Mapping[str, Any]) -> None:
    """Raise what an answer other than OK means."""
    code = str(answer.get("Code", ""))
    if code == "OK":
        return
    if code.startswith("Throttling"):
        raise RetryableError(code, maybe_taken=False)
    if code.startswith(_SETUP):
        raise FatalError(f"{code}: check key, signature and template")
    if code.startswith(("isp.", "ServiceUnavailable", "InternalError")) or not code:
        raise RetryableError(code or "an answer without a code")
    raise BatchError(code, str(answer.get("Message", "")))


def _variables(member: Member, batch: Batch) -> dict[str, str]:
    others = (name for name in batch.run.columns if name != "mobile")
    return {name: _text(member.fields.get(name)) for name in others}


def _text(value: Any) -> str:
    return "" if value is None else str(value)
