"""Small numbers for all values, so that one pass counts every tag.

Of each tag a customer has a number: 0 for no value, then one per value, or one per
range between the tenths of the base (who is not excluded). Tenths, and the values of a
text that are told apart, are those of a sample taken evenly; counts are of everybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from audience.engine.copy import BINS, EXCLUDED, PEOPLE, STANDING
from audience.vocabulary import Kind, Vocabulary

SAMPLE = 50_000
TENTHS = 10
# Values of a text that are told apart; the rest is one number.
MOST_VALUES = 200
OTHER = "(other)"
# Row groups of the people to one of the bins, which are a byte per tag.
GROUPS = 4
_EPOCH = date(1970, 1, 1)

Codes = np.ndarray[Any, np.dtype[np.uint8]]
Numbers = np.ndarray[Any, np.dtype[np.float64]]


@dataclass
class Binning:
    """How the values of one tag become small numbers: by edges or by a list."""

    kind: Kind
    values: list[str]
    edges: Numbers
    lowest: float = 0
    highest: float = 0

    def codes(self, column: pa.ChunkedArray) -> Codes:
        """Return the small number of each row."""
        if self.kind.name == "boolean":
            numbers = pc.add(pc.cast(column, pa.uint8()), pa.scalar(1, pa.uint8()))
            return _filled(numbers, 0)
        if self.kind.name == "text":
            places = pc.index_in(column, pa.array(self.values, pa.string()))
            numbers = _filled(pc.cast(places, pa.uint8()), len(self.values)) + 1
            return np.where(_is_null(column), 0, numbers).astype(np.uint8)
        found = np.searchsorted(self.edges, _numbers(column)) + 1
        return np.where(_is_null(column), 0, found).astype(np.uint8)

    def labels(self) -> list[str]:
        """Return what the numbers from 1 on mean."""
        if self.kind.name == "boolean":
            return ["false", "true"]
        if self.kind.name == "text":
            return [*self.values, OTHER]
        if self.kind.name == "numeric":
            lowers = [
                self._written(self.lowest),
                *(f"> {self._written(edge)}" for edge in self.edges),
            ]
        else:
            lowers = [self._written(low) for low in (self.lowest, *(self.edges + 1))]
        uppers = [self._written(high) for high in (*self.edges, self.highest)]
        return [
            low if low == high else f"{low} – {high}"
            for low, high in zip(lowers, uppers, strict=True)
        ]

    def _written(self, number: float) -> str:
        if self.kind.name == "date":
            return str(_EPOCH + timedelta(days=int(number)))
        return f"{number:.{self.kind.scale if self.kind.name == 'numeric' else 0}f}"


def write_bins(
    folder: Path, vocabulary: Vocabulary, sample: pa.Table
) -> dict[str, dict[str, Any]]:
    """Write bins.parquet beside people.parquet; return the meaning of its numbers.

    `sample`: rows of the base. The result is, by tag, `labels` and `counts`.
    """
    with pq.ParquetFile(folder / PEOPLE) as people:
        ends = _ends(people.metadata)
        binnings = {
            name: _binning(sample, name, kind, vocabulary.values.get(name), ends)
            for name, kind in vocabulary.kinds.items()
        }
        counts = {name: np.zeros(256, np.int64) for name in binnings}
        schema = pa.schema(
            [(STANDING, pa.uint8()), *((name, pa.uint8()) for name in binnings)]
        )
        with pq.ParquetWriter(folder / BINS, schema, compression="zstd") as writer:
            waiting: list[pa.RecordBatch] = []
            for group in range(people.num_row_groups):
                table = people.read_row_group(group)
                standing = table.column(STANDING).to_numpy()
                in_base = (standing & EXCLUDED) == 0
                columns = [standing]
                for name, binning in binnings.items():
                    columns.append(binning.codes(table.column(name)))
                    counts[name] += np.bincount(columns[-1][in_base], minlength=256)
                waiting.append(pa.record_batch(columns, schema=schema))
                if group % GROUPS == GROUPS - 1 or group == people.num_row_groups - 1:
                    writer.write_table(pa.Table.from_batches(waiting))
                    waiting = []
    meaning = {}
    for name, binning in binnings.items():
        labels = binning.labels()
        meaning[name] = {
            "labels": labels,
            "counts": counts[name][: len(labels) + 1].tolist(),
        }
    return meaning


def _binning(
    sample: pa.Table,
    name: str,
    kind: Kind,
    listed: Sequence[str] | None,
    ends: dict[str, tuple[float, float]],
) -> Binning:
    if kind.name == "boolean":
        return Binning(kind, [], np.empty(0))
    column = sample.column(name)
    if kind.name == "text":
        return Binning(kind, list(listed or _most_frequent(column)), np.empty(0))
    numbers = _numbers(column)[~_is_null(column)]
    lowest, highest = ends.get(name, (0, 0))
    if not len(numbers):
        return Binning(kind, [], np.empty(0), lowest, highest)
    if kind.is_whole and listed:
        edges = np.array([float(value) for value in listed][:-1])
    else:
        shares = np.arange(1, TENTHS) / TENTHS
        edges = np.quantile(numbers, shares, method="inverted_cdf")
    edges = np.unique(edges)
    return Binning(kind, [], edges[edges < highest], lowest, highest)


def _most_frequent(column: pa.ChunkedArray) -> list[str]:
    counted = pc.value_counts(column.drop_null().combine_chunks())
    pairs = zip(
        counted.field("values").to_pylist(),
        counted.field("counts").to_pylist(),
        strict=True,
    )
    # Of two as frequent the first by code point: the same data is the same copy.
    ranked = sorted(pairs, key=lambda pair: (-pair[1], pair[0]))
    return [value for value, _ in ranked[:MOST_VALUES]]


def _ends(metadata: pq.FileMetaData) -> dict[str, tuple[float, float]]:
    """Return the lowest and highest number of each column, as its statistics say."""
    ends: dict[str, tuple[float, float]] = {}
    for group in range(metadata.num_row_groups):
        for place in range(metadata.num_columns):
            chunk = metadata.row_group(group).column(place)
            statistics = chunk.statistics
            if statistics is None or not statistics.has_min_max:
                continue
            if isinstance(statistics.min, (str, bytes, bool)):
                continue
            low, high = _number(statistics.min), _number(statistics.max)
            name = chunk.path_in_schema
            known = ends.get(name, (low, high))
            ends[name] = (min(low, known[0]), max(high, known[1]))
    return ends


def _number(value: Any) -> float:
    return float((value - _EPOCH).days if isinstance(value, date) else value)


def _numbers(column: pa.ChunkedArray) -> Numbers:
    if pa.types.is_date32(column.type):
        column = pc.cast(column, pa.int32())
    return _filled(pc.cast(column, pa.float64()), 0)


def _filled(column: pa.ChunkedArray, value: float) -> Any:
    return pc.fill_null(column, value).to_numpy()


def _is_null(column: pa.ChunkedArray) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return pc.is_null(column).to_numpy()
