"""What really happened: who is who, where each source line went, what was added."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import numpy as np
import pandas as pd

from ingestion.sample.damage import Injected
from ingestion.sample.dice import Ints
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
    none = pd.DataFrame(columns=[*RECORD, "person_id"], dtype="str")
    return pd.concat([none, *people_parts(world, written)], ignore_index=True)


def people_parts(world: World, written: list[Written]) -> Iterator[pd.DataFrame]:
    """Yield the records of people_truth, those of a table at a time."""
    owners = world.accounts["person"].to_numpy()
    person_id = world.people["person_id"].array
    known: dict[tuple[str, str], list[pd.Series]] = {}
    for part in sorted(written, key=lambda part: (part.channel, part.table)):
        records = part.records
        if not records.record_type:
            continue
        person = records.persons(part.rows, owners)
        somebody = np.flatnonzero(person >= 0)
        ids = records.frame[records.id_column].take(part.rows[somebody])
        before = known.setdefault((part.channel, records.record_type), [])
        # a record of several rows or tables is known once
        new = ~ids.duplicated().to_numpy()
        for earlier in before:
            new &= ~ids.isin(earlier).to_numpy()
        before.append(ids[new])
        yield pd.DataFrame(
            {
                "channel": part.channel,
                "record_type": records.record_type,
                "record_id": ids.array[new],
                "person_id": person_id.take(person[somebody[new]]),
            }
        )


def lines_told(world: World, written: list[Written]) -> Ints:
    """Return the rows of world.lines that are lines of the source and were written."""
    told = [part.rows for part in written if part.records.frame is world.lines]
    rows = np.concatenate([np.array([], dtype="int64"), *told])
    return rows[world.lines["source_line"].to_numpy()[rows] >= 0]


def lines_truth(lines: pd.DataFrame, orders: pd.DataFrame, told: Ints) -> pd.DataFrame:
    """Return where each of the lines told (rows of the world's `lines`) went."""
    source_line = lines["source_line"].to_numpy()[told]
    told = told[np.argsort(source_line)]
    lines = lines[["source_line", "order", "line_id", "goods"]].take(told)
    order = lines["order"].to_numpy()
    return pd.DataFrame(
        {
            "source_line": lines["source_line"].to_numpy(),
            "channel": CHANNEL_CODES[orders["channel"].to_numpy()[order]],
            "order_id": orders["order_id"].array.take(order),
            "line_id": lines["line_id"].array,
            "goods_amount": lines["goods"].to_numpy() / 100,
            "goods_cents": lines["goods"].to_numpy(),
        }
    )


def latent_truth(people: pd.DataFrame, latent: pd.DataFrame) -> pd.DataFrame:
    """Return what drives each person of a synthetic source, under his person_id."""
    person_id = people.set_index("household_id")["person_id"]
    told = latent.drop(columns="household_id")
    told.insert(0, "person_id", person_id.loc[latent["household_id"]].to_numpy())
    return told


def added_records(written: list[Written]) -> pd.DataFrame:
    """Return the records written that the source does not have, as rows of injected."""
    parts = [pd.DataFrame(columns=[field.name for field in fields(Injected)])]
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
                    "expected": f"rejected:{records.refused}"
                    if records.refused
                    else STAGED,
                    "staged_in": records.staged_in,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
