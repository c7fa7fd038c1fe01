"""The landing ledger: which files are in, which drops are complete (schema landing)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from psycopg import sql

from ingestion import tombstones
from ingestion.drops import DropFile
from ingestion.reader import Content, Part
from warehouse.connection import Connection, copy_rows, table_identifier


@dataclass(frozen=True)
class Landed:
    """A file that landed and what came of it; `seconds` of reading."""

    file: DropFile
    file_id: int
    sha256: str
    byte_count: int
    row_count: int
    quarantined_count: int
    seconds: float

    @classmethod
    def of(cls, parts: Sequence[Part]) -> Landed:
        """Sum up the parts of one file."""
        first = parts[0]
        return cls(
            first.file,
            first.file_id,
            first.sha256,
            first.byte_count,
            sum(part.row_count for part in parts),
            sum(part.quarantined_count for part in parts),
            sum(part.seconds for part in parts),
        )


@dataclass
class Ledger:
    """What is known before a load, and what the load has to write down.

    Files that are no part of a drop (`is_drop` is false) complete no day and open none.
    """

    conn: Connection
    directory: Path
    load_id: int
    next_file_id: int
    known: set[Content]
    completed: set[date]
    outstanding: Counter[date]
    is_drop: bool = True
    newly_completed: list[date] = field(default_factory=list)
    is_open: bool = False
    _landed: list[Landed] = field(default_factory=list)
    _refused: list[tuple[DropFile, str]] = field(default_factory=list)
    _refused_on: set[date] = field(default_factory=set)
    _touched: set[date] = field(default_factory=set)

    @classmethod
    def read(
        cls,
        conn: Connection,
        directory: Path,
        files: Sequence[DropFile],
        *,
        is_drop: bool = True,
    ) -> Ledger:
        """Read what has landed before; `files` are those of the coming load.

        Only files of the same size can hold the same: the others are not read, so that
        a small load costs the same after years of them.
        """
        with conn.transaction():
            known = conn.execute(
                "select channel_code, table_name, content_sha256 from landing.files"
                " where byte_count = any(%s)",
                [sorted({file.byte_count for file in files})],
            ).fetchall()
            completed = conn.execute(
                "select drop_date from landing.drops where completed_at is not null"
            ).fetchall()
            ids = conn.execute(
                "select"
                " (select coalesce(max(load_id), 0) + 1 from landing.loads),"
                " (select coalesce(max(file_id), 0) + 1 from landing.files)"
            ).fetchone()
        load_id, next_file_id = ids or (1, 1)
        return cls(
            conn,
            directory,
            load_id,
            next_file_id,
            set(known),
            {row[0] for row in completed},
            Counter(file.drop_date for file in files),
            is_drop,
        )

    def land(self, landed: Landed) -> None:
        """Note a file whose rows commit with the next transaction."""
        self._landed.append(landed)
        self._touched.add(landed.file.drop_date)
        self.outstanding[landed.file.drop_date] -= 1

    def refuse(self, file: DropFile, reason: str) -> None:
        """Note a file of which nothing lands."""
        self._refused.append((file, reason))
        self._refused_on.add(file.drop_date)
        self._touched.add(file.drop_date)
        self.outstanding[file.drop_date] -= 1

    def skip(self, file: DropFile) -> None:
        """Note a file that has landed before."""
        self.outstanding[file.drop_date] -= 1
        if self.is_drop and file.drop_date not in self.completed:
            self._touched.add(file.drop_date)

    @property
    def has_news(self) -> bool:
        """Whether there is something to write down."""
        return bool(self._touched)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit, durably, what the body writes together with the notes taken."""
        with self.conn.transaction():
            self.conn.execute("set local synchronous_commit = on")
            self.conn.execute(
                "insert into landing.loads (load_id, started_at, directory)"
                " values (%s, now(), %s) on conflict do nothing",
                [self.load_id, str(self.directory.resolve())],
            )
            yield
            self._write_files()
            tables = {landed.file.raw_table for landed in self._landed}
            tombstones.keep_out(self.conn, tables, self.load_id)
            done = self._write_drops()
        self.is_open = True
        self.completed |= done
        self.newly_completed += sorted(done)
        self._landed, self._refused, self._touched = [], [], set()

    def write_quarantine(self, parts: Iterable[Part]) -> None:
        """Write the lines of some parts that could not be read."""
        rows = [
            (
                part.file_id,
                line.row_no,
                self.load_id,
                line.reason,
                line.detail,
                line.content,
            )
            for part in parts
            for line in part.quarantined
        ]
        if rows:
            copy_rows(
                self.conn,
                "landing.raw_quarantine",
                ["file_id", "row_no", "load_id", "reason", "detail", "content"],
                rows,
            )

    def _write_files(self) -> None:
        now = datetime.now(UTC)
        if self._landed:
            copy_rows(
                self.conn,
                "landing.files",
                [
                    *("file_id", "load_id", "channel_code", "table_name"),
                    *("drop_date", "file_name", "content_sha256", "byte_count"),
                    *("landed_row_count", "quarantined_row_count", "loaded_at"),
                ],
                (
                    (
                        landed.file_id,
                        self.load_id,
                        landed.file.channel.channel,
                        landed.file.table.table,
                        landed.file.drop_date,
                        landed.file.path.name,
                        landed.sha256,
                        landed.byte_count,
                        landed.row_count,
                        landed.quarantined_count,
                        now,
                    )
                    for landed in self._landed
                ),
            )
        if self._refused:
            copy_rows(
                self.conn,
                "landing.refused_files",
                [
                    *("load_id", "channel_code", "table_name", "drop_date"),
                    *("file_name", "reason", "refused_at"),
                ],
                (
                    (
                        self.load_id,
                        file.channel.channel,
                        file.table.table,
                        file.drop_date,
                        file.path.name,
                        reason,
                        now,
                    )
                    for file, reason in self._refused
                ),
            )

    def _write_drops(self) -> set[date]:
        """Mark touched drops; return those that are complete now."""
        if not self.is_drop:
            return set()
        done = {
            day
            for day in self._touched
            if not self.outstanding[day] and day not in self._refused_on
        }
        with self.conn.cursor() as cursor:
            cursor.executemany(
                "insert into landing.drops (drop_date, completed_at, load_id)"
                " values (%s, case when %s then now() end, %s)"
                " on conflict (drop_date) do update set"
                " completed_at = coalesce(excluded.completed_at, drops.completed_at),"
                " load_id = excluded.load_id",
                [(day, day in done, self.load_id) for day in sorted(self._touched)],
            )
        return done

    def close(self, tables: Iterable[str]) -> None:
        """End the load and refresh the planner's statistics of what it filled.

        Raw tables are read from end to end: a small sample says enough about them.
        """
        with self.conn.transaction():
            self.conn.execute("set local default_statistics_target = 10")
            self.conn.execute(
                "update landing.loads set finished_at = now() where load_id = %s",
                [self.load_id],
            )
            for table in tables:
                self.conn.execute(sql.SQL("analyze {}").format(table_identifier(table)))
