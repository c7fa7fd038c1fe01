"""How a tag is filled and spread on the newest day on record, and what has moved."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import psycopg
from psycopg.rows import dict_row

from audience.entries import Tag
from warehouse.connection import Connection
from warehouse.errors import QuanyuError

NOT_BUILT = "The distribution of tags is not built: `quanyu run --select group:tags`."
# The grid of macro tag_cell: cells to a doubling, and the unit they are counted in.
CELLS_TO_A_DOUBLING = 4
GRID_UNIT = 0.01
QUANTILES = ("p01", "p05", "p25", "p50", "p75", "p95", "p99")

_DISTRIBUTION = """
select * from tags.tag_distribution
where tag_code = %s and entity = %s
order by base_date desc
limit 1
"""
_COUNTS = """
select cell, tag_value, value_count from tags.tag_value_counts
where tag_code = %s and entity = %s and base_date = %s
order by cell, value_count desc, tag_value
"""
_DRIFT = """
select * from tags.tag_drift
where tag_code = %s and entity = %s and base_date = %s
order by comparison
"""
_MOVED = """
select entity, tag_code, comparison, compared_on, psi, drift from tags.tag_drift
order by psi desc, entity, tag_code, comparison
"""


@dataclass(frozen=True)
class Distribution:
    """One tag on one day. `counts`: cell, value, rows; `drift`: rows of tag_drift."""

    figures: dict[str, Any]
    counts: list[tuple[int | None, str | None, int]]
    drift: list[dict[str, Any]]

    @property
    def base_date(self) -> date:
        """The day."""
        day: date = self.figures["base_date"]
        return day

    def bars(self, *, whole: bool, most: int = 12) -> list[tuple[str, int]]:
        """Return labels and rows of at most `most` bars; unknown rows are not in it.

        Values come most frequent first, what is left over as "other". Cells of a number
        come in order, neighbours together until they fit; `whole` numbers begin at one.
        """
        cells = [(cell, rows) for cell, _, rows in self.counts if cell is not None]
        if cells:
            return _cell_bars(cells, whole=whole, most=most)
        values = [(value, rows) for _, value, rows in self.counts if value is not None]
        if len(values) <= most:
            return values
        rest = sum(rows for _, rows in values[most - 1 :])
        return [*values[: most - 1], ("other", rest)]


def read_distribution(conn: Connection, tag: Tag) -> Distribution | None:
    """Return a tag's newest distribution, None when there is none of it yet.

    Raises QuanyuError when no distribution was ever built.
    """
    place = [tag.code, tag.entity]
    try:
        with conn.cursor(row_factory=dict_row) as cursor:
            figures = cursor.execute(_DISTRIBUTION, place).fetchone()
            if figures is None:
                return None
            day = [*place, figures["base_date"]]
            counts = cursor.execute(_COUNTS, day).fetchall()
            return Distribution(
                figures=figures,
                counts=[
                    (row["cell"], row["tag_value"], row["value_count"])
                    for row in counts
                ],
                drift=cursor.execute(_DRIFT, day).fetchall(),
            )
    except psycopg.errors.UndefinedTable as error:
        raise QuanyuError(NOT_BUILT) from error


def read_drift(conn: Connection) -> list[dict[str, Any]]:
    """Return all comparisons of the newest day, farthest first.

    Raises QuanyuError when no distribution was ever built.
    """
    try:
        with conn.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(_MOVED).fetchall()
    except psycopg.errors.UndefinedTable as error:
        raise QuanyuError(NOT_BUILT) from error


def cell_from(cell: int, *, whole: bool) -> float:
    """Return the lowest number of a cell, the lowest whole one if numbers are whole."""
    edge = abs(cell) if cell >= 0 else abs(cell) + 1
    size: float = GRID_UNIT * (2 ** (edge / CELLS_TO_A_DOUBLING) - 1)
    if whole:
        size = math.ceil(size) if cell >= 0 else math.ceil(size) - 1
    return size if cell >= 0 else -size


def _cell_bars(
    cells: Sequence[tuple[int, int]], *, whole: bool, most: int
) -> list[tuple[str, int]]:
    first, last = cells[0][0], cells[-1][0]
    filled = len(cells)
    width = 1 if filled <= most else -(-(last - first + 1) // most)
    bars: dict[int, int] = {}
    for cell, rows in cells:
        start = first + (cell - first) // width * width
        # Zero stands alone: it says "never", not "few".
        bars[0 if cell == 0 else start] = bars.get(0 if cell == 0 else start, 0) + rows
    return [
        (f"{cell_from(start, whole=whole):,.{0 if whole else 2}f}", rows)
        for start, rows in sorted(bars.items())
    ]
