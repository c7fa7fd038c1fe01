"""Writes the parts of a run into its own folder and publishes them by a manifest.

A reader takes a folder only when `manifest.json` is there, and only the files it lists.
"""

from __future__ import annotations

import os
from pathlib import Path

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


def connect(sync: str, settings: Settings) -> FileClient:
    """Open the folder of a sync."""
    directory = state_dir() / Path(settings.directory).expanduser() / sync
    return FileClient(directory, settings.encoding)


class FileClient(Destination):
    """Parts of one sync below `directory`, a folder per run."""

    def __init__(self, directory: Path, encoding: str = "utf-8") -> None:
        self.directory = directory
        self.encoding = encoding

    def folder(self, run: RunInfo) -> Path:
        """Folder of a run."""
        return self.directory / f"{run.base_date.isoformat()}_{run.label}"

    def send(self, batch: Batch) -> SendResult:
        """Write one part; it counts once the manifest lists it."""
        folder = self.folder(batch.run)
        name = part_name(batch.chunk)
        content = render_part(batch, self.encoding)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _write(folder / name, content, "part_written")
        except OSError as error:
            raise RetryableError(f"cannot write {folder / name}: {error}") from error
        return SendResult(submitted=True, response={"part": name})

    def close(self, run: RunInfo, chunks: list[int]) -> None:
        """Publish the parts, and take away what a killed attempt left behind."""
        folder = self.folder(run)
        if not folder.is_dir():
            return
        names = [part_name(chunk) for chunk in sorted(chunks)]
        try:
            for path in folder.iterdir():
                if path.name not in {*names, MANIFEST}:
                    path.unlink()
            if not names:
                (folder / MANIFEST).unlink(missing_ok=True)
                folder.rmdir()
                return
            parts = [
                describe_part(name, (folder / name).read_bytes(), self.encoding)
                for name in names
            ]
            _write(
                folder / MANIFEST,
                render_manifest(run, parts, self.encoding),
                "manifest_written",
            )
        except OSError as error:
            raise RetryableError(f"cannot publish {folder}: {error}") from error


def _write(path: Path, content: bytes, label: str) -> None:
    """Put a whole file in place or none, and make both file and name durable."""
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
