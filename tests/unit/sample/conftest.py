"""One small sample for all tests of this folder: 60 households, three drops."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from ingestion.sample.dice import Dice
from ingestion.sample.generate import SampleOptions, generate, truth_folder
from ingestion.sample.rates import load_rates
from ingestion.sample.source import Source, load_source
from ingestion.sample.world import World, build_world

HOUSEHOLDS, SEED = 60, 11


@pytest.fixture(scope="session")
def options(tmp_path_factory: pytest.TempPathFactory) -> SampleOptions:
    return SampleOptions(
        first_day=dt.date(2017, 12, 29),
        last_day=dt.date(2017, 12, 31),
        seed=SEED,
        noise="default",
        out=tmp_path_factory.mktemp("sample") / "drops",
        households=HOUSEHOLDS,
    )


@pytest.fixture(scope="session")
def drops(options: SampleOptions) -> Path:
    generate(options)
    return options.out


@pytest.fixture(scope="session")
def clean_drops(options: SampleOptions) -> Path:
    clean = replace(options, noise="none", out=options.out.parent / "clean")
    generate(clean)
    return clean.out


@pytest.fixture(scope="session")
def truth(drops: Path) -> dict[str, pd.DataFrame]:
    return {
        name: pd.read_parquet(truth_folder(drops) / f"{name}.parquet")
        for name in ("truth", "lines", "injected")
    }


@pytest.fixture(scope="session")
def source() -> Source:
    return load_source(Dice(SEED), HOUSEHOLDS)


@pytest.fixture(scope="session")
def world(source: Source) -> World:
    return build_world(source, load_rates("default"), Dice(SEED))
