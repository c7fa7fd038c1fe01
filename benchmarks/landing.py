"""Landing against a bare COPY of the same rows.

    python benchmarks/landing.py [--rows 1000000] [--dir DIR]

Without --dir it writes an order-line report as Tmall exports it (GB18030 CSV). Landing
reads the files, decodes, checks and quarantines, keeps the ledger and commits durably;
the bare COPY gets the same rows as UTF-8 CSV, ready made, into a table of the same
columns. Both run on the warehouse's server, in a database of the benchmark's own. The
last line on stdout is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from psycopg import conninfo, sql

from ingestion.contract import load_contracts
from ingestion.drops import find_drops
from ingestion.landing import load_directory
from warehouse import migrate
from warehouse.connection import connect, database_url, table_identifier

ROUNDS = 3
CHUNK = 1 << 20


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--dir", type=Path, help="a landing directory to use instead")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, _database() as url:
        directory = options.dir or _order_lines(Path(folder), options.rows)
        print(f"{'round':>5} {'landing rows/s':>16} {'COPY rows/s':>16}")
        rounds = []
        for at in range(ROUNDS):
            rows, landing = _land(url, directory)
            copy = _bare_copy(url, Path(folder))
            rounds.append((rows / landing, rows / copy))
            print(f"{at + 1:>5} {rounds[-1][0]:>16,.0f} {rounds[-1][1]:>16,.0f}")
    landing_rate = statistics.median(pair[0] for pair in rounds)
    copy_rate = statistics.median(pair[1] for pair in rounds)
    print(
        json.dumps(
            {
                "rows": rows,
                "files": len(find_drops(directory, load_contracts()).files)
                if options.dir
                else 1,
                "landing_rows_per_s": round(landing_rate),
                "copy_rows_per_s": round(copy_rate),
                "ratio": round(landing_rate / copy_rate, 3),
            }
        )
    )


def _order_lines(folder: Path, rows: int) -> Path:
    path = folder / "landing" / "2017-11-11" / "tmall" / "order_lines_20171111.csv"
    path.parent.mkdir(parents=True)
    columns = load_contracts()["tmall"].table_of(path.name)
    assert columns is not None  # noqa: S101  # the contract claims the name above
    with path.open("w", encoding="gb18030", newline="") as file:
        file.write(",".join(columns.columns) + "\r\n")
        file.writelines(
            f"tmall_market,{2017111100000000000 + at // 3},{3017111100000000000 + at},"
            f"T{at * 7919 % 92_000},婴儿配方奶粉 {at % 4 + 1} 段 800 克,{at % 5},"
            f"{at % 30_000 / 100:.2f},{at % 7}.00,0.00,0.{at % 90 + 10},"
            f"{at % 29_000 / 100:.2f},{'是' if at % 40 == 0 else '否'},"
            f"SF{at // 3:012},2017-11-11 00:{at % 60:02}:{at % 59:02}\r\n"
            for at in range(rows)
        )
    return folder / "landing"


def _land(url: str, directory: Path) -> tuple[int, float]:
    """Rows landed in an empty warehouse, and the seconds it took."""
    with connect(url) as conn:
        for table in _raw_tables():
            conn.execute(
                sql.SQL("drop table if exists {}").format(table_identifier(table))
            )
        conn.execute("truncate landing.loads cascade")
        conn.execute("truncate landing.raw_quarantine, landing.drops")
        conn.commit()
        report = load_directory(conn, directory)
    return report.rows, report.seconds


def _bare_copy(url: str, folder: Path) -> float:
    """Seconds of COPY of what has landed, from CSV files, into tables just like it."""
    seconds = 0.0
    with connect(url) as conn:
        for table in _raw_tables():
            name, like = sql.Identifier("bare"), table_identifier(table)
            conn.execute(sql.SQL("create table bare (like {})").format(like))
            path = folder / "bare.csv"
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
    return seconds


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as file:
        while block := file.read(CHUNK):
            yield block


def _raw_tables() -> list[str]:
    return [
        f"{channel.raw_schema}.{table.table}"
        for channel in load_contracts().values()
        for table in channel.tables
    ]


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
