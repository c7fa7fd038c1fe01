"""Days that several tests look at, run once for all workers."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from psycopg import conninfo

from tests.e2e.brand import DAYS, HOUSEHOLDS, AfterDay, brand, make_sample
from tests.once import once


@dataclass(frozen=True)
class QuietDays:
    """A brand's undisturbed days, each run when it is first asked for.

    Its warehouse and home lie where all workers see them; whoever takes the third day
    has them for itself.
    """

    folder: Path
    lasting_database: Callable[..., str]

    @property
    def sample(self) -> Path:
        """The drops of all days."""
        return self.folder / "drops"

    @property
    def home(self) -> Path:
        """The brand's folder."""
        return self.folder / "quiet"

    @property
    def copied_home(self) -> Path:
        """The brand's folder as it was after the first day."""
        return self.folder / "first"

    def first(self) -> tuple[str, str, AfterDay]:
        """Return the warehouse, its copy after the first day, and what that left."""
        url, copy, after = once(self.folder, "first_day", self._first)
        return url, copy, AfterDay.read(after)

    def second(self) -> AfterDay:
        """Return what the second day left."""
        return AfterDay.read(once(self.folder, "second_day", self._second))

    def _first(self) -> tuple[str, str, dict]:
        make_sample(self.sample, HOUSEHOLDS)
        url = self.lasting_database()
        after = self.run(url, DAYS[0])
        copy = self.lasting_database(str(conninfo.conninfo_to_dict(url)["dbname"]))
        shutil.copytree(self.home, self.copied_home)
        return url, copy, after.written()

    def _second(self) -> dict:
        url, _, _ = self.first()
        return self.run(url, DAYS[1]).written()

    def run(self, url: str, day: str) -> AfterDay:
        with brand(url, self.home, self.sample) as one:
            one.arrive(day)
            one.run_day()
            return AfterDay.of(one)


@pytest.fixture(scope="session")
def quiet_days(shared_folder: Path, lasting_database) -> QuietDays:
    return QuietDays(shared_folder, lasting_database)
