"""A small brand driven through the command line, as its operator would."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psycopg

from activation import receiver
from tests.e2e.warehouse_state import digests

QUANYU = str(Path(sys.executable).with_name("quanyu"))
SECRET = "whsec_" + "cXVhbnl1LXRlc3Qtc2VjcmV0LXF1YW55dQ=="
HOUSEHOLDS = 80
DAYS = ("2017-12-29", "2017-12-30", "2017-12-31")


@dataclass
class Brand:
    """One warehouse, one landing directory, one receiver of pushes."""

    url: str
    home: Path
    sample: Path
    environment: dict[str, str]

    @property
    def landing(self) -> Path:
        return self.home / "landing"

    def quanyu(self, *args: str) -> str:
        """Run a command to its end; return what it printed."""
        done = subprocess.run(
            [QUANYU, *args],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def arrive(self, day: str) -> None:
        """Let one day's drop arrive."""
        shutil.copytree(self.sample / day, self.landing / day, dirs_exist_ok=True)

    def run_day(self) -> str:
        """Run the daily job and push."""
        return self.quanyu("run", "--landing-dir", str(self.landing), "--apply")

    def kill_when(self, condition: Callable[[], bool], *args: str, **env: str) -> int:
        """Start a command, SIGKILL it when `condition` holds; return its exit code."""
        process = subprocess.Popen(
            [QUANYU, *args],
            env=self.environment | env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while process.poll() is None:
            if condition():
                process.send_signal(signal.SIGKILL)
                break
            time.sleep(0.02)
        return process.wait()

    def rows(self, query: str) -> list[tuple]:
        with psycopg.connect(self.url) as conn:
            return conn.execute(query).fetchall()

    def busy_with(self, text: str) -> Callable[[], bool]:
        """Return a condition: the server executes a statement that holds `text`."""
        conn = psycopg.connect(self.url, autocommit=True)

        def condition() -> bool:
            row = conn.execute(
                """
                select count(*) from pg_stat_activity
                where
                    datname = current_database() and pid <> pg_backend_pid()
                    and state = 'active' and query ilike %s
                """,
                [f"%{text}%"],
            ).fetchone()
            return bool(row and row[0])

        return condition


@dataclass(frozen=True)
class AfterDay:
    """What the warehouse held when a day was done."""

    people: dict[int, int]  # record -> customer
    membership_events: int
    scored: int
    held: int  # people that destinations hold
    digests: dict[str, str]

    @classmethod
    def of(cls, one: Brand) -> AfterDay:
        def count(table: str) -> int:
            return one.rows(f"select count(*) from {table}")[0][0]  # noqa: S608  # ours

        people = one.rows(
            "select record_key, customer_id from identity.oneid_records"
            " where customer_id is not null"
        )
        return cls(
            dict(people),
            count("segments.segment_membership_event"),
            count("ml.score_current"),
            count("activation.member_state"),
            digests(one.url),
        )

    def written(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self) | {"people": list(self.people.items())}

    @classmethod
    def read(cls, written: dict[str, Any]) -> AfterDay:
        """Read what `written` returned."""
        return cls(**written | {"people": dict(written["people"])})


@contextmanager
def brand(url: str, home: Path, sample: Path) -> Iterator[Brand]:
    """Set a brand up: a warehouse, an empty landing directory, a running receiver."""
    home.mkdir(parents=True, exist_ok=True)
    with receiver.serve(port=0, secret=SECRET, directory=home / "received") as server:
        environment = os.environ | {
            "QUANYU_DATABASE_URL": url,
            "QUANYU_HOME": str(home),
            "QUANYU_WEBHOOK_URL": server.url,
            "QUANYU_WEBHOOK_SECRET": SECRET,
            "COLUMNS": "160",
        }
        yield Brand(url, home, sample, environment)


def make_sample(directory: Path, households: int) -> Path:
    """Write the sample group's drops of three days; return their directory."""
    subprocess.run(
        [
            QUANYU,
            "sample",
            "--source=complete_journey",
            f"--from={DAYS[0]}",
            f"--to={DAYS[-1]}",
            "--seed=7",
            "--noise=default",
            f"--out={directory}",
            f"--households={households}",
        ],
        check=True,
        capture_output=True,
    )
    return directory
