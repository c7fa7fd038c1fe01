"""Models on public data, beside what was published of them and beside obvious rules.

    make bench-ml                        every part, one after the other
    make bench-ml PARTS=cdnow,score      some of them

    cdnow             BG/NBD and Pareto/NBD on CDNOW: parameters, likelihoods, hold-out
    ml100k            recommendation on MovieLens-100K, tuned on a validation split only
    repurchase        who buys again, Complete Journey without noise, from 2017-12-01
    suite             seven models with labels, each by its own gate, beside its rules
    lookalike         held-out redeemers found by who resembles the others
    recommendation    next products on a time split, beside a person's own favourites
    neighbours        50 neighbours of 200,000 customers; an expansion of 1,000 seeds
    score             1,000,000 customers read, scored and written

Each part is a process of its own, so that memory and threads of one do not show in the
next; `python -m benchmarks.models.PART` runs one. The data are inside packages of PyPI.
The last line on stdout is one JSON object with the figures of every part.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from typing import Any

from rich.console import Console
from rich.table import Table

PARTS = (
    "cdnow",
    "ml100k",
    "repurchase",
    "suite",
    "lookalike",
    "recommendation",
    "neighbours",
    "score",
)


def main() -> None:
    """Run the parts, print a table and the JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", default=os.environ.get("PARTS", ",".join(PARTS)))
    parts = [part for part in parser.parse_args().parts.split(",") if part]
    unknown = set(parts) - set(PARTS)
    if unknown:
        parser.error(f"no part {', '.join(sorted(unknown))}: there are {PARTS}")
    found: dict[str, Any] = {}
    for part in parts:
        print(f"-- {part}", flush=True)
        found |= run(part)
    show(found)
    print(json.dumps(found))


def run(part: str) -> dict[str, Any]:
    """Return the figures of one part; what it prints before them is shown."""
    ended = subprocess.run(
        [sys.executable, "-m", f"benchmarks.models.{part}"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    *said, last = ended.stdout.rstrip().splitlines()
    for line in said:
        print(line, flush=True)
    figures: dict[str, Any] = json.loads(last)
    return figures


def show(found: dict[str, Any]) -> None:
    """Print every figure, a line each."""
    table = Table("part", "figure", "measured")
    for part, figures in found.items():
        for name, figure in flat(figures):
            table.add_row(
                part,
                name,
                f"{figure:.4f}" if isinstance(figure, float) else f"{figure}",
            )
        table.add_section()
    Console(width=100).print(table)


def flat(figures: Any, prefix: str = "") -> list[tuple[str, Any]]:
    """Return nested figures as names with dots."""
    if not isinstance(figures, dict):
        return [(prefix, figures)]
    return [
        leaf
        for name, figure in figures.items()
        for leaf in flat(figure, f"{prefix}.{name}" if prefix else name)
    ]


if __name__ == "__main__":
    main()
