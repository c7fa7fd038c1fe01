"""Writes the parts of a run into its own folder and publishes them by a manifest.

A reader takes a folder only when `manifest.json` is there, and only the files it lists.
Where the folder lies is a store's business: this disk here, others in their folders.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

from activation import faults
from activation.destinations.base import (
    Batch,
    Destination,
    RetryableError,
    RunInfo,
    SendResult,
)
from activation.destinations.file.payload import (
    describe_part,
    part_name,
    render_manifest,
    render_part,
)
from activation.destinations.file.settings import Settings
from warehouse.settings import state_dir

MANIFEST = "manifest.json"


class Store(Protocol):
    """A place for the folders of one sync; names are `folder/file`.

    Whatever goes wrong is an OSError, and worth another attempt.
    """

    def write(self, name: str, content: bytes, label: str) -> None:
        """Put a whole file in place, or none; `label` is a point to be killed at."""

    def read(self, name: str) -> bytes:
        """Content of a file that is there."""

    def names(self, folder: str) -> list[str]:
        """Names of the files in a folder; none when there is no such folder."""

    def delete(self, name: str) -> None:
        """Take a file away; it may be gone already."""

    def drop(self, folder: str) -> None:
        """Take an empty folder away."""

    def release(self) -> None:
        """Let go of connections."""


def connect(sync: str, settings: Settings) -> FileClient:
    """Open the folder of a sync."""
    directory = state_dir() / Path(settings.directory).expanduser() / sync
    return FileClient(LocalStore(directory), settings.encoding)


def folder_of(run: RunInfo) -> str:
    """Name of a run's folder: in order of day, then of run."""
    return f"{run.base_date.isoformat()}_{run.label}"


class FileClient(Destination):
    """Parts of one sync, a folder per run."""

    def __init__(self, store: Store, encoding: str = "utf-8") -> None:
        self._store = store
        self._encoding = encoding

    def send(self, batch: Batch) -> SendResult:
        """Write one part; it counts once the manifest lists it."""
        name = part_name(batch.chunk)
        path = f"{folder_of(batch.run)}/{name}"
        try:
            self._store.write(path, render_part(batch, self._encoding), "part_written")
        except OSError as error:
            raise RetryableError(f"cannot write {path}: {error}") from error
        return SendResult(submitted=True, response={"part": name})

    def close(self, run: RunInfo, chunks: list[int]) -> None:
        """Publish the parts, and take away what a killed attempt left behind."""
        folder = folder_of(run)
        names = [part_name(chunk) for chunk in sorted(chunks)]
        try:
            for stray in set(self._store.names(folder)) - {*names, MANIFEST}:
                self._store.delete(f"{folder}/{stray}")
            if not names:
                self._store.delete(f"{folder}/{MANIFEST}")
                self._store.drop(folder)
                return
            parts = [
                describe_part(
                    name, self._store.read(f"{folder}/{name}"), self._encoding
                )
                for name in names
            ]
            manifest = render_manifest(run, parts, self._encoding)
            self._store.write(f"{folder}/{MANIFEST}", manifest, "manifest_written")
        except OSError as error:
            raise RetryableError(f"cannot publish {folder}: {error}") from error

    def release(self) -> None:
        """Let go of connections."""
        self._store.release()


class LocalStore:
    """A directory of this machine."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def write(self, name: str, content: bytes, label: str) -> None:
        """Put a whole file in place or none, and make both file and name durable."""
        path = self._directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.tmp")
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        faults.point(label)
        temporary.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def read(self, name: str) -> bytes:
        """Content of a file that is there."""
        return (self._directory / name).read_bytes()

    def names(self, folder: str) -> list[str]:
        """Names of the files in a folder; none when there is no such folder."""
        path = self._directory / folder
        return [file.name for file in path.iterdir()] if path.is_dir() else []

    def delete(self, name: str) -> None:
        """Take a file away; it may be gone already."""
        (self._directory / name).unlink(missing_ok=True)

    def drop(self, folder: str) -> None:
        """Take an empty folder away."""
        if (self._directory / folder).is_dir():
            (self._directory / folder).rmdir()

    def release(self) -> None:
        """Nothing is held."""
