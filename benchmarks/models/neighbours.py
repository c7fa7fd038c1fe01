"""Neighbours of 200,000 customers beside comparing all pairs; an expansion in SQL.

    python -m benchmarks.models.neighbours
    python -m benchmarks.models.neighbours --people 20000

The customers are made of Complete Journey's households: each has part of the marks of
one and part of another's, drawn by seed, and gets its vector by the model's own ALS.
Then: neighbours by groups (build, tuning and search, top 50 of everybody) against all
pairs compared by faiss, three times each in turns, both on all cores; the middle time
of each is told. Recall is on 2,000 others than those the groups were tuned on. Last,
the 50 neighbours of everybody are published to PostgreSQL as the model publishes them,
and 1,000 seeds are expanded to 10,000: the median of five, each with other seeds. The
last line on stdout is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from time import perf_counter
from typing import Any

import numpy as np
import pandas as pd
from psycopg import sql
from scipy import sparse

from benchmarks.models.lookalike import first_redeemers
from benchmarks.observe.home import bench_dir, warehouse
from ml.lookalike.config import LookalikeConfig
from ml.lookalike.neighbours import Neighbours, exact, neighbours, recall
from ml.lookalike.run import similar_customers
from ml.lookalike.table import People, marks, people
from ml.lookalike.vectors import vectors
from orchestration.lookalike_store import Wish, by_votes
from orchestration.partitions import swap_in
from warehouse.connection import connect, copy_frame

DAY = date(2017, 6, 30)
SEEDS, SIZE = 1_000, 10_000
# The time of all pairs differs by half from run to run: the middle of three is told.
ROUNDS = 3


def measure(people_count: int = 0) -> dict[str, Any]:
    """Return {"neighbours": seconds and recall, "expand_ms": of 1,000 seeds}."""
    count = people_count or int(os.environ.get("PEOPLE", "200000"))
    config = replace(LookalikeConfig(), exact_up_to=0)
    with stage("vectors"):
        found = vectors(made(count), replace(config, iterations=5))
    took: dict[str, list[float]] = {"groups": [], "exact": []}
    for _ in range(ROUNDS):
        begin = perf_counter()
        near = neighbours(found, config)
        took["groups"].append(perf_counter() - begin)
        begin = perf_counter()
        true, _ = exact(found, found, config.neighbours + 1)
        took["exact"].append(perf_counter() - begin)
        print(
            f"   neighbours: {took['groups'][-1]:,.1f} s, {near.probes} probes;"
            f" all pairs: {took['exact'][-1]:,.1f} s",
            file=sys.stderr,
        )
    sample = np.random.default_rng(2).choice(count, min(2_000, count), replace=False)
    others = np.array(
        [
            [place for place in row if place != own][: config.neighbours]
            for own, row in zip(sample, true[sample], strict=True)
        ]
    )
    return {
        "neighbours": {
            "seconds": round(statistics.median(took["groups"]), 1),
            "exact_seconds": round(statistics.median(took["exact"]), 1),
            "recall": round(recall(others, near.places[sample]), 4),
            "probes": near.probes,
        },
        "expand_ms": round(expand_ms(count, near), 1),
    }


def made(count: int) -> sparse.csr_matrix:
    """Return the marks of `count` customers made of pairs of households."""
    features, traits, _ = first_redeemers()
    matrix = marks(people(features, traits), LookalikeConfig())
    rng = np.random.default_rng(1)
    parts = []
    for keep in (0.6, 0.3):
        part = matrix[rng.integers(0, matrix.shape[0], count)]
        part.data *= rng.random(part.nnz) < keep
        parts.append(part)
    made_of = parts[0].maximum(parts[1]).tocsr()
    made_of.eliminate_zeros()
    return made_of.astype(np.float32)


def expand_ms(count: int, near: Neighbours) -> float:
    """Publish the neighbours to an own warehouse; return the median of expansions."""
    ids = np.arange(1, count + 1)
    empty = sparse.csr_matrix((count, 0))
    those = People(ids, (), np.empty((count, 0)), (), empty, empty, np.zeros(count))
    with warehouse(bench_dir("neighbours")), connect() as conn:
        with stage("publishing"):
            conn.execute(
                "insert into ml.model_run (model, base_date, inputs_sha256,"
                " code_version, parameters, is_published, verdict, started_at,"
                " finished_at) values ('lookalike', %s, '', '', '{}', true, '', now(),"
                " now())",
                [DAY],
            )
            swap_in(conn, "ml.similar_customers", DAY, similar_customers(those, near))
            conn.execute("create schema if not exists tags")
            conn.execute(
                "create table tags.customer_tags_wide (customer_id bigint,"
                " risk_exclusion text)"
            )
            everybody = pd.DataFrame({"customer_id": ids})
            copy_frame(conn, "tags.customer_tags_wide", everybody)
            conn.execute("analyze tags.customer_tags_wide")
            conn.commit()
        candidates = sql.SQL(
            "select customer_id from tags.customer_tags_wide"
            " where risk_exclusion is null"
        )
        taken = []
        for number in range(6):
            rng = np.random.default_rng(number)
            drawn = rng.choice(ids, min(SEEDS, count // 2), replace=False)
            conn.execute("drop table if exists seeds")
            conn.execute("create temp table seeds (customer_id bigint)")
            copy_frame(conn, "seeds", pd.DataFrame({"customer_id": drawn}))
            begin = perf_counter()
            rows = by_votes(
                conn,
                sql.SQL("select customer_id from seeds"),
                candidates,
                Wish("", SIZE),
            )
            taken.append(1000 * (perf_counter() - begin))
            print(f"   {len(rows):,} found in {taken[-1]:,.0f} ms", file=sys.stderr)
        size = conn.execute(
            "select sum(pg_table_size(inhrelid)), sum(pg_indexes_size(inhrelid))"
            " from pg_inherits where inhparent = 'ml.similar_customers'::regclass"
        ).fetchone()
        print(f"   table and index, bytes: {size}", file=sys.stderr)
        # The first one reads what is not in memory yet, and is not counted.
        return statistics.median(taken[1:])


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Say how long something took that is not what is measured."""
    begin = perf_counter()
    yield
    print(f"   {name}: {perf_counter() - begin:,.0f} s", file=sys.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=0)
    print(json.dumps(measure(parser.parse_args().people)))
