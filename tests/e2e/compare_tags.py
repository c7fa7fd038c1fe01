"""Compare every tag of everybody with its definition, on a warehouse of sample data.

    make compare-tags                  the warehouse at hand, as it is
    make compare-tags HOUSEHOLDS=300   one of its own: so many households, the whole way

Definitions (tests/integration/tags) are plain Python, written from the entries' words.
Prints a table by family; exits with 1 when a value differs.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Column, Table

from tests.e2e.brand import DAYS, QUANYU
from tests.integration.tags import configured
from tests.integration.tags.compared import ENTITIES, Agreement, compare, ran_once
from warehouse import server
from warehouse.connection import connect
from warehouse.settings import dbt_project_dir

SHOWN = 20


def main() -> None:
    """Compare, print, and say by the exit code whether all agree."""
    households = os.environ.get("HOUSEHOLDS")
    if households:
        with built(int(households)):
            agreements = everything()
    else:
        agreements = everything()
    raise SystemExit(report(agreements))


@contextmanager
def built(households: int) -> Iterator[None]:
    """Make a warehouse of sample data with a server of its own; delete it after."""
    home = Path(tempfile.mkdtemp(prefix="quanyu-compare-"))
    home.chmod(0o755)
    os.environ["QUANYU_HOME"] = str(home)
    os.environ.pop("QUANYU_DATABASE_URL", None)
    drops, day = home / "drops", DAYS[-1]
    sample = ["--from", day, "--to", day, "--households", str(households)]
    try:
        for command in (
            ["up"],
            ["sample", *sample, "--out", str(drops)],
            ["run", "--landing-dir", str(drops)],
        ):
            subprocess.run([QUANYU, *command], check=True)
        yield
    finally:
        server.delete()
        shutil.rmtree(home, ignore_errors=True)


def everything() -> list[Agreement]:
    """Compare all tags of all entities as of the warehouse's last day."""
    with connect() as conn:
        base_date = last_day(conn)
        found = [one for entity in ENTITIES for one in compare(conn, base_date, entity)]
        seed = dbt_project_dir() / "seeds/tags/behaviour_tags.csv"
        found.append(configured.compare(conn, base_date, seed))
        once = ran_once(conn)
    left_out = "" if once else "; tags that tell a history are left out"
    Console().print(f"As of {base_date}{left_out}.")
    return found


def last_day(conn: Any) -> date:
    """Return the day the warehouse was last built as of."""
    (day,) = conn.execute("select max(base_date) from tags.tag_distribution").fetchone()
    return date.fromisoformat(str(day))


def report(agreements: list[Agreement]) -> int:
    """Print a row per family, the first differences, and a total; return exit code."""
    columns = "tags", "members", "compared", "with a value", "differ"
    table = Table(
        "entity", "family", *(Column(name, justify="right") for name in columns)
    )
    for one in agreements:
        table.add_row(one.entity, one.family, *map("{:,}".format, figures(one)))
    totals = [sum(column) for column in zip(*map(figures, agreements), strict=True)]
    console = Console()
    console.print(table)
    differences = [line for one in agreements for line in one.differences]
    for line in differences[:SHOWN]:
        console.print(line, style="red", highlight=False)
    console.print(
        f"{totals[0]:,} tags: {totals[2]:,} values compared, {totals[3]:,} of them not "
        f"null, {totals[4]:,} differ."
    )
    return int(bool(differences))


def figures(one: Agreement) -> tuple[int, ...]:
    """Return tags, members, values compared, of them not null, differences."""
    return (
        len(one.definitions),
        one.members,
        one.compared,
        one.filled,
        len(one.differences),
    )


if __name__ == "__main__":
    main()
