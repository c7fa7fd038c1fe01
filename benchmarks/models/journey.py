"""Complete Journey without noise as the features of dbt see it, kept for the next run.

The sample is written, landed and built up to the features in a warehouse of its own, by
the SQL that production uses; the relations asked for are kept as Parquet below
.quanyu/bench/ml. A change to what they are made of makes them anew.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pandas as pd
from psycopg import sql

from benchmarks.observe.home import bench_dir, quanyu, warehouse
from ml.catalogue import MODELS
from warehouse.connection import connect, read_frame
from warehouse.settings import project_root

# One opening export holds the whole year.
DAY = "2017-12-31"
# Models the parts test; what they read is all kept, so that one build serves them.
TESTED = [
    MODELS[name]
    for name in (
        "repurchase",
        "purchase_intent",
        "churn",
        "reactivation",
        "high_potential",
        "cltv",
        "purchase_time",
    )
]
KEPT = sorted({relation for model in TESTED for relation in model.inputs.values()})


def frames() -> dict[str, pd.DataFrame]:
    """Return the kept relations by name, built when they are not there."""
    folder = bench_dir("ml") / "journey" / made_of()
    if not folder.exists():
        print("writing, landing and building Complete Journey: some minutes")
        build(folder)
    return {name: pd.read_parquet(folder / f"{name}.parquet") for name in KEPT}


def made_of() -> str:
    """Return a digest of the models, seeds and sample code the relations come from."""
    root = project_root()
    files = [
        path
        for part in (
            "dbt_project/models/features",
            "dbt_project/models/marts",
            "dbt_project/seeds/ml",
            "ingestion/sample",
        )
        for path in sorted((root / part).rglob("*"))
        if path.suffix in {".sql", ".csv", ".py", ".yml"}
    ]
    digest = hashlib.sha256(repr(KEPT).encode())
    for path in files:
        digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def build(folder: Path) -> None:
    """Write the relations to `folder`; what an older build left beside it goes."""
    shutil.rmtree(folder.parent, ignore_errors=True)
    home = bench_dir("ml") / "warehouse"
    with warehouse(home):
        drops = str(home / "drops")
        quanyu("sample", "--noise", "none", "--from", DAY, "--to", DAY, "--out", drops)
        quanyu("load", drops)
        quanyu("dbt", "seed")
        # Without the tests, which are not measured here.
        quanyu("dbt", "run", "--select", "+path:models/features")
        with connect() as conn:
            found = {
                name: read_frame(
                    conn,
                    sql.SQL("select * from {}").format(
                        sql.Identifier(*name.split("."))
                    ),
                )
                for name in KEPT
            }
    folder.mkdir(parents=True)
    for name, frame in found.items():
        frame.to_parquet(folder / f"{name}.parquet")
