"""The synthetic source: its purchases alone, and the whole command with all files.

    make bench-sample PEOPLE=100000

Two processes run one after the other: the first draws the purchases of so many people
into memory, the second does what `quanyu sample --source synthetic` does, with the
files of all channels and the truth. Memory is that of the process and its children,
pages they share counted once. The last line on stdout is one JSON object.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from benchmarks.observe.footprint import tree_bytes
from ingestion.sample.dice import Dice
from ingestion.sample.generate import SYNTHETIC, SampleOptions, generate
from ingestion.sample.synthetic import make_source

PEOPLE = 20_000
LOOK_EVERY = 0.2  # seconds between two looks at the memory
SEED = 7


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--people", type=int, default=int(os.environ.get("PEOPLE") or PEOPLE)
    )
    people = parser.parse_args().people
    alone, _ = _measured(_purchases, people)
    with tempfile.TemporaryDirectory() as folder:
        whole, peak = _measured(_command, people, Path(folder) / "drops", time.time())
    seconds = {name: round(spent, 2) for name, spent in whole["seconds"].items()}
    lines = whole["lines"]
    drawn = alone["lines"] / alone["seconds"]
    total = lines / sum(whole["seconds"].values())
    print(f"{people:,} people, {lines:,} order lines, {whole['rows']:,} rows in files")
    print(f"{'purchases alone':<40} {alone['seconds']:8.2f} s {drawn:12,.0f} lines/s")
    for name, spent in seconds.items():
        print(f"{name:<40} {spent:8.2f} s")
    spent = sum(seconds.values())
    print(f"{'the whole command':<40} {spent:8.2f} s {total:12,.0f} lines/s")
    print(f"{'processor time of it, all cores':<40} {whole['cpu']:8.2f} s")
    print(f"{'memory at its highest':<40} {peak:8,.0f} MB")
    print(
        json.dumps(
            {
                "people": people,
                "order_lines": lines,
                "purchase_lines_per_s": round(drawn),
                "lines_per_s": round(total),
                "seconds": seconds,
                "cpu_seconds": round(whole["cpu"], 2),
                "peak_mb": round(peak),
            }
        )
    )


def _purchases(people: int) -> dict[str, Any]:
    started = time.perf_counter()
    source = make_source(Dice(SEED), people)
    return {"seconds": time.perf_counter() - started, "lines": len(source.lines)}


def _command(people: int, out: Path, started: float) -> dict[str, Any]:
    step, seconds = "starting", {}

    def progress(name: str) -> None:
        nonlocal step, started
        now = time.time()
        seconds[step] = now - started
        step, started = name, now

    first, last = dt.date(2017, 12, 29), dt.date(2017, 12, 31)
    report = generate(
        SampleOptions(
            first, last, SEED, "default", out, source=SYNTHETIC, people=people
        ),
        progress,
    )
    progress("")
    spent = os.times()
    return {
        "cpu": spent.user + spent.system + spent.children_user + spent.children_system,
        "seconds": seconds,
        "lines": report.source_lines,
        "rows": sum(report.rows.values()),
    }


def _measured(run: Callable[..., dict], *given: object) -> tuple[dict[str, Any], float]:
    """Run in a fresh process; return its answer and the most memory it took, in MB."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe(duplex=False)
    child = spawn.Process(target=_answer, args=(theirs, run, given))
    child.start()
    theirs.close()
    peak = 0.0
    while not ours.poll(LOOK_EVERY):
        peak = max(peak, tree_bytes(child.pid or 0) / 1e6)
    answer = ours.recv()
    child.join()
    return answer, peak


def _answer(pipe: Connection, run: Callable[..., dict], given: tuple) -> None:
    pipe.send(run(*given))


if __name__ == "__main__":
    main()
