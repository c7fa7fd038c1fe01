"""Gives guides messages to send; taken means that guides are asked, no more.

What came of it returns as channel data (`raw_wecom.messages`), as every send does.
"""

from __future__ import annotations

from activation.destinations.base import Batch, Destination, SendResult
from activation.destinations.wecom import WecomApi
from activation.destinations.wecom_message.payload import render, row_errors
from activation.destinations.wecom_message.settings import Settings


def connect(sync: str, settings: Settings) -> WecomMessages:
    """Open the corp of a sync."""
    return WecomMessages(WecomApi(sync, settings), settings)


class WecomMessages(Destination):
    """WeCom has no key by which it would know a message again: at most once."""

    def __init__(self, api: WecomApi, settings: Settings) -> None:
        self._api = api
        self._settings = settings
        self.rate = api.rate

    def send(self, batch: Batch) -> SendResult:
        """Ask guides to send one message to the contacts of a batch."""
        answer = self._api.call(
            "externalcontact/add_msg_template", render(batch, self._settings)
        )
        return SendResult(
            errors=row_errors(answer, batch),
            response={"msgid": str(answer.get("msgid", ""))},
        )

    def release(self) -> None:
        """Close the connections."""
        self._api.close()
