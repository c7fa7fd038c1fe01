"""Counts by polars; run by the Python that has polars, not by ours.

    python polars_counts.py people.parquet predicates.json out.json

Predicates are a list of SQL conditions; the output is a list of [count, seconds].
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import polars as pl


def main(people: str, predicates: str, out: str) -> None:
    """Count and write the result."""
    frame = pl.scan_parquet(people)
    found = []
    conditions = json.loads(Path(predicates).read_text("utf-8"))
    for condition in [*conditions[:3], *conditions]:
        began = time.perf_counter()
        query = f"select count(*) as people from frame where {condition}"  # noqa: S608
        counted = pl.SQLContext(frame=frame).execute(query).collect().item()
        found.append([counted, time.perf_counter() - began])
    Path(out).write_text(json.dumps(found[3:]))


if __name__ == "__main__":
    main(*sys.argv[1:])
