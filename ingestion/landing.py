"""Land a directory of channel files: rows, quarantine and ledger commit together."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path

from psycopg import OperationalError, errors, sql

from ingestion.contract import EXTRA, ROW_KEYS, Channel, Table, load_contracts
from ingestion.drops import DropFile, Drops, find_drops
from ingestion.ledger import Landed, Ledger
from ingestion.prefetch import prefetch
from ingestion.reader import Part, read_parts
from ingestion.report import LoadReport, Progress, Refusal, RefusedFiles
from warehouse.connection import Connection, copy_csv
from warehouse.errors import QuanyuError
from warehouse.locks import DAILY_LOCK, is_locked

# Small files share a transaction until they hold this much, a large one has its own.
BATCH_BYTES = 32 << 20
BATCH_FILES = 2_000

# One load at a time; the next waits this long for the lock of a killed one to go.
LANDING_LOCK = 7_142_002
LOCK_TIMEOUT = "5s"


def ensure_raw_tables(
    conn: Connection, channels: Mapping[str, Channel] | None = None
) -> None:
    """Make the raw tables of all contracts, and add columns new in a contract."""
    with conn.transaction():
        known: dict[tuple[str, str], set[str]] = defaultdict(set)
        for schema, table, column in conn.execute(
            "select table_schema, table_name, column_name"
            " from information_schema.columns where table_schema like 'raw%'"
        ):
            known[schema, table].add(column)
        for channel in (channels or load_contracts()).values():
            conn.execute(
                sql.SQL("create schema if not exists {}").format(
                    sql.Identifier(channel.raw_schema)
                )
            )
            for table in channel.tables:
                existing = known[channel.raw_schema, table.table]
                for statement in _raw_table(channel, table, existing):
                    conn.execute(statement)


def _raw_table(
    channel: Channel, table: Table, existing: set[str]
) -> Iterator[sql.Composed]:
    name = sql.Identifier(channel.raw_schema, table.table)
    if not existing:
        columns = sql.SQL(", ").join(
            _column(table, column) for column in table.landed_columns
        )
        yield sql.SQL("create table {} ({})").format(name, columns)
        return
    for column in table.landed_columns:
        if column not in existing:
            yield sql.SQL("alter table {} add column {}").format(
                name, _column(table, column)
            )


def _column(table: Table, column: str) -> sql.Composed:
    if column in ROW_KEYS:
        kind = "int not null"
    elif column == EXTRA or table.columns[column].type == "json":
        kind = "jsonb"
    else:
        kind = "text"
    return sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(kind))


def load_directory(
    conn: Connection,
    directory: Path,
    progress: Callable[[Progress], None] | None = None,
    channels: Mapping[str, Channel] | None = None,
) -> LoadReport:
    """Land every file of DIR/<yyyy-mm-dd>/<channel>/ that the ledger does not know.

    Args:
        conn: a connection that is not in a transaction.
        directory: the landing directory, or one drop of it.
        progress: called after every commit.
        channels: contracts by channel code; those of this project when left out.

    Raises:
        RefusedFiles: some files were refused; everything else has landed.
        QuanyuError: there is no drop, or another load is under way.
    """
    channels = channels or load_contracts()
    drops = find_drops(directory, channels)
    with _one_sentence(), _one_at_a_time(conn):
        ensure_raw_tables(conn, channels)
        report = _Load(conn, directory, drops, progress).run()
    if report.refused:
        raise RefusedFiles(report)
    return report


def load_segments(
    conn: Connection, directory: Path, files: list[DropFile]
) -> LoadReport | None:
    """Land files that are no part of a drop: days stay as complete as they are.

    None while the daily job runs: what it counts as landed stays what it has staged.
    A job that begins after this look waits, when it lands, for this load to end.

    Args:
        conn: a connection that is not in a transaction.
        directory: where the files come from, for the ledger.
        files: what to land; what the ledger knows is left out.

    Raises:
        QuanyuError: another load is under way, or the warehouse gave up.
    """
    channels = {file.channel.channel: file.channel for file in files}
    with _one_sentence(), _one_at_a_time(conn):
        if is_locked(conn, DAILY_LOCK):
            return None
        ensure_raw_tables(conn, channels)
        return _Load(conn, directory, Drops(files, []), None, is_drop=False).run()


@contextmanager
def _one_sentence() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        reason = " ".join(str(error).split())
        raise QuanyuError(
            f"The warehouse gave up during the load: {reason}. What was committed "
            "stays; load again and the rest lands."
        ) from error


@contextmanager
def _one_at_a_time(conn: Connection) -> Iterator[None]:
    try:
        with conn.transaction():
            conn.execute("select set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
            conn.execute("select pg_advisory_lock(%s)", [LANDING_LOCK])
    except errors.LockNotAvailable as error:
        raise QuanyuError(
            "Another load is under way on this warehouse: wait until it has ended."
        ) from error
    try:
        yield
    finally:
        if not conn.closed:
            with conn.transaction():
                conn.execute("select pg_advisory_unlock(%s)", [LANDING_LOCK])


class _Load:
    """One run over the files of a directory.

    Files small enough share a transaction; one that comes in parts has its own.
    """

    def __init__(
        self,
        conn: Connection,
        directory: Path,
        drops: Drops,
        progress: Callable[[Progress], None] | None,
        *,
        is_drop: bool = True,
    ) -> None:
        self.conn = conn
        self.files = drops.files
        self.progress = progress
        self.ledger = Ledger.read(conn, directory, drops.files, is_drop=is_drop)
        self.report = LoadReport(directory, unclaimed=drops.unclaimed)
        self.batch: dict[str, list[Part]] = defaultdict(list)
        self.batch_files = 0
        self.batch_bytes = 0
        self.bytes_total = sum(file.byte_count for file in drops.files)
        self.bytes_done = 0
        self.started = time.perf_counter()

    def run(self) -> LoadReport:
        """Land what is new."""
        ledger = self.ledger
        reading = read_parts(
            self.files, ledger.known, ledger.load_id, ledger.next_file_id
        )
        with closing(prefetch(reading)) as parts:
            for part in parts:
                if part.is_last:
                    self._take(part)
                else:
                    self._commit_batch()
                    self._commit_stream(part, parts)
                self.bytes_done += part.file.byte_count
                self._show()
        self._commit_batch()
        if ledger.is_open:
            ledger.close(self.report.tables)
            self.report.load_id = ledger.load_id
        self.report.completed_drops = ledger.newly_completed
        self.report.seconds = time.perf_counter() - self.started
        return self.report

    def _take(self, part: Part) -> None:
        """Take a file that came whole, is known or is refused."""
        if part.known:
            self.ledger.skip(part.file)
            self.report.known_files += 1
        elif part.refusal:
            self._refuse(part)
        else:
            self.batch[part.file.raw_table].append(part)
            self.batch_files += 1
            self.batch_bytes += len(part.payload)
        if self.batch_files >= BATCH_FILES or self.batch_bytes >= BATCH_BYTES:
            self._commit_batch()

    def _refuse(self, part: Part) -> None:
        self.ledger.refuse(part.file, part.refusal)
        self.report.refused.append(Refusal(part.file.name, part.refusal))

    def _commit_batch(self) -> None:
        """Commit the files taken, with one COPY for each of their tables."""
        batch = self.batch
        self.batch, self.batch_files, self.batch_bytes = defaultdict(list), 0, 0
        landed = [Landed.of([part]) for parts in batch.values() for part in parts]
        for file in landed:
            self.ledger.land(file)
        if not self.ledger.has_news:
            return
        with self.ledger.transaction():
            for table, parts in batch.items():
                self.report.table(table).seconds += self._copy(parts)
        self._count(landed)

    def _commit_stream(self, first: Part, parts: Iterator[Part]) -> None:
        """Commit a file that comes in parts, or nothing of it."""
        seen: list[Part] = []
        seconds = 0.0
        try:
            with self.ledger.transaction():
                for part in chain([first], parts):
                    if part.refusal:
                        raise _RefusedMidway(part)
                    seconds += self._copy([part])
                    seen.append(part.without_content())
                    self._show()
                    if part.is_last:
                        break
                landed = Landed.of(seen)
                self.ledger.land(landed)
        except _RefusedMidway as refused:
            self._refuse(refused.part)
        else:
            self.report.table(first.file.raw_table).seconds += seconds
            self._count([landed])

    def _copy(self, parts: Sequence[Part]) -> float:
        """COPY parts of one table and their quarantine; return the seconds it took."""
        started = time.perf_counter()
        file = parts[0].file
        copied = copy_csv(
            self.conn,
            file.raw_table,
            file.table.copied_columns,
            (part.payload for part in parts),
        )
        expected = sum(part.row_count for part in parts)
        if copied != expected:
            raise RuntimeError(f"{file.raw_table}: {copied} rows of {expected} landed")
        self.ledger.write_quarantine(parts)
        return time.perf_counter() - started

    def _count(self, files: Iterable[Landed]) -> None:
        for landed in files:
            table = self.report.table(landed.file.raw_table)
            table.files += 1
            table.rows += landed.row_count
            table.quarantined += landed.quarantined_count
            table.bytes += landed.byte_count
            table.seconds += landed.seconds

    def _show(self) -> None:
        if self.progress is not None:
            self.progress(
                Progress(
                    self.bytes_done,
                    self.bytes_total,
                    self.report.rows,
                    time.perf_counter() - self.started,
                )
            )


class _RefusedMidway(Exception):
    """A file turns out unfit after some of it has been copied."""

    def __init__(self, part: Part) -> None:
        super().__init__(part.refusal)
        self.part = part
