"""Uploads the changes of a run, waits until they are parsed, and publishes.

A run counts when its audience is published, which works once in 24 hours: until then it
waits. Each step is noted, so that a run that is taken up again goes on after the last.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from activation.destinations.base import (
    Batch,
    Destination,
    FatalError,
    QuotaError,
    Rate,
    RunInfo,
    SendResult,
)
from activation.destinations.ocean_engine.api import OceanEngineApi
from activation.destinations.ocean_engine.payload import render_zip, signature
from activation.destinations.ocean_engine.settings import Settings
from activation.remote import RemoteObjects

_APPEND, _DELETE = 1, 2
_PARSED, _FAILED = 2, 3
_LOOK_AGAIN = timedelta(minutes=10)  # parsing takes 20 to 60 minutes
_PUBLISH_EVERY = timedelta(hours=24)
_FILES = {"data_format": 0, "file_storage_type": 0}


def connect(sync: str, settings: Settings) -> OceanEngine:
    """Open the advertiser of a sync."""
    return OceanEngine(OceanEngineApi(sync, settings), RemoteObjects(sync), settings)


class OceanEngine(Destination):
    """One data source and the audience that Ocean Engine makes of it."""

    def __init__(
        self, api: OceanEngineApi, objects: RemoteObjects, settings: Settings
    ) -> None:
        self._api = api
        self._objects = objects
        self._settings = settings
        self.rate = settings.allowed(Rate(api.account, 5))

    def send(self, batch: Batch) -> SendResult:
        """Upload one file; it counts when `close` has published it."""
        if self._objects.get(_step(batch.run)) in ("applied", "published"):
            return SendResult(submitted=True)  # taken before the run was interrupted
        content = render_zip(batch)
        path = self._api.upload(content, signature(content))
        operation = _DELETE if batch.op == "remove" else _APPEND
        self._objects.put(_file(batch.run, batch.chunk), f"{operation} {path}")
        return SendResult(submitted=True, response={"file_path": path})

    def close(self, run: RunInfo, chunks: list[int]) -> None:
        """Apply the files, see that they are parsed, publish.

        Raises QuotaError with the time to look again while the channel is at work.
        """
        step = self._objects.get(_step(run))
        if step == "published" or not chunks:
            return
        if step != "applied":
            self._apply(run, chunks)
            self._objects.put(_step(run), "applied")
        self._publish(self._parsed_audience(run))
        self._objects.put(_step(run), "published")
        self._objects.forget("run ", but=_step(run))

    def release(self) -> None:
        """Close the connections."""
        self._api.close()
        self._objects.close()

    def _apply(self, run: RunInfo, chunks: list[int]) -> None:
        """Deletions first; the first files of all make the data source."""
        noted = [self._objects.get(_file(run, chunk)) or "" for chunk in chunks]
        uploads = [upload.partition(" ") for upload in noted]
        for operation in (_DELETE, _APPEND):
            paths = [path for kind, _, path in uploads if kind == str(operation)]
            source = self._objects.get("data_source")
            if not paths or (source is None and operation == _DELETE):
                continue
            if source is not None:
                self._api.post(
                    "/2/dmp/data_source/update/",
                    data_source_id=source,
                    operation_type=operation,
                    file_paths=paths,
                    **_FILES,
                )
                continue
            made = self._api.post(
                "/2/dmp/data_source/create/",
                data_source_name=self._settings.audience_name,
                description=f"quanyu {run.sync}",
                data_source_type="UID",
                file_paths=paths,
                **_FILES,
            )
            # Killed here, the next attempt makes another; this one is never published.
            self._objects.put("data_source", str(made["data_source_id"]))

    def _parsed_audience(self, run: RunInfo) -> int | None:
        """Audience of the data source, once all of its changes are parsed."""
        source = self._objects.get("data_source")
        if source is None:
            return None  # only people were to be removed whom it never had
        found = self._api.get("/2/dmp/data_source/read/", data_source_id_list=[source])
        state: dict[str, Any] = (found.get("data_list") or [{}])[0]
        changes = [int(change["status"]) for change in state.get("change_logs", [])]
        if _FAILED in changes[:1]:  # the newest comes first [U]
            self._objects.put(_step(run), "failed")
            raise FatalError("Ocean Engine could not parse the files of this run")
        audience = (state.get("default_audience") or {}).get("custom_audience_id")
        parsed = state.get("status") == _PARSED and not set(changes) & {0, 1}
        if not parsed or audience is None:
            raise QuotaError(
                "Ocean Engine is parsing", datetime.now(tz=UTC) + _LOOK_AGAIN
            )
        return int(audience)

    def _publish(self, audience: int | None) -> None:
        if audience is None or not self._needs_publishing(audience):
            return
        last = self._objects.get("published_at")
        if last is not None:
            free_at = datetime.fromisoformat(last) + _PUBLISH_EVERY
            if free_at > datetime.now(tz=UTC):
                raise QuotaError("an audience is published once in 24 hours", free_at)
        self._api.post("/2/dmp/custom_audience/publish/", custom_audience_id=audience)
        self._objects.put("published_at", datetime.now(tz=UTC).isoformat())

    def _needs_publishing(self, audience: int) -> bool:
        """False when a publication was taken whose answer was lost."""
        found = self._api.get(
            "/2/dmp/custom_audience/read/", custom_audience_ids=[audience]
        )
        state = (found.get("custom_audience_list") or [{}])[0]
        return str(state.get("delivery_status")).endswith("_NEED_PUBLISH")


def _step(run: RunInfo) -> str:
    return f"run {run.run_key}"


def _file(run: RunInfo, chunk: int) -> str:
    return f"run {run.run_key} file {chunk}"
