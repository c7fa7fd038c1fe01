"""Tags, segments and ledgers by themselves: a dbt project whose marts a test writes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from psycopg import sql

from tests.integration import dbt_runs
from tests.integration.tags.person import SHANGHAI
from warehouse.connection import connect, copy_rows
from warehouse.dbt import environment
from warehouse.settings import dbt_project_dir


def mart_columns(folders: Iterable[str]) -> dict[str, str]:
    """Return the columns, by contract, of marts that folders read and do not build."""
    models = dbt_project_dir() / "models"
    built = [path for one in folders for path in (models.parent / one).rglob("*.sql")]
    read = {
        name
        for path in built
        for name in re.findall(r"ref\('(\w+)'\)", path.read_text())
    } - {path.stem for path in built}
    return {
        model["name"]: ", ".join(
            f"{column['name']} {column['data_type']}" for column in model["columns"]
        )
        for path in sorted((models / "marts").rglob("*.yml"))
        for model in yaml.safe_load(path.read_text()).get("models", ())
        if model["name"] in read
    }


def cell(row: Mapping[str, Any], column: str) -> Any:
    """Return a value of a row; the day of a moment need not be given."""
    if column not in row and column.endswith("_on"):
        moment = row.get(f"{column.removesuffix('_on')}_at")
        return moment and moment.astimezone(SHANGHAI).date()
    return row.get(column)


class TagProject:
    """A copy of models in a folder, reading marts the test gives."""

    seeds: tuple[str, ...] = ("tags", "calendar", "ledgers")
    models: tuple[str, ...] = (
        "models/tags",
        "models/segments",
        "models/marts/ledgers",
        "models/reporting/flow",
    )
    others: tuple[str, ...] = ("macros", "tests/generic", "docs")

    def __init__(self, place: Path, seeds: Mapping[str, str] | None = None) -> None:
        """Copy models, macros and seeds; each mart becomes a view of test_input.

        `seeds` are files of seeds/ to replace, by their path without .csv.
        """
        source = dbt_project_dir()
        self.folder = place / "project"
        unit_tests = shutil.ignore_patterns("unit_tests")
        folders = (f"seeds/{seed}" for seed in self.seeds)
        self.columns = mart_columns(self.models) | {
            # Histories and snapshots follow their people through merges.
            "oneid_alias": "old_id bigint, customer_id bigint"
        }
        for name in (*self.models, *self.others, *folders):
            shutil.copytree(source / name, self.folder / name, ignore=unit_tests)
        for seed, text in (seeds or {}).items():
            (self.folder / "seeds" / f"{seed}.csv").write_text(text, "utf-8")
        shutil.copy(source / "models/features/_ml__sources.yml", self.folder / "models")
        for mart in self.columns:
            layer = "identity" if mart.startswith("oneid_") else "marts"
            folder = self.folder / "models" / layer
            folder.mkdir(exist_ok=True)
            (folder / f"{mart}.sql").write_text(
                "{{ config(materialized='view', contract={'enforced': false}) }}\n"
                "select * from test_input.{{ this.name }}"
            )
        for name in ("dbt_project.yml", "profiles.yml", "packages.yml"):
            shutil.copy(source / name, self.folder)
        (self.folder / "dbt_packages").symlink_to(source / "dbt_packages")

    def land(self, marts: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
        """Replace the rows of every mart; what is not given is empty or null."""
        with connect() as conn:
            conn.execute("create schema if not exists test_input")
            for mart, columns in self.columns.items():
                table = sql.Identifier("test_input", mart)
                conn.execute(
                    sql.SQL("create table if not exists {} (").format(table)
                    + sql.SQL(columns)
                    + sql.SQL(")")
                )
                conn.execute(sql.SQL("truncate {}").format(table))
                names = [
                    column.name
                    for column in conn.execute(
                        sql.SQL("select * from {}").format(table)
                    ).description
                    or ()
                ]
                copy_rows(
                    conn,
                    f"test_input.{mart}",
                    names,
                    (
                        [cell(row, name) for name in names]
                        for row in marts.get(mart, ())
                    ),
                )
                conn.execute(sql.SQL("analyze {}").format(table))

    def build(self, base_date: str, *arguments: str) -> None:
        """Run `dbt build` as of the end of a day."""
        assert not (errors := dbt_runs.build(self.folder, base_date, *arguments)), (
            errors
        )

    def run(self, base_date: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Return what `dbt build` as of the end of a day says."""
        dbt_runs.set_day(base_date)
        command = [
            Path(sys.executable).with_name("quanyu-dbt"), "build", "--no-use-colors",
            "--project-dir", str(self.folder), "--profiles-dir", str(self.folder),
            *arguments,
        ]  # fmt: skip
        return subprocess.run(
            command,
            env={**os.environ, **environment()},
            capture_output=True,
            text=True,
            check=False,
        )
