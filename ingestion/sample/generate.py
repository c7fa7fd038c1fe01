"""`quanyu sample`: daily drops of all channels, and the truth beside them."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ingestion.sample.dice import Dice
from ingestion.sample.rates import load_rates
from ingestion.sample.registry import MODULES
from ingestion.sample.source import Source, load_source
from ingestion.sample.synthetic import make_source
from ingestion.sample.truth import latent_truth, lines_truth
from ingestion.sample.truth_files import join_people
from ingestion.sample.world import build_world
from ingestion.sample.writing import Drops, write_modules
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
    progress("drawing the purchases")
    source = _load(options, dice)
    progress("telling the year")
    world, latent = build_world(source, rates, dice), source.latent
    del source
    out, truth = options.out, truth_folder(options.out)
    _clear(out, truth)
    _make_every_day(out, options)
    truth.mkdir(parents=True, exist_ok=True)
    progress("writing the files of all channels")
    drops = Drops(out, options.first_day, options.last_day)
    reports = write_modules(world, MODULES, drops, truth)
    progress("writing the truth")
    people, orders, lines = world.people, world.orders, world.lines
    del world
    added = [report.added for report in reports]
    injected = pd.concat(
        [*added, *(report.damaged for report in reports)], ignore_index=True
    ).astype("str")
    injected.to_parquet(truth / "injected.parquet")
    told = np.concatenate([report.lines for report in reports])
    lines = lines_truth(lines, orders, told)
    lines.to_parquet(truth / "lines.parquet")
    join_people(truth / "truth.parquet", [report.people for report in reports])
    if latent is not None:
        latent_truth(people, latent).to_parquet(truth / "latent.parquet")
    counts = _together(report.rows for report in reports)
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
        "superseded_by_later_drops": _together(r.superseded for r in reports),
        "source_lines": len(lines),
        "goods_amount": f"{int(lines['goods_cents'].sum()) / 100:.2f}",
        "people": people["kind"].value_counts().to_dict(),
    }
    (truth / "world.json").write_text(
        json.dumps(facts, ensure_ascii=False, indent=2, sort_keys=True) + "\n", "utf-8"
    )
    number = (options.last_day - options.first_day).days + 1
    return SampleReport(counts, number, len(lines), len(injected), truth)


def _load(options: SampleOptions, dice: Dice) -> Source:
    if options.source == SYNTHETIC and options.people is not None:
        return make_source(dice, options.people)
    return load_source(dice, options.households)


def _together(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    return {name: count for part in counts for name, count in part.items()}


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
