"""Compare OneID with a known truth (`quanyu oneid evaluate`)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from psycopg import sql

from identity.quality import Quality, measure
from warehouse.connection import copy_frame, read_frame
from warehouse.errors import QuanyuError

if TYPE_CHECKING:
    from warehouse.connection import Connection

TRUTH_COLUMNS = ["channel", "record_type", "record_id", "person_id"]

# Truth and OneID meet once, in the database: what comes back is small.
_CONTINGENCY = sql.SQL("""
select records.customer_id, truth.person_id, count(*) as records
from pg_temp.oneid_truth as truth
left join {schema}.oneid_records as records
    on truth.channel = records.channel_code
    and truth.record_type = records.record_type
    and truth.record_id = records.record_id
group by records.customer_id, truth.person_id
""")


@dataclass(frozen=True)
class Evaluation:
    """Quality over the records with a linkable identifier, and what was left out."""

    quality: Quality
    truth_records: int
    unlinked_records: int

    def figures(self) -> dict[str, float]:
        """Name every figure, as written to identity.oneid_quality."""
        quality = self.quality
        return {
            "truth_records": self.truth_records,
            "unlinked_records": self.unlinked_records,
            "records": quality.records,
            "customers": quality.customers,
            "persons": quality.persons,
            "pair_precision": quality.pairs.precision,
            "pair_recall": quality.pairs.recall,
            "pair_f1": quality.pairs.f1,
            "cluster_precision": quality.clusters.precision,
            "cluster_recall": quality.clusters.recall,
            "cluster_f1": quality.clusters.f1,
            "over_merged_customers": len(quality.over_merged),
            "under_merged_persons": len(quality.under_merged),
        }


def read_truth(path: Path) -> pd.DataFrame:
    """Read a truth file, Parquet or CSV, with the columns TRUTH_COLUMNS."""
    if not path.exists():
        raise QuanyuError(f"{path} does not exist: name the truth file of the sample.")
    try:
        if path.suffix == ".csv":
            truth = pd.read_csv(path, dtype=str)
        else:
            truth = pd.read_parquet(path)
    except (ValueError, OSError) as error:
        raise QuanyuError(f"{path} is neither Parquet nor CSV: {error}.") from error
    missing = [name for name in TRUTH_COLUMNS if name not in truth.columns]
    if missing:
        raise QuanyuError(f"{path} lacks the column {missing[0]}: is it a truth file?")
    return truth[TRUTH_COLUMNS]


def evaluate(
    conn: Connection, truth: pd.DataFrame, schema: str = "identity"
) -> Evaluation:
    """Score oneid_records of a schema against a truth frame (columns as read_truth).

    Records that hold no identifier free to link have no customer and are left out.
    """
    row = conn.execute("select to_regclass(%s)", [f"{schema}.oneid_records"]).fetchone()
    if row is None or row[0] is None:
        raise QuanyuError("There are no customers yet: run `quanyu run` first.")
    conn.execute(
        "create temporary table oneid_truth"
        " (channel text, record_type text, record_id text, person_id text)"
    )
    copy_frame(conn, "pg_temp.oneid_truth", truth[TRUTH_COLUMNS].drop_duplicates())
    conn.execute("analyze pg_temp.oneid_truth")
    contingency = read_frame(conn, _CONTINGENCY.format(schema=sql.Identifier(schema)))
    conn.execute("drop table pg_temp.oneid_truth")
    linked = contingency.dropna(subset=["customer_id"])
    total = int(contingency["records"].sum())
    if linked.empty:
        raise QuanyuError(
            f"None of the {total} records of the truth file has a customer: was the "
            "warehouse built from the same sample?"
        )
    return Evaluation(
        quality=measure(linked),
        truth_records=total,
        unlinked_records=total - int(linked["records"].sum()),
    )


def save(conn: Connection, evaluation: Evaluation) -> None:
    """Replace identity.oneid_quality (one row per figure) with these figures."""
    frame = pd.DataFrame(
        {
            "figure": list(evaluation.figures()),
            "value": [float(value) for value in evaluation.figures().values()],
        }
    )
    conn.execute(
        "create table if not exists identity.oneid_quality"
        " (figure text primary key, value double precision not null)"
    )
    conn.execute("delete from identity.oneid_quality")
    copy_frame(conn, "identity.oneid_quality", frame)
