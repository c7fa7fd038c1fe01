"""The customer marts by themselves: a dbt project whose facts a test writes."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from psycopg import sql

from tests.integration import dbt_runs
from warehouse.connection import connect, copy_rows
from warehouse.settings import dbt_project_dir

_FOLDERS = ("models/marts/customers", "macros", "docs", "seeds/timeline")
_REF = re.compile(r"ref\('([a-z0-9_]+)'\)")


class CustomerProject:
    """A copy of the customer marts in `folder`; what they read is what a test gives.

    Its columns are those of the contracts of the marts read, whichever those are.
    """

    def __init__(self, folder: Path) -> None:
        """Copy models, macros and seeds; each mart read is a view of test_input."""
        source = dbt_project_dir()
        self.folder = folder / "project"
        for name in _FOLDERS:
            shutil.copytree(source / name, self.folder / name)
        self.marts = _contracts(source)
        stubs = self.folder / "models" / "stubs"
        stubs.mkdir()
        for mart in self.marts:
            (stubs / f"{mart}.sql").write_text(
                "{{ config(materialized='view', schema='marts') }}\n"
                "select * from test_input.{{ this.name }}"
            )
        for name in ("dbt_project.yml", "profiles.yml", "packages.yml"):
            shutil.copy(source / name, self.folder)
        (self.folder / "dbt_packages").symlink_to(source / "dbt_packages")

    def land(self, marts: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
        """Write the rows of the marts; what is not given is empty or null."""
        with connect() as conn:
            conn.execute("create schema test_input")
            # The ids no longer in use, which `quanyu customer show` follows.
            conn.execute("create schema if not exists identity")
            conn.execute(
                "create table identity.oneid_alias (old_id bigint, customer_id bigint)"
            )
            for mart, columns in self.marts.items():
                conn.execute(
                    sql.SQL("create table {} ({})").format(
                        sql.Identifier("test_input", mart),
                        sql.SQL(", ").join(
                            sql.SQL("{} {}").format(
                                sql.Identifier(name), sql.SQL(data_type)
                            )
                            for name, data_type in columns.items()
                        ),
                    )
                )
                copy_rows(
                    conn,
                    f"test_input.{mart}",
                    list(columns),
                    (
                        [row.get(name) for name in columns]
                        for row in marts.get(mart, ())
                    ),
                )

    def build(self, base_date: str) -> None:
        """Run `dbt build` as of the end of a day."""
        assert not (errors := dbt_runs.build(self.folder, base_date)), errors


def _contracts(source: Path) -> dict[str, dict[str, str]]:
    """Return the columns and types of every mart that the customer marts read."""
    marts = source / "models" / "marts"
    wanted = {
        name
        for path in (marts / "customers").glob("*.sql")
        for name in _REF.findall(path.read_text("utf-8"))
        if name.startswith(("fct_", "dim_", "mart_"))
        and not (marts / "customers" / f"{name}.sql").exists()
    }
    found = {
        model["name"]: {
            column["name"]: column["data_type"] for column in model["columns"]
        }
        for path in marts.rglob("*.yml")
        for model in yaml.safe_load(path.read_text("utf-8")).get("models", ())
        if model["name"] in wanted
    }
    assert set(found) == wanted
    return found
