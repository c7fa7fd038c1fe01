"""The whole way at a brand's size: what each layer costs in seconds and memory.

    make bench-pipeline PEOPLE=1000000

Writes a synthetic group of PEOPLE people (about ten order lines each), lands it and
runs the daily job on a PostgreSQL of its own; the same with a tenth of the people
first, to see how cost grows. Landing is set against a bare COPY of the same order-line
files.

    seconds_total     wall time of landing and the daily job, without making the sample
    seconds_by_layer  time its nodes took, summed (two run at a time)
    peak_mb           most memory of all that ran: quanyu, dbt, Dagster, PostgreSQL
                      (proportional set size: shared pages count once)
    overhead_share    1 - (time in which a dbt node, a COPY or a model run was under
                      way) / seconds_total
    growth_100k_1m    seconds_total / seconds_total of a tenth of the people

The last line on stdout is one JSON object with every figure.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import landing
from benchmarks.observe.footprint import Footprint
from benchmarks.observe.home import bench_dir, discard, quanyu, settle
from benchmarks.observe.spans import (
    CopyWatch,
    Span,
    covered,
    dbt_spans,
    load_spans,
    model_spans,
)

LEAST_PEOPLE = 1_000
LAST_DAY = "2017-12-31"  # one opening export holds the whole year


@dataclass(frozen=True)
class Outcome:
    """What one size came to; times in seconds, memory in MB."""

    people: int
    order_lines: int
    rows_landed: int
    sample_seconds: float
    seconds: float
    overhead_share: float
    seconds_by_layer: dict[str, float]
    peak_mb: int
    peak_mb_by_layer: dict[str, int]
    slowest: list[tuple[str, float]]
    drops: Path


def main() -> None:
    """Run both sizes and print their figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--people", type=int, default=int(os.environ.get("PEOPLE", "100000"))
    )
    parser.add_argument("--keep", action="store_true", help="leave the files behind")
    options = parser.parse_args()
    if options.people < LEAST_PEOPLE:
        parser.error(f"--people must be {LEAST_PEOPLE} or more")
    home = bench_dir("pipeline")
    shutil.rmtree(home, ignore_errors=True)
    try:
        small = measure(options.people // 10, home / "small")
        discard(home / "small")
        large = measure(options.people, home / "large")
        versus = landing.measure(large.drops, rounds=1)["total"].as_json()
    finally:
        if not options.keep:
            for size in ("small", "large"):
                discard(home / size)
    print(
        json.dumps(
            {
                "people": large.people,
                "order_lines": large.order_lines,
                "rows_landed": large.rows_landed,
                "seconds_by_layer": large.seconds_by_layer,
                "seconds_total": large.seconds,
                "seconds_total_tenth": small.seconds,
                "sample_seconds": large.sample_seconds,
                "peak_mb": large.peak_mb,
                "peak_mb_by_layer": large.peak_mb_by_layer,
                "landing_rows_per_s": versus["landing_rows_per_s"],
                "copy_rows_per_s": versus["copy_rows_per_s"],
                "landing_ratio": versus["ratio"],
                "overhead_share": large.overhead_share,
                "growth_100k_1m": round(large.seconds / small.seconds, 2),
                "slowest": dict(large.slowest),
            }
        )
    )


def measure(people: int, home: Path) -> Outcome:
    """Write a group, run the whole way on it in a warehouse of its own."""
    drops = home / "drops"
    settle(home)
    began = time.time()
    quanyu(
        *("sample", "--source", "synthetic", "--people", str(people)),
        *("--from", LAST_DAY, "--to", LAST_DAY, "--out", str(drops)),
    )
    sampled = time.time() - began
    world = json.loads((home / "drops_truth" / "world.json").read_text("utf-8"))
    print(f"{people:,} people: {world['source_lines']:,} lines in {sampled:.0f} s")
    quanyu("up")
    quanyu("dbt", "parse")
    began = time.time()
    with Footprint() as footprint, CopyWatch() as copies:
        quanyu("run", "--landing-dir", str(drops))
    whole = Span("run", "", began, time.time())
    at_work = [*dbt_spans(whole), *model_spans()]
    nodes = [*load_spans(), *at_work]
    seconds: dict[str, float] = {}
    for node in nodes:
        seconds[node.layer] = seconds.get(node.layer, 0.0) + node.seconds
    outcome = Outcome(
        people=people,
        order_lines=world["source_lines"],
        rows_landed=sum(world["rows"].values()),
        sample_seconds=round(sampled, 1),
        seconds=round(whole.seconds, 1),
        overhead_share=round(
            1 - covered([*at_work, *copies.spans], whole) / whole.seconds, 3
        ),
        seconds_by_layer={name: round(took, 1) for name, took in seconds.items()},
        peak_mb=footprint.peak_mb(whole),
        peak_mb_by_layer={
            name: max(footprint.peak_mb(node) for node in nodes if node.layer == name)
            for name in seconds
        },
        slowest=sorted(
            ((node.name, round(node.seconds, 1)) for node in nodes),
            key=lambda one: -one[1],
        )[:10],
        drops=drops,
    )
    show(outcome)
    return outcome


def show(outcome: Outcome) -> None:
    """Print one size for people."""
    print(f"{'layer':<14} {'seconds':>9} {'peak MB':>9}")
    for layer, took in outcome.seconds_by_layer.items():
        print(f"{layer:<14} {took:>9,.1f} {outcome.peak_mb_by_layer[layer]:>9,}")
    print(
        f"{'wall':<14} {outcome.seconds:>9,.1f} {outcome.peak_mb:>9,}   "
        f"overhead {outcome.overhead_share:.1%}\nslowest: "
        + ", ".join(f"{name} {took:,.0f} s" for name, took in outcome.slowest),
        flush=True,
    )


if __name__ == "__main__":
    main()
