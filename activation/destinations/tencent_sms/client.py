"""Sends text messages, each at most once: there is no key to repeat one by."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from activation.destinations.base import Batch, Destination, Lookup, Rate, SendResult
from activation.destinations.http import Http
from activation.destinations.settings import Environment
from activation.destinations.tencent_sms.payload import (
    read_answer,
    render,
    row_errors,
    sign,
)
from activation.destinations.tencent_sms.settings import Settings

_RECEIPTS_A_PAGE = 100


def connect(sync: str, settings: Settings) -> TencentSms:
    """Open the account of a sync."""
    environment = Environment(sync)
    key = (
        environment.text(settings.secret_id_env),
        environment.text(settings.secret_key_env),
    )
    url = environment.url(settings.url_env, "https://sms.tencentcloudapi.com")
    return TencentSms(url, key, settings)


class TencentSms(Destination):
    """SendSms, and PullSmsSendStatusByPhoneNumber to find out what became of it."""

    def __init__(self, url: str, key: tuple[str, str], settings: Settings) -> None:
        self._key = key
        self._settings = settings
        self._host = urlsplit(url).netloc
        self._http = Http(url, settings.timeout_s, settings.senders)
        self.senders = settings.senders
        self.rate = settings.allowed(Rate(f"tencent_sms/{settings.app_id}", 1_000, 100))

    def send(self, batch: Batch) -> SendResult:
        """Send one message to each member of a batch."""
        response = self._call("SendSms", render(batch, self._settings))
        return SendResult(
            errors=row_errors(response, batch),
            response={"request_id": str(response.get("RequestId", ""))},
        )

    def lookup(self, batch: Batch) -> Lookup:
        """Ask for each number whether this batch's message is among its receipts.

        Only a yes is believed: a receipt may come later.
        """
        sent = (
            member.key
            for member in batch.members
            if self._was_sent(batch, str(member.fields["mobile"]))
        )
        return Lookup(sent=frozenset(sent))

    def release(self) -> None:
        """Close the connections."""
        self._http.close()

    def _was_sent(self, batch: Batch, number: str) -> bool:
        body = {
            "BeginTime": int(batch.run.started_at.timestamp()),
            "EndTime": int(datetime.now(tz=UTC).timestamp()) + 1,
            "Offset": 0,
            "Limit": _RECEIPTS_A_PAGE,
            "PhoneNumber": number,
            "SmsSdkAppId": self._settings.app_id,
        }
        response = self._call(
            "PullSmsSendStatusByPhoneNumber", json.dumps(body).encode()
        )
        return any(
            receipt.get("SessionContext") == batch.idempotency_key
            for receipt in response.get("PullSmsSendStatusSet") or []
        )

    def _call(self, action: str, body: bytes) -> dict[str, Any]:
        region, now = self._settings.region, datetime.now(tz=UTC)
        headers = sign(action, self._host, region, body, key=self._key, at=now)
        answer = self._http.request("POST", "/", body=body, headers=headers)
        return read_answer(answer.content)
