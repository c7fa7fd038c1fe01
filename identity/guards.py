"""The rules of identity without their guards: to see what these prevent."""

from __future__ import annotations

import csv
from pathlib import Path

from warehouse.settings import dbt_project_dir

_NO_LIMIT = 2**31 - 1


def write_without_guards(folder: Path) -> None:
    """Write rules into `folder` that block no value, limit nothing and refuse nothing.

    Values of unique types may meet in one customer, any number of accounts may share a
    phone, placeholders tie, and nothing goes into quarantine.
    """
    seeds = dbt_project_dir() / "seeds" / "identity"
    for name in ("oneid_blocked_values", "oneid_blocked_patterns"):
        header = (seeds / f"{name}.csv").read_text("utf-8").splitlines()[0]
        (folder / f"{name}.csv").write_text(f"{header}\n", "utf-8")
    _change(
        seeds / "oneid_identifier_types.csv",
        folder,
        {
            "is_unique": "false",
            "max_accounts": "",
            "max_accounts_per_week": "",
            "max_accounts_per_year": "",
        },
    )
    _change(seeds / "oneid_quarantine.csv", folder, {"max_identifiers": str(_NO_LIMIT)})


def _change(seed: Path, folder: Path, values: dict[str, str]) -> None:
    with seed.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with (folder / seed.name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, **values} for row in rows)
