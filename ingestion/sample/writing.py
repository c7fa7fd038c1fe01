"""All files of the drops, a channel's module in each process, and what they hold."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import pandas as pd

from ingestion.sample.damage import Damage, Injected
from ingestion.sample.dice import Ints, Times
from ingestion.sample.export import Cut, ExportTable, cut
from ingestion.sample.forks import in_processes
from ingestion.sample.records import Written
from ingestion.sample.truth import (
    added_records,
    lines_told,
    people_parts,
    written_records,
)
from ingestion.sample.truth_files import PeopleFile, write_people
from ingestion.sample.world import World
from ingestion.sample.write import write_file

ROWS_PER_FILE = 500_000
NESTED_ROWS_PER_FILE = 100_000  # orders with their lines are long
Module = Callable[[World], Iterable[ExportTable]]


@dataclass(frozen=True)
class Drops:
    """Where and which days to write; the first is the opening export of all before."""

    out: Path
    first: dt.date
    last: dt.date


@dataclass(frozen=True)
class Report:
    """What one module wrote: rows by table, and what truth must say of them.

    `people` is the file with the module's part of truth.parquet, `lines` are rows of
    world.lines.
    """

    rows: dict[str, int]
    superseded: dict[str, int]
    damaged: pd.DataFrame
    added: pd.DataFrame
    lines: Ints
    people: PeopleFile


def write_modules(
    world: World, modules: Sequence[Module], drops: Drops, truth: Path
) -> list[Report]:
    """Write the tables of all modules, the modules side by side."""
    world.prepare()

    def job(number: int) -> Callable[[], Report]:
        part = truth / f"truth.{number:02}.parquet"
        return lambda: _write_module(world, modules[number], drops, part)

    # from the last to the first: the events of the club take longest of all
    jobs = [job(number) for number in reversed(range(len(modules)))]
    return in_processes(jobs)[::-1]


def _write_module(world: World, module: Module, drops: Drops, part: Path) -> Report:
    rows, superseded = {}, {}
    notes: list[Injected] = []
    written: list[Written] = []

    def write(table: ExportTable) -> None:
        name = f"{table.channel}.{table.name}"
        damage = Damage(table, world.rates, world.dice)
        first, last = np.datetime64(drops.first), np.datetime64(drops.last)
        the_cut = cut(table, first, last, damage.stale_rows())
        rows[name] = _write_table(table, the_cut, damage, drops, notes)
        superseded[name] = the_cut.superseded
        written.extend(written_records(table, the_cut.rows()))

    # nothing of a table is kept while the next one is made
    deque(map(write, module(world)), maxlen=0)
    people = write_people(part, people_parts(world, written))
    columns = [field.name for field in fields(Injected)]
    damaged = pd.DataFrame(
        {name: [getattr(note, name) for note in notes] for name in columns}
    )
    return Report(
        rows=rows,
        superseded=superseded,
        damaged=damaged,
        added=added_records(written),
        lines=lines_told(world, written),
        people=people,
    )


def _write_table(
    table: ExportTable,
    the_cut: Cut,
    damage: Damage,
    drops: Drops,
    notes: list[Injected],
) -> int:
    """Write one table's files; note what was added to them and return their rows."""
    place = damage.places(the_cut)
    row, drop, at = the_cut.row[place], the_cut.drop[place], the_cut.at[place]
    is_last, is_stale = the_cut.is_last[place], the_cut.is_kept_stale[place]
    total = 0
    most = NESTED_ROWS_PER_FILE if table.raw_json else ROWS_PER_FILE
    for files in _rendered_together(_files(drop, most), most):
        start = files[0].begin
        rows = table.render(row[start : files[-1].end], at[start : files[-1].end])
        for file in files:
            mine = slice(file.begin, file.end)
            part = rows.slice(file.begin - start, file.end - file.begin)
            extra = damage.additions(
                part,
                row[mine],
                is_last[mine],
                np.flatnonzero(is_stale[mine]),
                opening=file.date == str(drops.first),
            )
            folder = drops.out / file.date / table.channel
            total += write_file(table, folder, file.stem(table.name), part, extra)
            notes.extend(extra.injected)
    return total


@dataclass(frozen=True)
class _File:
    """The rows of one file; a number where the day has several."""

    date: str
    begin: int
    end: int
    number: int | None

    def stem(self, table: str) -> str:
        of_day = f"{table}_{self.date.replace('-', '')}"
        return of_day if self.number is None else f"{of_day}_{self.number:03}"


def _files(drop: Times, most: int) -> list[_File]:
    """Cut the rows into files: a drop each, more where it has more than `most` rows."""
    starts = np.flatnonzero(np.r_[True, drop[1:] != drop[:-1]][: len(drop)])
    found = []
    for begin, end in zip(starts, np.r_[starts, len(drop)][1:], strict=True):
        parts = range(int(begin), int(end), most)
        found += [
            _File(
                str(drop[begin]),
                at,
                min(at + most, int(end)),
                number if len(parts) > 1 else None,
            )
            for number, at in enumerate(parts, 1)
        ]
    return found


def _rendered_together(files: list[_File], most: int) -> list[list[_File]]:
    """Group files so that few rows are told at a time, but not each day by itself."""
    groups: list[list[_File]] = []
    for file in files:
        if groups and file.end - groups[-1][0].begin <= most:
            groups[-1].append(file)
        else:
            groups.append([file])
    return groups
