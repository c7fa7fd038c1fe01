"""What really happened: who is who, where each source line went, what was added."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ingestion.sample.export import ExportTable
from ingestion.sample.records import Written
from ingestion.sample.shops import CHANNEL_CODES
from ingestion.sample.world import World

STAGED = "staged"
RECORD = ["channel", "record_type", "record_id"]


def written_records(table: ExportTable, channel_rows: np.ndarray) -> list[Written]:
    """Return the records that the table's files hold, nested ones included."""
    if table.records is None or table.world_row is None:
        return []
    rows = np.sort(table.world_row[channel_rows])
    found = [Written(table.channel, table.name, table.records, rows)]
    if table.nested is not None:
        nested, count = table.nested, len(table.records.frame)
        inner = nested.rows(rows, count)
        found.append(Written(table.channel, nested.table, nested.records, inner))
    return found


def people_truth(world: World, written: list[Written]) -> pd.DataFrame:
    """Return (channel, record_type, record_id, person_id) of the records written.

    Records of nobody (till trainings, contents) are left out.
    """
    owners = world.accounts["person"].to_numpy()
    person_id = world.people["person_id"].to_numpy()
    parts = []
    for part in sorted(written, key=lambda part: (part.channel, part.table)):
        records = part.records
        if not records.record_type:
            continue
        person = records.persons(part.rows, owners)
        somebody = person >= 0
        parts.append(
            pd.DataFrame(
                {
                    "channel": part.channel,
                    "record_type": records.record_type,
                    "record_id": records.ids(part.rows[somebody]),
                    "person_id": person_id[person[somebody]],
                }
            )
        )
    return pd.concat(parts, ignore_index=True).drop_duplicates(
        RECORD, ignore_index=True
    )


def lines_truth(world: World, written: list[Written]) -> pd.DataFrame:
    """Return where each source line went, of the rows of world.lines written."""
    told = [part.rows for part in written if part.records.frame is world.lines]
    rows = np.sort(np.concatenate(told))
    rows = rows[world.lines["source_line"].to_numpy()[rows] >= 0]
    lines = world.lines.iloc[rows].sort_values("source_line", ignore_index=True)
    orders = world.orders.iloc[lines["order"].to_numpy()]
    return pd.DataFrame(
        {
            "source_line": lines["source_line"],
            "channel": CHANNEL_CODES[orders["channel"].to_numpy()],
            "order_id": orders["order_id"].to_numpy(),
            "line_id": lines["line_id"],
            "goods_amount": lines["goods"] / 100,
            "goods_cents": lines["goods"],
        }
    )


def latent_truth(world: World, latent: pd.DataFrame) -> pd.DataFrame:
    """Return what drives each person of a synthetic source, under his person_id."""
    person_id = world.people.set_index("household_id")["person_id"]
    told = latent.drop(columns="household_id")
    told.insert(0, "person_id", person_id.loc[latent["household_id"]].to_numpy())
    return told


def added_records(written: list[Written]) -> pd.DataFrame:
    """Return the records written that the source does not have, as rows of injected."""
    parts = []
    for part in written:
        records = part.records
        if records.why is None:
            continue
        kind = records.why(part.rows)
        added = kind != ""
        parts.append(
            pd.DataFrame(
                {
                    "channel": part.channel,
                    "table": part.table,
                    "record_id": records.ids(part.rows[added]),
                    "kind": kind[added],
                    "expected": STAGED,
                    "staged_in": records.staged_in,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
