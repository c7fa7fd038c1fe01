"""Sends text messages, each at most once: Aliyun knows no key to repeat one by."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from activation.destinations.aliyun_sms.payload import (
    canonical_query,
    judge,
    render_form,
    render_query,
    sign,
)
from activation.destinations.aliyun_sms.settings import Settings
from activation.destinations.base import Batch, Destination, Lookup, Rate, SendResult
from activation.destinations.http import SHANGHAI, Http
from activation.destinations.settings import Environment

_DETAILS_A_PAGE = 50


def connect(sync: str, settings: Settings) -> AliyunSms:
    """Open the account of a sync."""
    environment = Environment(sync)
    key = (
        environment.text(settings.access_key_id_env),
        environment.text(settings.access_key_secret_env),
    )
    url = environment.url(settings.url_env, "https://dysmsapi.aliyuncs.com")
    return AliyunSms(url, key, settings)


class AliyunSms(Destination):
    """SendBatchSms, and QuerySendDetails to find out what became of it."""

    def __init__(self, url: str, key: tuple[str, str], settings: Settings) -> None:
        self._key = key
        self._settings = settings
        self._host = urlsplit(url).netloc
        self._http = Http(url, settings.timeout_s, settings.senders)
        self.senders = settings.senders
        self.rate = settings.allowed(Rate(f"aliyun_sms/{key[0]}", 1_000, 100))

    def send(self, batch: Batch) -> SendResult:
        """Send one message to each member of a batch."""
        answer = self._call(
            "SendBatchSms",
            render_query(batch, self._settings),
            render_form(batch, self._settings),
        )
        return SendResult(response={"biz_id": str(answer.get("BizId", ""))})

    def lookup(self, batch: Batch) -> Lookup:
        """Ask for each number whether this batch's message is among those of its days.

        Only a yes is believed: what is not listed yet may still be.
        """
        now = datetime.now(tz=SHANGHAI)
        days = {day.astimezone(SHANGHAI) for day in (batch.run.started_at, now)}
        dates = sorted({day.strftime("%Y%m%d") for day in days})
        return Lookup(
            sent=frozenset(
                member.key
                for member in batch.members
                if any(
                    self._was_sent(batch, str(member.fields["mobile"]), date)
                    for date in dates
                )
            )
        )

    def release(self) -> None:
        """Close the connections."""
        self._http.close()

    def _was_sent(self, batch: Batch, number: str, date: str) -> bool:
        query = {
            "CurrentPage": "1",
            "PageSize": str(_DETAILS_A_PAGE),
            "PhoneNumber": number,
            "SendDate": date,
        }
        answer = self._call("QuerySendDetails", query, b"")
        details = (answer.get("SmsSendDetailDTOs") or {}).get("SmsSendDetailDTO") or []
        return any(detail.get("OutId") == batch.idempotency_key for detail in details)

    def _call(
        self, action: str, query: Mapping[str, str], body: bytes
    ) -> dict[str, Any]:
        nonce, now = secrets.token_hex(16), datetime.now(tz=UTC)
        headers = sign(
            action, self._host, query, body, key=self._key, nonce=nonce, at=now
        )
        answer = self._http.request(
            "POST", f"/?{canonical_query(query)}", body=body, headers=headers
        ).content
        judge(answer)
        return answer
