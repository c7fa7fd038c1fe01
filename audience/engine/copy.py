"""The columnar copy of all customers: where it is, what it says of itself.

`.quanyu/audience/current` names a folder beside it, which holds

    people.parquet  one row per customer: tags, behaviour tags, segments, reach
    bins.parquet    the same rows: of every tag a small number, its value or its range
    copy.json       the day, the digest, columns, values and ranges of the numbers

A folder is finished before `current` names it, in one step, so a build that is killed
leaves the copy that was. The one before stays until the next build, for who reads it.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from audience.vocabulary import Kind, Vocabulary
from warehouse.errors import QuanyuError
from warehouse.settings import state_dir

FORMAT = 1
PEOPLE, BINS, ABOUT = "people.parquet", "bins.parquet", "copy.json"
CHANNELS = ("sms", "phone", "email", "wechat")
# Bits of the column `standing`: reached by each channel, protected, excluded.
STANDING = "standing"
PROTECTED = 1 << len(CHANNELS)
EXCLUDED = PROTECTED << 1

_NOT_THERE = (
    "There is no columnar copy of the customers yet: `quanyu run` makes one after the "
    "segments, `quanyu segment copy` at once."
)


@dataclass(frozen=True)
class Bins:
    """What the small numbers of a tag mean; 0 is always "no value".

    `labels[i]` is number i + 1; `counts[i]` is how many of the base have number i, the
    base being all customers who are not excluded.
    """

    labels: list[str]
    counts: list[int]


@dataclass(frozen=True)
class Copy:
    """A finished copy."""

    folder: Path
    base_date: date
    digest: str
    people: int
    about: dict[str, Any]

    @property
    def people_file(self) -> Path:
        """The Parquet file of values."""
        return self.folder / PEOPLE

    @property
    def bins_file(self) -> Path:
        """The Parquet file of small numbers."""
        return self.folder / BINS

    @property
    def bytes(self) -> int:
        """Size of all files."""
        return sum(file.stat().st_size for file in self.folder.iterdir())

    def name(self, code: str) -> str:
        """Return a tag, a value (tag=value) or a segment as Chinese readers know it."""
        return str(self.about["names"].get(code, ""))

    def bins(self) -> dict[str, Bins]:
        """Return the meaning of the small numbers, by tag."""
        return {tag: Bins(**bins) for tag, bins in self.about["bins"].items()}

    def vocabulary(self) -> Vocabulary:
        """Return the names of its columns; saved predicates are not part of it."""
        return Vocabulary(
            kinds={name: Kind(*kind) for name, kind in self.about["kinds"].items()},
            values=self.about["values"],
            segments=frozenset(self.about["segments"]),
            has_order_of_text=self.about["has_order_of_text"],
        )


def copies_dir() -> Path:
    """Return the folder of copies of this state folder."""
    return state_dir() / "audience"


def current_copy() -> Copy:
    """Return the newest finished copy; QuanyuError when there is none."""
    home = copies_dir()
    try:
        folder = home / (home / "current").read_text("utf-8").strip()
        about = json.loads((folder / ABOUT).read_text("utf-8"))
    except FileNotFoundError as error:
        raise QuanyuError(_NOT_THERE) from error
    if about["format"] != FORMAT:
        raise QuanyuError(
            "The columnar copy was made by another version of quanyu: `quanyu segment "
            "copy` makes it anew."
        )
    return Copy(
        folder=folder,
        base_date=date.fromisoformat(about["base_date"]),
        digest=about["digest"],
        people=about["people"],
        about=about,
    )


@contextmanager
def new_folder() -> Iterator[Path]:
    """Give the only builder an empty folder; leftovers of killed ones are removed."""
    home = copies_dir()
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise QuanyuError(
                "Another process is making the columnar copy: wait until it has ended."
            ) from error
        kept = _current_name(home)
        for path in home.iterdir():
            if path.is_dir() and path.name != kept:
                shutil.rmtree(path)
        folder = home / "building"
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def publish(folder: Path, about: dict[str, Any]) -> Copy:
    """Finish a new folder and make it the current copy, in one step."""
    (folder / ABOUT).write_text(json.dumps(about, ensure_ascii=False), "utf-8")
    for file in folder.iterdir():
        _to_disk(file)
    _to_disk(folder)
    home = folder.parent
    # Never the name of the copy in use, even when nothing has changed since.
    name = f"{about['base_date']}_{about['digest'][:12]}"
    final = home / (name if _current_name(home) != name else f"{name}_again")
    folder.rename(final)
    pointer = home / "current.new"
    pointer.write_text(f"{final.name}\n", "utf-8")
    _to_disk(pointer)
    pointer.replace(home / "current")
    _to_disk(home)
    return current_copy()


def _current_name(home: Path) -> str:
    try:
        return (home / "current").read_text("utf-8").strip()
    except FileNotFoundError:
        return ""


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
