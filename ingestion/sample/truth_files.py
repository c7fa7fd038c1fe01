"""truth.parquet: written part by part, so that no one holds all of it at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingestion.sample.truth import RECORD

SCHEMA = pa.schema([(name, pa.large_string()) for name in [*RECORD, "person_id"]])


@dataclass(frozen=True)
class PeopleFile:
    """One module's part of truth.parquet, and of which channels and types it tells."""

    path: Path
    told: frozenset[tuple[str, str]]


def write_people(path: Path, parts: Iterable[pd.DataFrame]) -> PeopleFile:
    """Write a module's part, a table after the other."""
    told = set()
    with pq.ParquetWriter(path, SCHEMA) as writer:
        for part in parts:
            if len(part):
                told.add(
                    (str(part["channel"].iloc[0]), str(part["record_type"].iloc[0]))
                )
            writer.write_table(pa.Table.from_pandas(part, SCHEMA, preserve_index=False))
    return PeopleFile(path, frozenset(told))


def join_people(path: Path, files: Sequence[PeopleFile]) -> None:
    """Make one file of the modules' parts, a channel after the other.

    Where several modules of a channel tell records of one type, each is kept once.
    """
    channels = sorted({channel for file in files for channel, _ in file.told})
    with pq.ParquetWriter(path, SCHEMA) as writer:
        for channel in channels:
            types = [
                {kind for of, kind in file.told if of == channel} for file in files
            ]
            tables = [
                _of_channel(file, channel)
                for file, kinds in zip(files, types, strict=True)
                if kinds
            ]
            if len(set().union(*types)) < sum(map(len, types)):
                every = pa.concat_tables(tables).to_pandas()
                kept = every[~every.duplicated(RECORD)]
                tables = [pa.Table.from_pandas(kept, SCHEMA, preserve_index=False)]
            for table in tables:
                writer.write_table(table)
    for file in files:
        file.path.unlink()


def _of_channel(file: PeopleFile, channel: str) -> pa.Table:
    if {of for of, _ in file.told} == {channel}:
        return pq.read_table(file.path, schema=SCHEMA)
    return pq.read_table(
        file.path, schema=SCHEMA, filters=pc.field("channel") == channel
    )
