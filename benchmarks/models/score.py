"""A million customers scored: read from PostgreSQL, predicted, published.

    make bench-ml PARTS=score            ROWS=1000000

Made-up rows of the shape of features.feat_buyer are scored the way a run of
purchase_intent does it, without reasons: read, checked, predicted, calibrated, banded
and published in ml.scores with its keys and checks. Beside it in the same run, by the
same trees with one thread each: a bare COPY of the columns the trees read, the bare
prediction, a bare COPY of the probabilities into a table without a key.
"""

from __future__ import annotations

import io
import json
import os
import time
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from psycopg import sql
from pyarrow import csv

from benchmarks.observe.home import bench_dir, warehouse
from ml.protocol.backtest import Split
from ml.purchase_intent import PURCHASE_INTENT as SPEC
from ml.registry import ModelRun
from ml.supervised.predict import band_cuts, score
from ml.supervised.table import checked
from ml.supervised.train import Model, fit
from orchestration.model_store import SCORES, publish, register
from warehouse.connection import Connection, connect, copy_frame, read_frame

ROWS = 1_000_000
LEARNT = 20_000
ROUNDS = 3
DAY = date(2017, 12, 31)
FEATURES = "features.bench_buyer"
BARE = "features.bench_scores"
CUTS = pd.DataFrame({"band": ["high", "mid", "low"], "min_score": [0.7, 0.5, 0.3]})


def measure(rows: int = ROWS) -> dict[str, Any]:
    """Return the best of three times of both ways, in seconds."""
    with warehouse(bench_dir("ml") / "score"), connect() as conn:
        conn.execute("create schema if not exists features")
        model = learnt()
        land(conn, made(rows, seed=1))
        conn.commit()
        seconds, bare = [], []
        # Turn about, so that neither has the warmer cache.
        for turn in range(ROUNDS):
            for way, times in ((scored, seconds), (bare_scored, bare)):
                began = time.perf_counter()
                way(conn, model)
                conn.commit()
                times.append(time.perf_counter() - began)
                print(f"{way.__name__} {turn}: {times[-1]:.1f} s", flush=True)
    return {
        "score": {
            "rows": rows,
            "seconds": round(min(seconds), 2),
            "bare_seconds": round(min(bare), 2),
        }
    }


def scored(conn: Connection, model: Model) -> None:
    """Score as a run does: a second time the partition of the first is replaced."""
    frame = read_frame(conn, sql.SQL("select * from {}").format(named(FEATURES)))
    found, _ = score(
        model,
        checked(frame, SPEC),
        band_cuts(CUTS, SPEC),
        # A run explains the high band; reasons are measured apart.
        SPEC.config.without_reasons(),
    )
    publish(conn, registered(conn), SCORES, found)


def bare_scored(conn: Connection, model: Model) -> None:
    """COPY out, predict, COPY in: what no way of scoring can do without."""
    numbers = [column for column in model.columns if column not in SPEC.categories]
    buffer = io.BytesIO()
    with conn.cursor() as cursor, cursor.copy(
        sql.SQL("copy (select customer_id, {} from {}) to stdout (format csv)")
        .format(
            sql.SQL(", ").join(map(sql.Identifier, model.columns)), named(FEATURES)
        )
    ) as copy:  # fmt: skip
        for chunk in copy:
            buffer.write(chunk)
    table = csv.read_csv(
        pa.BufferReader(buffer.getbuffer()),
        csv.ReadOptions(column_names=["customer_id", *model.columns]),
        convert_options=csv.ConvertOptions(
            true_values=["t"],
            false_values=["f"],
            column_types=dict.fromkeys(numbers, pa.float64())
            | {"is_member": pa.bool_(), "gender": pa.string()},
        ),
    )
    matrix = np.empty((table.num_rows, len(model.columns)))
    for at, column in enumerate(model.columns):
        found = table.column(column)
        if column in SPEC.categories:
            found = found.dictionary_encode().combine_chunks().indices
        matrix[:, at] = found.cast(pa.float64()).to_numpy(zero_copy_only=False)
    said = np.asarray(model.booster.predict(matrix, num_threads=1))
    conn.execute(sql.SQL("truncate {}").format(named(BARE)))
    copy_frame(
        conn,
        BARE,
        pd.DataFrame({"customer_id": table.column("customer_id"), "score": said}),
    )


def registered(conn: Connection) -> dict[str, Any]:
    """Return a run of the registry for the scores to belong to."""
    now = datetime.now(UTC)
    return register(
        conn,
        ModelRun(
            model=SPEC.name,
            base_date=DAY,
            inputs_sha256=now.isoformat(),
            code_version="",
            parameters={},
            started_at=now,
            finished_at=now,
            is_published=False,
            verdict="",
        ),
    )


def learnt() -> Model:
    """Return a model fitted on made-up rows of two earlier month ends."""
    rows = made(LEARNT, seed=2)
    days = pd.to_datetime(["2017-10-31", "2017-11-30"])
    rows["base_date"] = days[np.arange(LEARNT) % 2]
    chance = 1 / (1 + np.exp(0.05 * rows["days_since_last_purchase"] - 1))
    rows[SPEC.label] = (np.random.default_rng(3).random(LEARNT) < chance) * 1.0
    return fit(rows, Split((days[0],), days[1], None), SPEC, SPEC.config)


def made(rows: int, *, seed: int) -> pd.DataFrame:
    """Return made-up buyers: most numbers are small, one in ten is unknown."""
    rng = np.random.default_rng(seed)
    found: dict[str, Any] = {
        "base_date": np.full(rows, np.datetime64(DAY, "s")),
        "customer_id": rng.permutation(rows) + 1,
    }
    for column in SPEC.numbers:
        if column == "is_member":
            found[column] = rng.random(rows) < 0.5
        elif kind(column) == "bigint":
            found[column] = rng.geometric(0.05, rows) - 1
        else:
            values = rng.gamma(0.7, 40, rows).round(4)
            found[column] = np.where(rng.random(rows) < 0.1, np.nan, values)
    found["gender"] = rng.choice(["female", "male", "unknown"], rows)
    return pd.DataFrame(found)


def kind(column: str) -> str:
    """Return the type dbt gives the column."""
    if column == "is_member":
        return "boolean"
    parts = ("amount", "rate", "mean", "stddev", "until", "visit")
    return "numeric" if any(part in column for part in parts) else "bigint"


def land(conn: Connection, frame: pd.DataFrame) -> None:
    """Write the features, and the empty table the bare way fills."""
    columns = ", ".join(f"{column} {kind(column)}" for column in SPEC.numbers)
    conn.execute(
        f"create table {FEATURES} (base_date date, customer_id bigint, {columns},"
        " gender text)"
    )
    conn.execute(f"create table {BARE} (customer_id bigint, score double precision)")
    copy_frame(conn, FEATURES, frame)
    conn.execute(f"analyze {FEATURES}")


def named(table: str) -> sql.Identifier:
    """Return a relation's name for use inside a statement."""
    return sql.Identifier(*table.split("."))


def main() -> None:
    """Run the part and print the JSON line."""
    print(json.dumps(measure(int(os.environ.get("ROWS") or ROWS))))


if __name__ == "__main__":
    main()
