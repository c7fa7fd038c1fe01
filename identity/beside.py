"""OneID built once more under other rules, beside the one in use."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import yaml
from psycopg import sql

from warehouse.connection import Connection
from warehouse.dbt import environment
from warehouse.errors import QuanyuError
from warehouse.settings import dbt_project_dir

_MODELS, _SEEDS = "identity_beside", "seeds_beside"
_CHECKS = (
    "assert_identifier_rules_are_right",
    "assert_link_rules_are_right",
    "assert_identity_seeds_are_right",
)
# Numbers of nodes and ids of customers go on from those in use: what the rules change
# is what this build appends.
_LOGS = ("oneid_identifiers", "oneid_assignments")
_NOT_COPIED = shutil.ignore_patterns("target*", "logs", "dbt_packages")


@contextmanager
def built_beside(
    conn: Connection, folder: Path, base_date: str = "", source: Path | None = None
) -> Iterator[str]:
    """Build OneID with the rules in `folder`; yield its schema, gone afterwards.

    `folder` holds seeds of dbt_project/seeds/identity, those that differ; the others
    stay as they are. The day is base_date, the last complete landed day when empty;
    `source` is the dbt project, ours when not given. Customers, logs and all else in
    use stay untouched. Raises QuanyuError naming the file and line of a wrong rule.
    """
    source = source or dbt_project_dir()
    seeds = _given_seeds(folder, source)
    with tempfile.TemporaryDirectory() as scratch:
        project = Path(scratch) / "dbt_project"
        _copy_project(source, project, seeds)
        try:
            _copy_logs(conn)
            day = ("--vars", f"{{base_date: '{base_date}'}}")
            _dbt(
                project, "build", *day, "--indirect-selection", "empty",
                "--select", "path:seeds/identity", *_CHECKS,
            )  # fmt: skip
            # The fuzzy tier reads profiles of the customers in use.
            _dbt(
                project, "run", *day,
                "--select", "path:models/identity",
                "--exclude", "path:models/identity/fuzzy",
            )  # fmt: skip
            yield _MODELS
        finally:
            conn.rollback()
            _drop(conn)
            conn.commit()


def last_run(conn: Connection) -> int:
    """Return the number of the last run of OneID that changed something."""
    try:
        row = conn.execute(
            "select coalesce(max(run_no), 0) from identity.oneid_assignments"
        ).fetchone()
    except psycopg.errors.UndefinedTable as error:
        raise QuanyuError("OneID is not built: run `quanyu run` first.") from error
    return int(row[0]) if row else 0


def _given_seeds(folder: Path, source: Path) -> list[Path]:
    known = {path.name for path in (source / "seeds" / "identity").glob("*.csv")}
    seeds = sorted(folder.glob("*.csv"))
    for path in seeds:
        if path.name not in known:
            raise QuanyuError(
                f"{path} is none of the rules of identity: {', '.join(sorted(known))}."
            )
    if not seeds:
        raise QuanyuError(
            f"{folder} holds no rules: copy a file of dbt_project/seeds/identity there "
            "and change it."
        )
    return seeds


def _copy_project(source: Path, project: Path, seeds: list[Path]) -> None:
    """Copy the dbt project with other rules, writing into schemas of their own."""
    shutil.copytree(source, project, ignore=_NOT_COPIED)
    (project / "dbt_packages").symlink_to(source / "dbt_packages")
    for path in seeds:
        shutil.copy(path, project / "seeds" / "identity" / path.name)
    path = project / "dbt_project.yml"
    config: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    config["models"]["quanyu"]["identity"]["+schema"] = _MODELS
    config["seeds"]["quanyu"]["identity"] = {"+schema": _SEEDS}
    path.write_text(yaml.safe_dump(config, allow_unicode=True), "utf-8")


def _copy_logs(conn: Connection) -> None:
    last_run(conn)  # says so when there is no OneID yet
    _drop(conn)
    _execute(conn, "create schema {}", _MODELS)
    for log in _LOGS:
        _execute(conn, "create table {}.{} as table identity.{}", _MODELS, log, log)
    conn.commit()


def _dbt(project: Path, *arguments: str) -> None:
    command = [
        str(Path(sys.executable).with_name("dbt")), "--quiet", *arguments,
        "--project-dir", str(project), "--profiles-dir", str(project),
    ]  # fmt: skip
    done = subprocess.run(
        command,
        env={**os.environ, **environment(), "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        wrong = [
            line.strip() for line in done.stdout.splitlines() if ".csv line" in line
        ]
        raise QuanyuError(
            "; ".join(wrong) + "."
            if wrong
            else f"dbt could not build OneID with these rules:\n{done.stdout.strip()}"
        )


def _drop(conn: Connection) -> None:
    for schema in (_MODELS, _SEEDS):
        _execute(conn, "drop schema if exists {} cascade", schema)


def _execute(conn: Connection, statement: str, *names: str) -> None:
    conn.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
