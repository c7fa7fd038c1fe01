"""Segments on disk: cut, sealed, given up, never mixed up."""

from __future__ import annotations

import errno
import os
from datetime import date
from pathlib import Path

import pytest

from ingestion.collect import spool as spool_module
from ingestion.collect.schema import events_table
from ingestion.collect.spool import Spool, SpoolTaken, sealed_segments, segment_day


def contents(directory: Path) -> list[bytes]:
    return [path.read_bytes() for path in sealed_segments(directory)]


def test_segments_are_sealed_by_size_age_and_at_the_end(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "new" / "spool", seal_bytes=10, seal_seconds=60)
    directory = spool.directory
    spool.append(b"one\n")
    assert not spool.seal_if_due()
    spool.append(b"two\nthree\n")
    assert spool.seal_if_due()
    spool.append(b"four\n")
    spool.seal_seconds = 0
    assert spool.seal_if_due()
    assert not spool.seal_if_due()
    spool.append(b"five\n")
    spool.close()
    assert contents(directory) == [b"one\ntwo\nthree\n", b"four\n", b"five\n"]
    for path in sealed_segments(directory):
        assert events_table().matches(path.name)
        assert abs(segment_day(path) - date.today()).days <= 1
    assert {path.suffix for path in directory.iterdir()} == {".jsonl", ".lock"}


@pytest.mark.parametrize(
    ("left", "kept"),
    [
        (b"one\ntwo\n", [b"one\ntwo\n"]),
        (b'one\n{"torn', [b"one\n"]),
        (b"one\n" + b"x" * 300_000, [b"one\n"]),
        (b"x" * 300_000, []),
        (b"", []),
    ],
)
def test_a_torn_tail_is_cut_at_the_next_start(
    tmp_path: Path, left: bytes, kept: list[bytes]
) -> None:
    (tmp_path / "events_20261125T000000_000000_0.open").write_bytes(left)
    spool = Spool(tmp_path)
    spool.append(b"next\n")
    spool.close()
    assert contents(tmp_path) == [*kept, b"next\n"]


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(b"one\n")
    with pytest.raises(SpoolTaken, match="--spool of its own"):
        Spool(tmp_path)
    spool.close()
    Spool(tmp_path).close()
    assert contents(tmp_path) == [b"one\n"]


@pytest.mark.parametrize("at", ["write", "sync", "create"])
def test_nothing_of_a_failed_write_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    spool = Spool(tmp_path)
    if at != "create":
        spool.append(b"before\n")
    write = os.write

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    def half(descriptor: int, data: memoryview) -> int:
        if len(data) < 6:
            full()
        return write(descriptor, data[: len(data) // 2])

    with monkeypatch.context() as patch:
        if at == "write":
            patch.setattr(os, "write", half)
        else:
            patch.setattr(
                spool_module, "sync" if at == "sync" else "sync_directory", full
            )
        with pytest.raises(OSError, match="No space"):
            spool.append(b"lost, and said so\n")
    spool.append(b"after\n")
    assert spool.seal_if_due() == (at != "create")
    spool.close()
    before = [b"before\n"] if at != "create" else []
    assert contents(tmp_path) == [*before, b"after\n"]
