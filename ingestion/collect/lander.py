"""Sealed segments into the ledger, in a process of its own.

    python -m ingestion.collect.lander SPOOL

The collector starts it, writes a byte to its stdin when a segment is sealed and closes
that to end it; however slow the warehouse is, no request waits for it.
"""

from __future__ import annotations

import logging
import os
import select
import sys
from contextlib import suppress
from pathlib import Path

import psycopg

from ingestion.collect.schema import CHANNEL, events_table
from ingestion.collect.spool import (
    Spool,
    SpoolTaken,
    lock,
    sealed_segments,
    segment_day,
    sync_directory,
)
from ingestion.contract import load_contracts
from ingestion.drops import DropFile
from ingestion.landing import load_segments
from warehouse import migrate
from warehouse.connection import Connection, connect
from warehouse.errors import QuanyuError

# How much lands at once: other loads wait for it, and give up after 5 s.
MAX_SEGMENTS = 16
RETRY_SECONDS = 5.0
_LOCK = "lander.lock"

log = logging.getLogger("quanyu.collect")


def land_sealed(conn: Connection, directory: Path) -> bool:
    """Land sealed segments and delete them; whether there may be more to do.

    Nothing is deleted before the ledger has it durably, and what the ledger has does
    not land again: killed anywhere between, the next call goes on.
    """
    while segments := sealed_segments(directory)[:MAX_SEGMENTS]:
        files = [_drop_file(path) for path in segments]
        report = load_segments(conn, directory, files)
        if report is None:
            return True
        refused = {refusal.name: refusal.reason for refusal in report.refused}
        for path in segments:
            if path.name in refused:
                log.error("set aside as %s.refused: %s", path.name, refused[path.name])
                path.rename(f"{path}.refused")
            else:
                path.unlink()
        sync_directory(directory)
        log.info("landed %s events of %s segments", report.rows, report.files)
    return False


def _drop_file(path: Path) -> DropFile:
    return DropFile(
        segment_day(path),
        load_contracts()[CHANNEL],
        events_table(),
        path,
        path.name,
        path.stat().st_size,
    )


def land_once(directory: Path) -> bool:
    """Land what is sealed on a connection of its own; whether something is left.

    Raises:
        QuanyuError: the warehouse is out of reach, or another load is under way.
    """
    if not sealed_segments(directory):
        return False
    with connect(application_name="quanyu-collect") as conn:
        migrate.apply(conn)
        return land_sealed(conn, directory)


def land_spool(directory: Path) -> bool:
    """Land what a collector has left behind; whether something is left.

    Raises:
        QuanyuError: as `land_once`, or another process lands this spool.
    """
    if not directory.is_dir():
        raise QuanyuError(
            f"{directory} is no folder: nothing has been collected in it."
        )
    with suppress(SpoolTaken):  # by a collector at work, which seals for itself
        Spool(directory).close()
    held = lock(directory / _LOCK)
    if held is None:
        raise QuanyuError(f"A collector lands {directory} already.")
    try:
        return land_once(directory)
    finally:
        os.close(held)


def run(directory: Path) -> None:
    """Land whatever is sealed until stdin ends, then once more."""
    # A lander whose collector was killed may still be at work: it ends soon.
    ended = False
    held = None
    while held is None and not ended:
        held = lock(directory / _LOCK)
        ended = held is None and _wait(RETRY_SECONDS)
    told = ""
    while held is not None:
        reason = _land(directory)
        if reason and reason != told:
            log.warning("nothing lands at the moment: %s", reason)
        told = reason
        if ended:
            return
        ended = _wait(RETRY_SECONDS if reason else None)


def _land(directory: Path) -> str:
    """Land what is sealed; why something is left, empty when nothing is."""
    try:
        return "the daily job runs" if land_once(directory) else ""
    except QuanyuError as error:
        return str(error)
    except (psycopg.Error, OSError) as error:
        # Its text may cite a row: a class name says enough for a log.
        return type(error).__name__


def _wait(seconds: float | None) -> bool:
    """Wait for a byte, the end of stdin or the time; whether it has ended."""
    stdin = sys.stdin.fileno()
    if not select.select([stdin], [], [], seconds)[0]:
        return False
    return not os.read(stdin, 1 << 16)


def main() -> None:
    """Run with the spool named on the command line."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s lander: %(message)s"
    )
    run(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
