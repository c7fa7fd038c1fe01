"""`quanyu sample`: daily drops of all channels, and the truth beside them."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ingestion.sample.damage import Damage, Injected
from ingestion.sample.dice import Dice
from ingestion.sample.export import Cut, ExportTable, cut
from ingestion.sample.rates import load_rates
from ingestion.sample.records import Written
from ingestion.sample.registry import all_tables
from ingestion.sample.source import Source, load_source
from ingestion.sample.synthetic import make_source
from ingestion.sample.truth import (
    added_records,
    latent_truth,
    lines_truth,
    people_truth,
    written_records,
)
from ingestion.sample.world import build_world
from ingestion.sample.write import write_file
from warehouse.errors import QuanyuError

REAL, SYNTHETIC = SOURCES = ("complete_journey", "synthetic")
FIRST_DAY, LAST_DAY = dt.date(2017, 1, 1), dt.date(2017, 12, 31)


@dataclass(frozen=True)
class SampleOptions:
    """What to write; the first day is the opening export of everything before."""

    first_day: dt.date
    last_day: dt.date
    seed: int
    noise: str
    out: Path
    households: int | None = None
    source: str = REAL
    people: int | None = None

    def check(self) -> None:
        """Raise QuanyuError when the options cannot be met."""
        if self.source not in SOURCES:
            known = " and ".join(SOURCES)
            raise QuanyuError(f"unknown source {self.source}: there are {known}")
        if not FIRST_DAY <= self.first_day <= self.last_day <= LAST_DAY:
            raise QuanyuError(
                f"the days {self.first_day} .. {self.last_day} are not within the "
                f"source's year {FIRST_DAY} .. {LAST_DAY}: correct --from and --to"
            )
        if self.households is not None and self.households < 10:
            raise QuanyuError("--households must be 10 or more, for all cases to occur")
        if self.source == SYNTHETIC and self.households is not None:
            raise QuanyuError(
                "--households draws from complete_journey: say --people with "
                "--source synthetic"
            )
        if self.source == REAL and self.people is not None:
            raise QuanyuError("--people needs --source synthetic")
        if self.source == SYNTHETIC and (self.people is None or self.people < 100):
            raise QuanyuError(
                "--source synthetic needs --people: 100 or more, for all cases to occur"
            )
        if self.seed < 0:
            raise QuanyuError("--seed must be 0 or more")


@dataclass(frozen=True)
class SampleReport:
    """What was written: rows by table, drops, truth folder."""

    rows: dict[str, int]
    drops: int
    source_lines: int
    injected: int
    truth: Path


def truth_folder(out: Path) -> Path:
    """Return the folder beside the drops that the pipeline never loads."""
    return out.parent / f"{out.name}_truth"


def generate(
    options: SampleOptions, progress: Callable[[str], None] = lambda step: None
) -> SampleReport:
    """Write the drops and the truth; replaces an earlier sample in the same folder."""
    options.check()
    dice = Dice(options.seed)
    rates = load_rates(options.noise)
    progress("telling the year")
    source = _load(options, dice)
    world = build_world(source, rates, dice)
    out, truth = options.out, truth_folder(options.out)
    _clear(out, truth)
    written: list[Written] = []
    counts: dict[str, int] = {}
    superseded: dict[str, int] = {}
    damaged: list[Injected] = []
    for table in all_tables(world):
        progress(f"{table.channel}.{table.name}")
        name = f"{table.channel}.{table.name}"
        damage = Damage(table, rates, dice)
        the_cut = cut(
            table,
            np.datetime64(options.first_day),
            np.datetime64(options.last_day),
            damage.stale_rows(),
        )
        rows, notes = _write_table(table, the_cut, damage, out, options.first_day)
        counts[name] = rows
        superseded[name] = the_cut.superseded
        damaged.extend(notes)
        written.extend(written_records(table, np.unique(the_cut.row)))
    _make_every_day(out, options)
    added = added_records(written)
    injected = pd.concat(
        [added, pd.DataFrame([asdict(note) for note in damaged], columns=[*added])],
        ignore_index=True,
    ).astype("str")
    lines = lines_truth(world, written)
    truth.mkdir(parents=True, exist_ok=True)
    people_truth(world, written).to_parquet(truth / "truth.parquet")
    lines.to_parquet(truth / "lines.parquet")
    if source.latent is not None:
        latent_truth(world, source.latent).to_parquet(truth / "latent.parquet")
    injected.to_parquet(truth / "injected.parquet")
    facts = {
        "source": options.source,
        "from": str(options.first_day),
        "to": str(options.last_day),
        "seed": options.seed,
        "noise": options.noise,
        "households": options.households,
        "people_wanted": options.people,
        "rates": rates.model_dump(),
        "rows": counts,
        "superseded_by_later_drops": superseded,
        "source_lines": len(lines),
        "goods_amount": f"{int(lines['goods_cents'].sum()) / 100:.2f}",
        "people": world.people["kind"].value_counts().to_dict(),
    }
    (truth / "world.json").write_text(
        json.dumps(facts, ensure_ascii=False, indent=2, sort_keys=True) + "\n", "utf-8"
    )
    drops = (options.last_day - options.first_day).days + 1
    return SampleReport(counts, drops, len(lines), len(injected), truth)


def _load(options: SampleOptions, dice: Dice) -> Source:
    if options.source == SYNTHETIC and options.people is not None:
        return make_source(dice, options.people)
    return load_source(dice, options.households)


def _write_table(
    table: ExportTable,
    the_cut: Cut,
    damage: Damage,
    out: Path,
    first_day: dt.date,
) -> tuple[int, list[Injected]]:
    """Write one table's files; return its rows and what was added to them."""
    place = damage.places(the_cut)
    row, drop = the_cut.row[place], the_cut.drop[place]
    is_last, is_stale = the_cut.is_last[place], the_cut.is_kept_stale[place]
    if not len(row):
        return 0, []
    rows = table.render(row, the_cut.at[place])
    starts = np.flatnonzero(np.r_[True, drop[1:] != drop[:-1]])
    total, notes = 0, []
    for begin, end in zip(starts, np.r_[starts[1:], len(drop)], strict=True):
        part = rows.slice(begin, end - begin)
        date = str(drop[begin])
        opening = date == str(first_day)
        stale = np.flatnonzero(is_stale[begin:end])
        extra = damage.additions(
            part, row[begin:end], is_last[begin:end], stale, opening=opening
        )
        total += write_file(table, out / date / table.channel, date, part, extra)
        notes.extend(extra.injected)
    return total, notes


def _clear(out: Path, truth: Path) -> None:
    """Remove an earlier sample; refuse to remove anything else."""
    if out.exists() and any(out.iterdir()):
        if not (truth / "world.json").exists():
            raise QuanyuError(
                f"{out} is not empty and holds no sample: choose another --out"
            )
        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)
    if truth.exists():
        shutil.rmtree(truth)


def _make_every_day(out: Path, options: SampleOptions) -> None:
    """Make a folder for each day, also for one on which nothing happened."""
    for number in range((options.last_day - options.first_day).days + 1):
        folder = out / str(options.first_day + dt.timedelta(days=number))
        folder.mkdir(exist_ok=True)
