"""What lies in a landing directory: DIR/<yyyy-mm-dd>/<channel>/<file>."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ingestion.contract import Channel, Table
from warehouse.errors import QuanyuError


@dataclass(frozen=True)
class DropFile:
    """A file that a contract claims; `name` is its path below the landing directory."""

    drop_date: date
    channel: Channel
    table: Table
    path: Path
    name: str
    byte_count: int

    @property
    def raw_table(self) -> str:
        """Table the file lands in, "schema.table"."""
        return f"{self.channel.raw_schema}.{self.table.table}"


@dataclass(frozen=True)
class Drops:
    """Files in order of their drop dates, and the names of what no contract claims."""

    files: list[DropFile]
    unclaimed: list[str]


def find_drops(directory: Path, channels: Mapping[str, Channel]) -> Drops:
    """Look through a landing directory, or through a single drop of one.

    Raises QuanyuError when there is no drop in it.
    """
    if not directory.is_dir():
        raise QuanyuError(f"{directory} is not a directory of channel files.")
    single = _drop_date(directory)
    root = directory.resolve().parent if single else directory
    found = Drops([], [])
    days = 0
    try:
        for folder in [directory.resolve()] if single else sorted(directory.iterdir()):
            day = _drop_date(folder)
            if day is None or not folder.is_dir():
                found.unclaimed.append(folder.name)
                continue
            days += 1
            _look_through(folder, day, root, channels, found)
    except OSError as error:
        raise QuanyuError(f"{directory} cannot be looked through: {error}.") from error
    if not days:
        raise QuanyuError(
            f"{directory} holds no drop: files belong in "
            f"{directory}/<yyyy-mm-dd>/<channel>/."
        )
    return found


def _look_through(
    folder: Path, day: date, root: Path, channels: Mapping[str, Channel], found: Drops
) -> None:
    for entry in sorted(folder.iterdir()):
        channel = channels.get(entry.name)
        if channel is None or not entry.is_dir():
            found.unclaimed.append(entry.relative_to(root).as_posix())
            continue
        for path in sorted(entry.iterdir()):
            name = path.relative_to(root).as_posix()
            table = channel.table_of(path.name) if path.is_file() else None
            if table is None or not _is_text(path.name):
                found.unclaimed.append(name)
            else:
                size = path.stat().st_size
                found.files.append(DropFile(day, channel, table, path, name, size))


def _is_text(name: str) -> bool:
    """Whether a file name is UTF-8, so that the ledger can hold it."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _drop_date(folder: Path) -> date | None:
    name = folder.resolve().name
    try:
        day = date.fromisoformat(name)
    except ValueError:
        return None
    return day if day.isoformat() == name else None
