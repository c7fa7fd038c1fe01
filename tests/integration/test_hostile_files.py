"""Hostile files through landing and staging: no crash, every row accounted for.

The reckoning is printed: pytest -s tests/integration/test_hostile_files.py
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql
from rich.console import Console
from rich.table import Table as RichTable
from typer.testing import CliRunner

from cli.main import app
from tests.integration.hostile_files import CASES, DAY, TARGETS, Delivery, Target
from warehouse.connection import Connection, connect
from warehouse.dbt import environment
from warehouse.settings import dbt_project_dir

Deliveries = dict[str, tuple[Target, Delivery]]


@pytest.fixture(scope="module")
def deliveries() -> Deliveries:
    """What is delivered, by file name below the landing directory."""
    found = {}
    for target in TARGETS:
        for case in CASES:
            delivery = case(target)
            if delivery is not None:
                file = target.contract.files[0].replace("*", case.__name__)
                found[f"{DAY}/{target.channel}/{file}"] = (target, delivery)
    return found


@pytest.fixture(scope="module")
def loaded(
    module_database: str, deliveries: Deliveries, tmp_path_factory: Any
) -> tuple[int, str]:
    """Exit code and words of `quanyu load` on all of them."""
    directory: Path = tmp_path_factory.mktemp("landing")
    for name, (_, delivery) in deliveries.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_bytes(delivery.content)
    result = CliRunner(env={"COLUMNS": "400"}).invoke(app, ["load", str(directory)])
    return result.exit_code, result.output


@pytest.fixture(scope="module")
def staged(loaded: tuple[int, str], tmp_path_factory: Any) -> str:
    """What dbt says of building the staging models concerned."""
    models = [f"+{target.staged_model}" for target in TARGETS]
    folders = [
        *("--project-dir", str(dbt_project_dir())),
        *("--profiles-dir", str(dbt_project_dir())),
        *("--target-path", str(tmp_path_factory.mktemp("target"))),
        *("--log-path", str(tmp_path_factory.mktemp("logs"))),
    ]
    result = subprocess.run(
        [
            *(sys.executable, "-c", "from dbt.cli.main import cli; cli()", "build"),
            *("--select", *models, "--indirect-selection", "cautious"),
            *("--exclude-resource-type", "unit_test"),
            *("--vars", f"{{base_date: '{DAY}'}}", *folders),
        ],
        env={**os.environ, **environment()},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-6000:]
    return result.stdout


def test_what_cannot_land_is_refused_in_one_sentence_each(
    loaded: tuple[int, str], deliveries: Deliveries
) -> None:
    code, said = loaded
    assert code == 1
    assert "Traceback" not in said
    refused = [line for line in said.splitlines() if line.startswith("refused:")]
    expected = {name: one.refused for name, (_, one) in deliveries.items()}
    for name, sentence in expected.items():
        about = [line for line in refused if name in line]
        assert len(about) == bool(sentence), (name, about)
        assert sentence in "".join(about)
    assert len(refused) == sum(map(bool, expected.values()))


def test_every_row_is_landed_or_in_quarantine_with_its_reason(
    loaded: tuple[int, str], deliveries: Deliveries, module_database: str
) -> None:
    with connect(module_database) as conn:
        landed = _landed(conn)
    expected = {
        name: (one.landed, one.quarantined)
        for name, (_, one) in deliveries.items()
        if not one.refused and one.content
    }
    assert {name: landed.get(name) for name in expected} == expected
    # The empty file is one content per table, and lands with no rows.
    assert sum(rows for rows, _ in landed.values()) == sum(
        rows for rows, _ in expected.values()
    )


def test_every_landed_row_is_staged_rejected_or_not_yet_due(
    staged: str, deliveries: Deliveries, module_database: str
) -> None:
    with connect(module_database) as conn:
        found = {
            name: account
            for target in TARGETS
            for name, account in _staged(conn, target).items()
        }
        in_view = {target.staged_model: _count(conn, target) for target in TARGETS}
    expected = {
        name: (one.staged, one.not_yet_due, one.rejected)
        for name, (_, one) in deliveries.items()
        if one.landed and not one.refused
    }
    _print(deliveries, found)
    assert found == expected
    for target in TARGETS:
        staged_rows = sum(one.staged for at, one in deliveries.values() if at is target)
        assert in_view[target.staged_model] == staged_rows


def _landed(conn: Connection) -> dict[str, tuple[int, dict[str, int]]]:
    """Rows landed and lines in quarantine by reason, of each file."""
    rows = conn.execute(
        "select drop_date || '/' || channel_code || '/' || file_name,"
        " landed_row_count, quarantined_row_count, file_id from landing.files"
    ).fetchall()
    found = {}
    for name, landed, quarantined, file_id in rows:
        reasons = dict(
            conn.execute(
                "select reason, count(*) from landing.raw_quarantine"
                " where file_id = %s group by reason",
                [file_id],
            ).fetchall()
        )
        assert sum(reasons.values()) == quarantined
        found[name] = (landed, reasons)
    return found


def _staged(
    conn: Connection, target: Target
) -> dict[str, tuple[int, int, dict[str, int]]]:
    """Rows staged, not yet due and rejected by reason, of each file of a table."""
    found: dict[str, tuple[int, int, dict[str, int]]] = {}
    for name, reason, is_due, count in conn.execute(
        sql.SQL(
            "select drop_date || '/' || files.channel_code || '/' || file_name,"
            " reject_reason, coalesce(due_on <= %s, false), count(*)"
            " from {} inner join landing.files on _file_id = file_id group by 1, 2, 3"
        ).format(sql.Identifier("staging", target.base_model)),
        [DAY],
    ):
        staged, later, rejected = found.get(name, (0, 0, {}))
        if reason:
            rejected = {**rejected, reason: rejected.get(reason, 0) + count}
        elif is_due:
            staged += count
        else:
            later += count
        found[name] = (staged, later, rejected)
    return found


def _count(conn: Connection, target: Target) -> int:
    rows = conn.execute(
        sql.SQL("select count(*) from {}").format(
            sql.Identifier("staging", target.staged_model)
        )
    ).fetchone()
    return int(rows[0]) if rows else 0


def _print(
    deliveries: Deliveries, found: dict[str, tuple[int, int, dict[str, int]]]
) -> None:
    """The reckoning, for a person: pytest shows it with -s."""
    table = RichTable("file", "rows", "staged", "not yet due", "set aside")
    for name, (_, one) in deliveries.items():
        if one.refused:
            table.add_row(name, "", "", "", f"refused: {one.refused}")
            continue
        staged, later, rejected = found.get(name, (0, 0, {}))
        lost = {**one.quarantined, **rejected}
        table.add_row(
            *(name, str(one.rows), str(staged), str(later)),
            ", ".join(f"{count} {reason}" for reason, count in lost.items()),
        )
    Console(width=140).print(table)
