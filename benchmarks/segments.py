"""The audience engine beside bare DuckDB, PostgreSQL and polars.

    make bench-segments PEOPLE=1000000

Makes up the wide tags of PEOPLE people (benchmarks/made/wide.py) in a PostgreSQL of its
own, unlogged and without an index, builds the columnar copy, and asks 200 conditions of
three random clauses each:

    p95_estimate_ms    Engine.estimate, in a warm process
    p95_duckdb_ms      the same count by DuckDB alone on the same Parquet file, warm
    p95_postgres_ms    the same count of the wide table in PostgreSQL
    p95_polars_ms      the same count by polars on the same Parquet file
    tgi_ms             profile of all tags of a segment, with significance
    bare_tgi_ms        one DuckDB group-by per tag of that segment and of all
    overlap_ms         30 audiences, every two of them
    build_s, bytes     of the copy; *_fifth of a fifth of the people, before
    counts_equal       whether all of them counted the same
    postgres_predicates  how many of the conditions PostgreSQL was asked: all of them up
                       to a million people, 40 of five million, which take it minutes

The last line on stdout is one JSON object with every figure.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from audience.engine.build import make_copy
from audience.engine.copy import Copy
from audience.engine.dialects import to_duckdb, to_postgres
from audience.engine.engine import Engine
from audience.engine.profile import profile
from benchmarks.made.wide import BASE_DATE, Crowd
from benchmarks.observe.footprint import Footprint
from benchmarks.observe.home import bench_dir, warehouse
from benchmarks.observe.spans import Span
from benchmarks.oneid import PEERS, peer_python
from warehouse.connection import Connection, connect
from warehouse.settings import dbt_project_dir

PREDICATES = 200
# People that PostgreSQL looks at in all: a quarter of an hour of scans and no more.
MOST_SCANNED = 200_000_000
AUDIENCES = 30
WARM = 5


def main() -> None:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--people", type=int, default=int(os.environ.get("PEOPLE", "200000"))
    )
    options = parser.parse_args()
    if options.people < 1_000:
        parser.error("--people must be 1000 or more")
    python = peer_python(bench_dir("peers_segments"), "segments.txt")
    home = bench_dir("segments")
    with warehouse(home), connect(autocommit=True) as conn:
        print(json.dumps(measure(conn, options.people, home, python)))


def measure(conn: Connection, people: int, home: Path, python: Path) -> dict[str, Any]:
    """Return the figures for `people` people."""
    crowd = Crowd(conn, dbt_project_dir())
    fifth = people // 5
    crowd.add(1, fifth)
    small, small_s, _ = build(conn)
    small_bytes = small.bytes
    crowd.add(fifth + 1, people)
    copy, build_s, peak_mb = build(conn)
    engine = Engine(copy)
    tags = [tag.code for tag in crowd.tags]
    figures = {
        "people": people,
        "tags": len(tags),
        **asked(engine, conn, tags, home / "asked", python),
        **profiled(engine),
        "overlap_ms": overlapped(engine, tags),
        "build_s": build_s,
        "build_peak_mb": peak_mb,
        "bytes": copy.bytes,
        "build_s_fifth": small_s,
        "bytes_fifth": small_bytes,
        "growth_bytes": round(copy.bytes / small_bytes, 2),
        "growth_build": round(build_s / small_s, 2),
    }
    print(
        f"{people:,} people are {copy.bytes / 1e6:,.0f} MB, {copy.bytes / people:,.0f} "
        f"bytes each, built in {build_s:,.1f} s; five times the people: "
        f"{figures['growth_bytes']} times the bytes, {figures['growth_build']} times "
        "the time"
    )
    return figures


def build(conn: Connection) -> tuple[Copy, float, int]:
    """Build the copy; return it, its seconds and the most memory."""
    began = time.time()
    with Footprint() as footprint:
        copy = make_copy(conn, dbt_project_dir(), BASE_DATE)
    span = Span("copy", "", began, time.time())
    print(f"copied {copy.people:,} people in {span.seconds:,.1f} s", flush=True)
    return copy, round(span.seconds, 1), footprint.peak_mb(span)


def asked(
    engine: Engine, conn: Connection, tags: list[str], folder: Path, python: Path
) -> dict[str, Any]:
    """Ask everybody the same conditions; return times and whether counts agree."""
    texts = random_predicates(engine, tags, PREDICATES)
    trees = [engine.parse(text).tree for text in texts]
    duck = [to_duckdb(tree, BASE_DATE).sql(dialect="duckdb") for tree in trees]
    bare = duckdb.connect()
    file = engine.copy.people_file
    select = f"select count(*) from read_parquet('{file}') where "  # noqa: S608

    def by_duckdb(number: int) -> int:
        return int(bare.execute(select + duck[number]).fetchall()[0][0])

    def by_postgres(number: int) -> int:
        condition = to_postgres(trees[number], BASE_DATE)
        table = "tags.customer_tags_wide"
        query = f"select count(*) from {table} where {condition}"  # noqa: S608
        row = conn.execute(query.encode()).fetchone()
        return int(row[0]) if row else -1

    ways: dict[str, Callable[[int], int]] = {
        "estimate": lambda number: engine.estimate(texts[number]).selected,
        "duckdb": by_duckdb,
        "postgres": by_postgres,
    }
    some = range(min(len(texts), max(1, MOST_SCANNED // engine.copy.people)))
    for number in range(WARM):
        for way in ways.values():
            way(number)
    counts: dict[str, list[int]] = {}
    took: dict[str, list[float]] = {}
    # The first two by turns, so that what else the machine does is met by both.
    for names, asked_of in (
        (["estimate", "duckdb"], range(len(texts))),
        (["postgres"], some),
    ):
        for number in asked_of:
            for name in names if number % 2 else reversed(names):
                began = time.perf_counter()
                counts.setdefault(name, []).append(ways[name](number))
                took.setdefault(name, []).append(time.perf_counter() - began)
    folder.mkdir()
    given, out = folder / "predicates.json", folder / "polars.json"
    given.write_text(json.dumps(duck))
    script = PEERS / "polars_counts.py"
    subprocess.run([python, script, engine.copy.people_file, given, out], check=True)
    found = json.loads(out.read_text())
    counts["polars"], took["polars"] = map(list, zip(*found, strict=True))
    for name, one in took.items():
        print(f"{name}: median {np.median(one) * 1e3:,.1f} ms, p95 {p95(one):,.1f} ms")
    equal = True
    for number, text in enumerate(texts):
        here = {name: one[number] for name, one in counts.items() if number < len(one)}
        if len(set(here.values())) > 1:
            equal = False
            print(f"counts differ: {here} for {text}")
    return {
        **{f"p95_{name}_ms": p95(one) for name, one in took.items()},
        "postgres_predicates": len(some),
        "counts_equal": equal,
    }


def profiled(engine: Engine) -> dict[str, float]:
    """Profile a segment by the engine, and by a group-by per tag."""
    audience = sorted(engine.vocabulary.segments)[0]
    tgi_ms = median_ms(lambda: profile(engine, audience), 3)
    bare = duckdb.connect()
    file = engine.copy.people_file

    def group_by_tag() -> None:
        for tag in engine.vocabulary.kinds:
            columns = f"{tag}, count(*), count(*) filter (where {audience})"
            people = f"read_parquet('{file}') where risk_exclusion is null"
            query = f"select {columns} from {people} group by 1"  # noqa: S608
            bare.execute(query).fetchall()

    return {"tgi_ms": tgi_ms, "bare_tgi_ms": median_ms(group_by_tag, 1)}


def overlapped(engine: Engine, tags: list[str]) -> float:
    """Return the time of all overlaps of 30 audiences."""
    audiences = sorted(engine.vocabulary.segments)[:AUDIENCES]
    audiences += random_predicates(engine, tags, AUDIENCES - len(audiences))
    return median_ms(lambda: engine.overlap(audiences), 5)


def random_predicates(engine: Engine, tags: list[str], number: int) -> list[str]:
    """Return conditions of three clauses over random tags, the same every time."""
    rng = np.random.default_rng(20171231)
    return [
        rng.choice(
            ["{} and {} and {}", "{} and ({} or {})", "{} or {} and not {}"]
        ).format(*(f"({random_clause(engine, tags, rng)})" for _ in range(3)))
        for _ in range(number)
    ]


def random_clause(engine: Engine, tags: list[str], rng: np.random.Generator) -> str:
    """Return a comparison, a list or a flag of a random tag."""
    tag = str(rng.choice(tags))
    kind = engine.vocabulary.kinds[tag]
    labels = engine.copy.about["bins"][tag]["labels"]
    if rng.random() < 0.1:
        return f"{tag} is {rng.choice(['', 'not '])}null"
    if kind.name == "boolean":
        return str(rng.choice(["", "not "])) + tag
    if kind.name == "text":
        some = rng.choice(labels[:-1], size=min(3, len(labels) - 1), replace=False)
        return f"{tag} in ({', '.join(repr(str(one)) for one in some)})"
    edge = str(rng.choice(labels)).removeprefix("> ").split(" – ")[0]
    value = f"'{edge}'" if kind.name == "date" else edge
    return f"{tag} {rng.choice(['<', '<=', '>', '>=', '=', '<>'])} {value}"


def median_ms(what: Callable[[], object], times: int) -> float:
    """Return the median time of something, once it is warm."""
    took = []
    for _ in range(times + (times > 1)):
        began = time.perf_counter()
        what()
        took.append(time.perf_counter() - began)
    return round(float(np.median(took[times > 1 :])) * 1000, 1)


def p95(seconds: list[float]) -> float:
    """Return the 95th percentile in milliseconds."""
    return round(float(np.quantile(seconds, 0.95)) * 1000, 1)


if __name__ == "__main__":
    main()
