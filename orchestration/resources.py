"""What assets need from outside: the warehouse and the day the run is for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import dagster as dg
import psycopg
from pydantic import PrivateAttr

from warehouse.connection import connect
from warehouse.errors import QuanyuError
from warehouse.locks import DAILY_LOCK
from warehouse.settings import state_dir


class Day(dg.ConfigurableResource):
    """The day a run is for, held by one run at a time.

    `base_date` (yyyy-mm-dd) may be left empty: then it is the last complete landed
    day, known once the run has landed what there is.
    """

    base_date: str = ""
    landing_dir: str = ""
    apply_syncs: bool = False

    _lock: psycopg.Connection | None = PrivateAttr(default=None)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Day]:
        """Hold the daily lock while the run lasts."""
        with connect(autocommit=True, application_name="quanyu-run") as lock:
            row = lock.execute(
                "select pg_try_advisory_lock(%s)", [DAILY_LOCK]
            ).fetchone()
            if not row or not row[0]:
                raise QuanyuError(
                    "Another run is under way on this warehouse: wait until it has "
                    "ended; `make dev` shows it."
                )
            self._lock = lock
            yield self

    def directory(self) -> Path:
        """Return the directory of daily drops."""
        return Path(self.landing_dir) if self.landing_dir else state_dir() / "landing"

    def resolve(self, conn: psycopg.Connection) -> date:
        """Return the day as a date.

        Raises:
            QuanyuError: nothing has landed, or the day is older than the last
                completed one.
        """
        row = conn.execute(
            """
            select
                (select last_complete_day from landing.last_complete_day),
                (select max(base_date) from orchestration.completed_days)
            """
        ).fetchone()
        landed, completed = row if row else (None, None)
        day = date.fromisoformat(self.base_date) if self.base_date else landed
        if day is None:
            raise QuanyuError(
                "Nothing has landed yet: `quanyu load DIR` lands channel files."
            )
        if completed and day < completed:
            raise QuanyuError(
                f"{day} lies before the last completed day {completed}: a run may "
                "only go forward."
            )
        return day
