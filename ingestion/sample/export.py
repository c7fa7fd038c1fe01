"""An export table: versions of rows, cut into daily drops."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.sample.dice import DAY, Ints, Mask, Times, texts
from ingestion.sample.records import Nested, Records

Render = Callable[[Ints, Times], pa.Table]
Change = Callable[[str | None], str | None]


@dataclass(frozen=True)
class Fault:
    """How a copied row is damaged: the column, what makes it bad, why it is refused."""

    column: str
    reason: str
    change: Change | None = None


@dataclass(frozen=True)
class ExportTable:
    """One table of a channel: what each version says is asked of `render`.

    `row` and `at` are parallel: number of the channel's row, time of the version;
    `world_row` says which row of the frame of `records` each channel's row is. Rows
    `spared` are never damaged: what must become of them is known without.
    """

    channel: str
    name: str
    row: Ints
    at: Times
    render: Render
    kind: str = "csv"
    encoding: str = "utf-8"
    has_bom: bool = False
    keeps_history: bool = False
    late: Ints | None = None
    world_row: Ints | None = None
    records: Records | None = None
    spared: Mask | None = None
    nested: Nested | None = None
    raw_json: tuple[str, ...] = ()
    id_column: str = ""
    record_columns: tuple[str, ...] = ()
    faults: Mapping[str, Fault] = field(default_factory=dict)
    excel_ids: bool = False
    has_totals: bool = False


@dataclass(frozen=True)
class Cut:
    """The versions that fall into the range, in file order."""

    row: Ints
    at: Times
    drop: Times
    is_last: Mask
    is_kept_stale: Mask
    superseded: int

    def rows(self) -> Ints:
        """Return each row that has a version here, once and in order."""
        there = np.zeros(int(self.row.max(initial=-1)) + 1, dtype=bool)
        there[self.row] = True
        return np.flatnonzero(there)


def versions(*columns: pd.Series | np.ndarray) -> tuple[Ints, Times]:
    """Stack the times at which each row changes; NaT means no such change."""
    rows, times = [], []
    for column in columns:
        at = np.asarray(column, dtype="datetime64[s]")
        there = np.flatnonzero(~np.isnat(at))
        rows.append(there)
        times.append(at[there])
    return np.concatenate(rows), np.concatenate(times)


def cut(
    table: ExportTable,
    start: np.datetime64,
    end: np.datetime64,
    stale: Mask,
) -> Cut:
    """Assign versions to drops; the first drop holds everything up to `start`.

    Late rows come later but never after `end`. Of several versions in one drop the
    newest is exported, all of them where the table keeps its history; rows marked
    `stale` show the version before, too, in the opening drop.
    """
    day = table.at.astype("datetime64[D]")
    inside = np.flatnonzero(day <= end)
    row, at, day = table.row[inside], table.at[inside], day[inside]
    if table.late is not None:
        day = day + table.late[row].astype("timedelta64[D]")
    drop = np.clip(day, start, end)
    order = np.lexsort((drop, at, row))
    row, at, drop = row[order], at[order], drop[order]
    # two changes at one moment are one version
    first = np.r_[True, (row[1:] != row[:-1]) | (at[1:] != at[:-1])][: len(row)]
    row, at, drop = row[first], at[first], drop[first]
    # a version never comes before the one it replaces
    drop = _never_back(row, drop)
    next_same = np.r_[row[1:] == row[:-1], False]
    is_last = ~next_same
    kept = np.ones(len(row), dtype=bool)
    is_stale = np.zeros(len(row), dtype=bool)
    superseded = 0
    if not table.keeps_history:
        newest = ~(next_same & np.r_[drop[1:] == drop[:-1], False])
        # the version just before the last one, where both are in the opening drop
        before_last = np.r_[is_last[1:] & next_same[:-1], False] & ~newest
        is_stale = before_last & stale[row] & (drop == start)
        superseded = int((newest & ~is_last).sum())
        kept = newest | is_stale
    chosen = np.flatnonzero(kept)
    in_file_order = chosen[np.lexsort((row[chosen], at[chosen], drop[chosen]))]
    return Cut(
        row[in_file_order],
        at[in_file_order],
        drop[in_file_order],
        is_last[in_file_order],
        is_stale[in_file_order],
        superseded,
    )


def _never_back(row: Ints, drop: Times) -> Times:
    """Raise each drop to the running maximum within its row."""
    if len(row) == 0:
        return drop
    days = drop.astype("datetime64[D]").astype("int64")
    lift = row.astype("int64") * 10**6
    return (np.maximum.accumulate(days + lift) - lift).astype("datetime64[D]")


def money(cents: np.ndarray) -> pa.Array:
    """Return whole cents as an exact decimal array with two places."""
    words = np.empty((len(cents), 2), dtype="<i8")
    words[:, 0] = cents
    words[:, 1] = np.where(words[:, 0] < 0, -1, 0)
    return pa.Array.from_buffers(
        pa.decimal128(18, 2), len(cents), [None, pa.py_buffer(words.tobytes())]
    )


def moment(at: object) -> pa.Array:
    """Return second times, null where NaT: written yyyy-mm-dd hh:mm:ss."""
    values = np.asarray(at, dtype="datetime64[s]")
    return pa.array(values, pa.timestamp("s"), mask=np.isnat(values))


def day(at: object) -> pa.Array:
    """Return days, null where NaT: written yyyy-mm-dd."""
    values = np.asarray(at, dtype="datetime64[s]")
    return pa.array(values.astype("datetime64[D]"), mask=np.isnat(values))


def text(values: object, shown: Mask | None = None) -> pa.Array:
    """Return texts, null where None, or where not `shown`."""
    if isinstance(values, pd.Series):
        values = values.array
    if not isinstance(values, pa.Array | pd.api.extensions.ExtensionArray):
        values = texts(values)
    found = whole(pa.array(values, pa.string(), from_pandas=True))
    if shown is None:
        return found
    return pc.if_else(pa.array(np.asarray(shown, dtype=bool)), found, None)


def whole(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return a column in one piece."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def pick(names: tuple[str, ...], number: np.ndarray) -> pa.Array:
    """Return names by number."""
    return pa.DictionaryArray.from_arrays(
        pa.array(number, pa.int32()), pa.array(names)
    ).cast(pa.string())


__all__ = ["DAY", "Cut", "ExportTable", "Fault", "cut", "day", "moment", "money",
           "pick", "text", "versions"]  # fmt: skip
