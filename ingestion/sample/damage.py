"""Rows that no channel should export, added to those it should."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.sample.dice import Dice, Floats
from ingestion.sample.export import Cut, ExportTable
from ingestion.sample.rates import NoiseRates

LEAST_ROWS = 40  # an opening file with so many rows has one damaged row of each kind
EXCEL, EXCEL_ID = "excel_id_row", "1.23E+18"
NO_ENCODING = b"\xff\xff\xfe"
ROW_KINDS = (
    "duplicate_row", "superseded_row", EXCEL, "missing_required_row",
    "bad_date_row", "negative_amount_row", "torn_line", "undecodable_line",
)  # fmt: skip


@dataclass(frozen=True)
class Injected:
    """One row that was added: what it is and what must become of it.

    `staged_in` is the relation and column of the channel's staging that must hold it.
    """

    channel: str
    table: str
    record_id: str | None
    kind: str
    expected: str
    staged_in: str = ""


@dataclass
class Extra:
    """What is added to one file: rows once more, tables of odd rows, broken lines."""

    repeats: list[int] = field(default_factory=list)
    odd_rows: list[pa.Table] = field(default_factory=list)
    broken: list[tuple[int, str]] = field(default_factory=list)
    injected: list[Injected] = field(default_factory=list)


class Damage:
    """Chooses, for one table, which rows come once more and in which shape."""

    def __init__(self, table: ExportTable, rates: NoiseRates, dice: Dice) -> None:
        self.table = table
        self.rates = rates
        topic = f"{table.channel} {table.name}"
        rng = dice.stream(f"damage {topic}")
        self._draw: Floats = rng.random(int(table.row.max(initial=-1)) + 1)
        self._order: Floats = rng.random(len(self._draw))
        if table.spared is not None:
            self._draw[table.spared[: len(self._draw)]] = 2.0
        self._files = dice.stream(f"totals {topic}")
        # one draw per row, one interval per kind: no row is damaged twice
        self._spans: dict[str, tuple[float, float]] = {}
        low = 0.0
        for kind in ROW_KINDS:
            rate = getattr(rates, kind)
            self._spans[kind] = (low, low + rate)
            low += rate

    def stale_rows(self) -> np.ndarray:
        """Say by row whether the version before the last is exported as well."""
        low, high = self._spans["superseded_row"]
        chosen = (self._draw >= low) & (self._draw < high)
        if high > low and not chosen.any() and len(chosen) >= LEAST_ROWS:
            twice = np.bincount(self.table.row, minlength=len(chosen)) > 1
            if twice.any():
                chosen[np.flatnonzero(twice)[0]] = True
        return chosen

    def places(self, the_cut: Cut) -> np.ndarray:
        """Return the order of rows in their files, some not where they belong."""
        count = len(the_cut.row)
        place = np.arange(count, dtype="float64")
        moved = self._order[the_cut.row] < self.rates.out_of_order_row
        place[moved] += (self._draw[the_cut.row[moved]] - 0.5) * 200
        return np.lexsort((place, the_cut.drop))

    def additions(
        self,
        rows: pa.Table,
        numbers: np.ndarray,
        is_last: np.ndarray,
        stale: np.ndarray,
        *,
        opening: bool,
    ) -> Extra:
        """Choose what to add to a file of `rows`, the world's `numbers` of them.

        `stale` are places of rows that are already there as older exports.
        """
        found = Extra()
        records = self._records(rows, stale.tolist())
        for record in records:
            self._note(found, record, "superseded_row", "rejected:superseded")
        draw = np.where(is_last, self._draw[numbers], 2.0)
        spare = iter(np.argsort(draw, kind="stable")[::-1].tolist())
        chosen: list[tuple[str, int]] = []
        for kind in ROW_KINDS:
            if kind == "superseded_row" or not self._fits(kind):
                continue
            low, high = self._spans[kind]
            places = np.flatnonzero((draw >= low) & (draw < high)).tolist()
            if not places and opening and high > low and len(draw) >= LEAST_ROWS:
                places = [next(place for place in spare if draw[place] <= 1)]
            chosen += [(kind, place) for place in places]
        self._add(found, rows, chosen)
        if self.table.has_totals and (
            self._files.random() < self.rates.totals_row
            or (opening and self.rates.totals_row)
        ):
            found.odd_rows.append(self._totals(rows))
            self._note(found, None, "totals_row", "rejected:totals_row")
        return found

    def _fits(self, kind: str) -> bool:
        if kind in ("torn_line", "undecodable_line"):
            return self.table.kind != "parquet"
        if kind == EXCEL:
            return self.table.excel_ids
        return kind == "duplicate_row" or kind in self.table.faults

    def _add(self, found: Extra, rows: pa.Table, chosen: list[tuple[str, int]]) -> None:
        """Add copies of rows, damaged by their kind."""
        odd = []
        records = self._records(rows, [place for _, place in chosen])
        for (kind, place), record in zip(chosen, records, strict=True):
            if kind == "duplicate_row":
                found.repeats.append(place)
                self._note(found, record, kind, "rejected:duplicate")
            elif kind in ("torn_line", "undecodable_line"):
                found.broken.append((place, kind))
            else:
                odd.append((kind, place))
        if odd:
            damaged = self._damaged(rows, odd)
            found.odd_rows.append(damaged)
            new_records = record_ids(self.table, damaged)
            for (kind, _), record in zip(odd, new_records, strict=True):
                self._note(found, record, kind, f"rejected:{self._reason(kind)}")
        for (kind, _), record in zip(chosen, records, strict=True):
            if kind in ("torn_line", "undecodable_line"):
                self._note(found, record, kind, "quarantined")

    def _damaged(self, rows: pa.Table, odd: list[tuple[str, int]]) -> pa.Table:
        """Return copies of rows as text, each with the fault of its kind."""
        copies = as_text(rows.take([place for _, place in odd]))
        ids = self.table.id_column
        faults = {kind: self.table.faults[kind] for kind, _ in odd if kind != EXCEL}
        touched = {ids, *(f.column for f in faults.values() if f.change is not None)}
        cells = {name: copies[name].to_pylist() for name in touched}
        for number, (kind, _) in enumerate(odd):
            if kind == EXCEL:
                cells[ids][number] = EXCEL_ID
                continue
            fault = faults[kind]
            cells[ids][number] = other_id(cells[ids][number])
            if fault.change is not None:
                cells[fault.column][number] = fault.change(cells[fault.column][number])
        for name, values in cells.items():
            place = copies.column_names.index(name)
            copies = copies.set_column(place, name, pa.array(values, pa.string()))
        return copies

    def _reason(self, kind: str) -> str:
        if kind == EXCEL:
            return "id_in_scientific_notation"
        return self.table.faults[kind].reason

    def _records(self, rows: pa.Table, places: list[int]) -> list[str | None]:
        return record_ids(self.table, rows.take(places)) if places else []

    def _totals(self, rows: pa.Table) -> pa.Table:
        """Return the row that a back office puts under its report."""
        cells = []
        for number, column in enumerate(rows.columns):
            cell = None
            if number == 0:
                cell = "合计"
            elif pa.types.is_decimal(column.type):
                cell = str(pc.sum(column).as_py())
            cells.append(pa.array([cell], pa.string()))
        return pa.table(cells, names=rows.column_names)

    def _note(self, found: Extra, record: str | None, kind: str, expected: str) -> None:
        found.injected.append(
            Injected(self.table.channel, self.table.name, record, kind, expected)
        )


def record_ids(table: ExportTable, rows: pa.Table) -> list[str | None]:
    """Return the clean record ids of rows: the record columns joined by '-'."""
    columns = [
        rows[name].combine_chunks().cast(pa.string()).to_pylist()
        for name in table.record_columns
    ]
    return [
        "-".join((value or "").strip() for value in values)
        for values in zip(*columns, strict=True)
    ]


def other_id(value: str) -> str:
    """Return an id of the same shape that no real record has."""
    letters = re.match(r"\D*", value)
    start = letters.end() if letters else 0
    return value[:start] + "99" + value[start + 2 :]


def as_text(rows: pa.Table) -> pa.Table:
    """Return the rows with every column as text."""
    return pa.table(
        [column.combine_chunks().cast(pa.string()) for column in rows.columns],
        names=rows.column_names,
    )
