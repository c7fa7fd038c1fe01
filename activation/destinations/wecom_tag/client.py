"""Marks contacts with tags, one pair of guide and contact per call."""

from __future__ import annotations

from activation.destinations.base import Batch, BatchError, Destination, SendResult
from activation.destinations.wecom import WecomApi
from activation.destinations.wecom_tag.payload import render
from activation.destinations.wecom_tag.settings import Settings

_NOT_A_CONTACT = "84061"


def connect(sync: str, settings: Settings) -> WecomTags:
    """Open the corp of a sync."""
    return WecomTags(WecomApi(sync, settings), settings)


class WecomTags(Destination):
    """Setting a tag twice changes nothing, nor does removing one that is not there."""

    def __init__(self, api: WecomApi, settings: Settings) -> None:
        self._api = api
        self._settings = settings
        self.senders = settings.senders
        self.rate = api.rate

    def send(self, batch: Batch) -> SendResult:
        """Mark one pair."""
        body = render(batch, self._settings)
        try:
            self._api.call("externalcontact/mark_tag", body)
        except BatchError as error:
            # Who left the guide has left the guide's tags as well.
            if batch.op != "remove" or error.code != _NOT_A_CONTACT:
                raise
        return SendResult()

    def release(self) -> None:
        """Close the connections."""
        self._api.close()
