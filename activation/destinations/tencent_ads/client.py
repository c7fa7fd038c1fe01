"""Uploads files of hashes to an audience; each is a job of the channel."""

from __future__ import annotations

from activation.destinations.base import (
    Batch,
    BatchError,
    Destination,
    Rate,
    RunInfo,
    SendResult,
)
from activation.destinations.tencent_ads.api import TencentAdsApi
from activation.destinations.tencent_ads.payload import render_zip
from activation.destinations.tencent_ads.settings import Settings

_WORKING = ("PENDING", "PROCESSING")


def connect(sync: str, settings: Settings) -> TencentAds:
    """Open the advertising account of a sync."""
    return TencentAds(TencentAdsApi(sync, settings), settings)


class TencentAds(Destination):
    """One audience of the type CUSTOMER_FILE."""

    def __init__(self, api: TencentAdsApi, settings: Settings) -> None:
        self._api = api
        self._settings = settings
        self._audience: dict[str, int] = {}
        self.rate = settings.allowed(Rate(api.account, 2))

    def open(self, run: RunInfo) -> None:
        """Make the audience, or find it: our own code for it makes that one step."""
        data = self._api.call(
            "POST",
            "custom_audiences/add",
            json={
                "account_id": self._api.account_id,
                "name": self._settings.audience_name,
                "type": "CUSTOMER_FILE",
                "external_audience_id": f"quanyu_{run.sync}",
            },
        )
        self._audience[run.sync] = int(data["audience_id"])

    def send(self, batch: Batch) -> SendResult:
        """Upload one file; adding or taking away somebody twice changes nothing."""
        data = self._api.call(
            "POST",
            "custom_audience_files/add",
            fields={
                "account_id": str(self._api.account_id),
                "audience_id": str(self._audience_of(batch.run)),
                "user_id_type": self._settings.user_id_type,
                "operation_type": "REDUCE" if batch.op == "remove" else "APPEND",
                "file": ("ids.zip", render_zip(batch), "application/zip"),
            },
        )
        return SendResult(
            submitted=True, external_id=str(data["custom_audience_file_id"])
        )

    def poll(self, batch: Batch, external_id: str) -> SendResult | None:
        """Ask whether a file is processed."""
        data = self._api.call(
            "GET",
            "custom_audience_files/get",
            {
                "account_id": self._api.account_id,
                "audience_id": self._audience_of(batch.run),
                "custom_audience_file_id": external_id,
            },
        )
        file = (data.get("list") or [{}])[0]
        if file.get("process_status", "PENDING") in _WORKING:
            return None
        code = file.get("process_code")
        if code != 0:
            raise BatchError(str(code), str(file.get("error_message", "")))
        counts = ("line_count", "valid_line_count", "user_count")
        return SendResult(response={name: file.get(name) for name in counts})

    def release(self) -> None:
        """Close the connections."""
        self._api.close()

    def _audience_of(self, run: RunInfo) -> int:
        if run.sync not in self._audience:
            self.open(run)
        return self._audience[run.sync]
