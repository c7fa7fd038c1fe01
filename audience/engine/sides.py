"""Two audiences side by side, person by person: who stands on which side, their tags.

Excluded people (employees, test accounts, resellers...) are on neither side.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from audience.engine.copy import EXCLUDED, STANDING
from audience.engine.engine import Engine, Mask
from audience.entries import Segment
from audience.front_matter import GROUP_SEPARATOR
from warehouse.errors import QuanyuError

_EPOCH = date(1970, 1, 1)

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Sides:
    """Rows of the copy that stand for each side, and how many people each side has."""

    a: Rows
    b: Rows
    people: tuple[int, int]
    notes: list[str] = field(default_factory=list)

    @property
    def rows(self) -> Rows:
        """Rows of A, then of B."""
        return np.concatenate([self.a, self.b])


def two_sides(
    engine: Engine, one: str, other: str | None, *, most: int, seed: int
) -> Sides:
    """Return two audiences as rows of the copy, nobody on both sides.

    Without `other` the other side is everybody else. Who is in both is left out, unless
    one audience lies within the other: then the larger goes without it. Of more than
    `most` people some are drawn, by a seed, half of each side where both are that
    large. Raises QuanyuError when a side is empty or both are the same.
    """
    masks = engine.masks([one] if other is None else [one, other])
    is_counted = ~_is_excluded(engine)
    a = masks[0] & is_counted
    b = (masks[1] if other is not None else ~masks[0]) & is_counted
    for side, mask in (("A", a), ("B", b)):
        if not mask.any():
            raise QuanyuError(f"Nobody is in {side}, of those who are not excluded.")
    notes = []
    asked = masks[0] | (masks[1] if other is not None else True)
    excluded = int((asked & ~is_counted).sum())
    if excluded:
        notes.append(f"{excluded:,} excluded people (risk_exclusion) are left out.")
    a, b = _apart(a, b, notes)
    sizes = int(a.sum()), int(b.sum())
    half = most // 2
    takes = min(sizes[0], max(half, most - sizes[1]))
    random = np.random.default_rng(seed)
    drawn = [
        np.sort(random.permutation(np.flatnonzero(mask))[:count])
        for mask, count in ((a, takes), (b, min(sizes[1], most - takes)))
    ]
    if sum(map(len, drawn)) < sum(sizes):
        notes.append(
            f"{len(drawn[0]):,} of A and {len(drawn[1]):,} of B were drawn (seed "
            f"{seed}); precision and lift are as of all of them."
        )
    return Sides(drawn[0], drawn[1], sizes, notes)


def read_tags(engine: Engine, rows: Rows, names: Sequence[str]) -> pd.DataFrame:
    """Return tags of some rows of the copy, in the order of `rows`.

    Numbers and flags are floats, days are days after base_date, as floats; texts are
    objects. Missing is NaN or None.
    """
    table = _read(engine.copy.people_file, rows, names)
    base = (engine.copy.base_date - _EPOCH).days
    return pd.DataFrame({name: _values(table.column(name), base) for name in names})


def read_bins(engine: Engine, rows: Rows, names: Sequence[str]) -> pd.DataFrame:
    """Return the small numbers of tags (audience/engine/bins.py) of some rows."""
    table = _read(engine.copy.bins_file, rows, names)
    return pd.DataFrame({name: table.column(name).to_numpy() for name in names})


def defining_tags(
    engine: Engine, texts: Iterable[str], segments: Iterable[Segment]
) -> set[str]:
    """Return the tags that conditions read, and the segments they name, and so on.

    A segment reads what its file names; what it takes from facts is not a tag.
    """
    by_code = {one.code: one for one in segments}
    found: set[str] = set()
    waiting = [name for text in texts for name in engine.parse(text).names]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        segment = by_code.get(name.split(GROUP_SEPARATOR)[0])
        if segment is not None:
            words = set(re.findall(r"\w+", segment.sql)) - {segment.code}
            waiting += [
                word
                for word in words
                if word in engine.vocabulary.kinds or word in by_code
            ]
    return found & set(engine.vocabulary.kinds)


def _is_excluded(engine: Engine) -> Mask:
    table = pq.read_table(engine.copy.people_file, columns=[STANDING])
    return np.asarray(table.column(STANDING).to_numpy() & EXCLUDED > 0)


def _apart(a: Mask, b: Mask, notes: list[str]) -> tuple[Mask, Mask]:
    both = a & b
    shared = int(both.sum())
    if not shared:
        return a, b
    if (a == b).all():
        raise QuanyuError("A and B are the same people: nothing sets them apart.")
    if (both == a).all():
        notes.append(f"A lies within B: B is taken without these {shared:,} people.")
        return a, b & ~a
    if (both == b).all():
        notes.append(f"B lies within A: A is taken without these {shared:,} people.")
        return a & ~b, b
    notes.append(f"{shared:,} people are in A and in B: they are left out of both.")
    return a & ~b, b & ~a


def _read(file: Path, rows: Rows, names: Sequence[str]) -> pa.Table:
    """Return columns of some rows of a Parquet file, in the order of `rows`."""
    order = np.argsort(rows, kind="stable")
    wanted = rows[order]
    tables, start = [], 0
    with pq.ParquetFile(file) as parquet:
        for group in range(parquet.num_row_groups):
            end = start + parquet.metadata.row_group(group).num_rows
            low, high = np.searchsorted(wanted, [start, end])
            if high > low:
                table = parquet.read_row_group(group, columns=list(names))
                tables.append(table.take(wanted[low:high] - start))
            start = end
    return pa.concat_tables(tables).take(np.argsort(order, kind="stable"))


def _values(column: pa.ChunkedArray, base: int) -> Any:
    if pa.types.is_string(column.type):
        return column.to_pandas(types_mapper=None).astype(object)
    if pa.types.is_date32(column.type):
        column = pc.subtract(pc.cast(column, pa.int32()), base)
    return pc.cast(column, pa.float64()).to_numpy()
