"""Landing of order-line files against a bare COPY of the same rows.

    python -m benchmarks landing [--households 500] [--dir DIR]
    make bench-landing [HOUSEHOLDS=500] [DIR=DIR]

Without --dir the sample group writes the files: GB18030 CSV in gzip, Parquet and JSON
lines, damaged lines among them. Landing reads them, decodes, checks and quarantines,
keeps the ledger, commits durably and analyses; the bare COPY gets the rows that landed
as UTF-8 CSV, ready made, into a table of the same columns. Both run on the warehouse's
server, in a database of its own. The last line on stdout is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from psycopg import conninfo, sql

from ingestion.contract import load_contracts
from ingestion.drops import DropFile, find_drops
from ingestion.landing import ensure_raw_tables, load_directory
from ingestion.sample.generate import SampleOptions, generate
from warehouse import migrate
from warehouse.connection import connect, database_url, table_identifier

HOUSEHOLDS = 500
ROUNDS = 3
CHUNK = 1 << 20

# Tables that hold what was bought: lines of their own, or orders with lines in them.
ORDER_LINES = {
    "raw_tmall.order_lines",
    "raw_youzan.trades",
    "raw_pos.receipt_lines",
    "raw_douyin.orders",
    "raw_xiaohongshu.order_lines",
    "raw_kuaishou.orders",
}


@dataclass(frozen=True)
class Figures:
    """Rows of some files, and the seconds of landing and of a bare COPY of them."""

    files: int
    rows: int
    landing_seconds: float
    copy_seconds: float

    @property
    def ratio(self) -> float:
        """Speed of landing as a share of the speed of a bare COPY."""
        return self.copy_seconds / self.landing_seconds

    def as_json(self) -> dict[str, Any]:
        """What the last line says of them."""
        return {
            "files": self.files,
            "rows": self.rows,
            "landing_rows_per_s": round(self.rows / self.landing_seconds),
            "copy_rows_per_s": round(self.rows / self.copy_seconds),
            "ratio": round(self.ratio, 3),
        }


def main(arguments: list[str] | None = None) -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks landing")
    parser.add_argument(
        "--households",
        type=int,
        default=int(os.environ.get("HOUSEHOLDS") or HOUSEHOLDS),
    )
    parser.add_argument(
        "--dir",
        type=Path,
        default=os.environ.get("DIR") or None,
        help="a landing directory to use instead",
    )
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        directory = options.dir or _sample(Path(folder), options.households)
        print(f"{'files':<12} {'rows':>10} {'landing rows/s':>16} {'COPY rows/s':>14}")
        figures = measure(directory)
    for name, one in figures.items():
        row = one.as_json()
        print(
            f"{name:<12} {row['rows']:>10,} {row['landing_rows_per_s']:>16,}"
            f" {row['copy_rows_per_s']:>14,}  ratio {row['ratio']:.2f}"
        )
    print(json.dumps({name: one.as_json() for name, one in figures.items()}))


def measure(
    directory: Path, tables: Iterable[str] = ORDER_LINES, rounds: int = ROUNDS
) -> dict[str, Figures]:
    """Figures by file format and in "total", of the round with the median ratio.

    Args:
        directory: a landing directory.
        tables: raw tables "schema.table" whose files are measured.
        rounds: how often each format is landed and copied, one after the other.
    """
    wanted = set(tables)
    by_format: dict[str, list[DropFile]] = {}
    for file in find_drops(directory, load_contracts()).files:
        if file.raw_table in wanted:
            by_format.setdefault(file.table.format, []).append(file)
    figures = {}
    with _database() as url:
        for name, files in sorted(by_format.items()):
            with tempfile.TemporaryDirectory() as folder:
                links = _links(files, Path(folder))
                found = [_round(url, links, files) for _ in range(rounds)]
            middle = statistics.median_low(one.ratio for one in found)
            figures[name] = next(one for one in found if one.ratio == middle)
    figures["total"] = Figures(
        sum(one.files for one in figures.values()),
        sum(one.rows for one in figures.values()),
        sum(one.landing_seconds for one in figures.values()),
        sum(one.copy_seconds for one in figures.values()),
    )
    return figures


def _sample(folder: Path, households: int) -> Path:
    options = SampleOptions(
        first_day=date(2017, 12, 29),
        last_day=date(2017, 12, 31),
        seed=7,
        noise="default",
        out=folder / "landing",
        households=households,
    )
    generate(options)
    return options.out


def _links(files: Iterable[DropFile], folder: Path) -> Path:
    """A landing directory of these files only."""
    for file in files:
        link = folder / file.drop_date.isoformat() / file.channel.channel
        link.mkdir(parents=True, exist_ok=True)
        (link / file.path.name).symlink_to(file.path.resolve())
    return folder


def _round(url: str, directory: Path, files: list[DropFile]) -> Figures:
    tables = sorted({file.raw_table for file in files})
    rows, landing = _land(url, directory)
    return Figures(len(files), rows, landing, _bare_copy(url, tables, directory))


def _land(url: str, directory: Path) -> tuple[int, float]:
    """Rows landed in an empty warehouse, and the seconds it took."""
    with connect(url) as conn:
        for channel in load_contracts().values():
            conn.execute(
                sql.SQL("drop schema if exists {} cascade").format(
                    sql.Identifier(channel.raw_schema)
                )
            )
        conn.execute("truncate landing.loads cascade")
        conn.execute("truncate landing.raw_quarantine, landing.drops")
        conn.commit()
        ensure_raw_tables(conn)
        started = time.perf_counter()
        report = load_directory(conn, directory)
        return report.rows, time.perf_counter() - started


def _bare_copy(url: str, tables: list[str], folder: Path) -> float:
    """Seconds of COPY of what has landed, from CSV files, into tables just like it."""
    seconds = 0.0
    path = folder / "bare.csv"
    with connect(url) as conn:
        for table in tables:
            name, like = sql.Identifier("bare"), table_identifier(table)
            conn.execute(sql.SQL("create table bare (like {})").format(like))
            with (
                path.open("wb") as file,
                conn.cursor().copy(
                    sql.SQL("copy {} to stdout (format csv)").format(like)
                ) as out,
            ):
                for chunk in out:
                    file.write(chunk)
            conn.commit()
            started = time.perf_counter()
            with conn.cursor().copy(
                sql.SQL("copy {} from stdin (format csv)").format(name)
            ) as copy:
                for block in _chunks(path):
                    copy.write(block)
            conn.commit()
            seconds += time.perf_counter() - started
            conn.execute("drop table bare")
            conn.commit()
    path.unlink()
    return seconds


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as file:
        while block := file.read(CHUNK):
            yield block


@contextmanager
def _database() -> Iterator[str]:
    name = f"bench_landing_{uuid.uuid4().hex[:8]}"
    server = database_url()
    url = conninfo.make_conninfo(server, dbname=name)
    with connect(server, autocommit=True) as admin:
        admin.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        try:
            with connect(url) as conn:
                migrate.apply(conn)
            yield url
        finally:
            admin.execute(
                sql.SQL("drop database {} with (force)").format(sql.Identifier(name))
            )


if __name__ == "__main__":
    main()
