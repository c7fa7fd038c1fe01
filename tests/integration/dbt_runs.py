"""dbt in this process, on a project a test made.

Starting a process and importing dbt anew would take most of a test's time.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from psycopg import sql

from warehouse.connection import connect
from warehouse.dbt import environment


def run_dbt(folder: Path, *arguments: str) -> str:
    """Run dbt in this process; return its errors, nothing when all is well."""
    from dbt.cli.main import dbtRunner

    from orchestration import dbt_quick

    dbt_quick.install()
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment().items():
            patch.setenv(name, value)
        result = dbtRunner().invoke(
            [
                "--quiet", *arguments,
                "--project-dir", str(folder), "--profiles-dir", str(folder),
            ]
        )  # fmt: skip
    if result.success:
        return ""
    if result.exception:
        return str(result.exception)
    nodes = getattr(result.result, "results", [])
    failed = [node for node in nodes if node.status in ("error", "fail")]
    return "\n".join(f"{node.node.name}: {node.message}" for node in failed)


def build(folder: Path, base_date: str, *arguments: str, command: str = "build") -> str:
    """Run dbt as of the end of a day; return its errors."""
    set_day(base_date)
    return run_dbt(folder, command, *arguments)


def set_day(base_date: str) -> None:
    """Let a day be the last one that is complete, as the daily run knows its day.

    The var `base_date` would make dbt parse the project anew for each day.
    """
    with connect() as conn:
        conn.execute(
            sql.SQL(
                "create or replace view landing.last_complete_day as"
                " select cast({} as date) as last_complete_day"
            ).format(base_date)
        )
