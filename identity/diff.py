"""Who merges and who splits under other rules, before they are applied."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import yaml
from psycopg import sql
from psycopg.rows import dict_row

from identity.masking import mask
from warehouse.connection import Connection
from warehouse.dbt import environment
from warehouse.errors import QuanyuError
from warehouse.settings import dbt_project_dir

# The identity layer is built once more, beside the one in use, on copies of its logs:
# what the rules change is what that run would append.
_MODELS, _SEEDS = "identity_rules_diff", "seeds_rules_diff"
_LOGS = ("oneid_identifiers", "oneid_assignments")
_NOT_COPIED = shutil.ignore_patterns("target*", "logs", "dbt_packages")

_MOVES = sql.SQL("""
with moves as (
    select op, from_customer_id, to_customer_id, node_count, cause_node_id
    from {schema}.oneid_history
    where run_no > %(last_run)s
    union all
    select 'release', previous_customer_id, null, count(*), min(node_id)
    from {schema}.oneid_assignments
    where run_no > %(last_run)s and customer_id is null
    group by previous_customer_id
)
select moves.op, moves.from_customer_id, moves.to_customer_id, moves.node_count,
    nodes.identifier_type, nodes.scope, nodes.value
from moves
left join {schema}.oneid_identifiers as nodes on moves.cause_node_id = nodes.node_id
order by moves.node_count desc, moves.from_customer_id, moves.to_customer_id
""")
_TABLE = """
create table identity.oneid_rules_diff (
    op text not null,
    from_customer_id bigint not null,
    to_customer_id bigint,
    node_count bigint not null,
    identifier_type text,
    scope text,
    value text
)
"""


@dataclass(frozen=True)
class Move:
    """Identifiers that would leave a customer, and one of them.

    op is merge, split, or release: they would belong to nobody (to_customer_id None).
    """

    op: str
    from_customer_id: int
    to_customer_id: int | None
    node_count: int
    identifier_type: str
    scope: str
    value: str

    @property
    def label(self) -> str:
        """The first identifier that moves, masked."""
        return f"{self.identifier_type}:{mask(self.identifier_type, self.value)}"


def diff_rules(
    conn: Connection,
    folder: Path,
    base_date: str = "",
    source: Path | None = None,
) -> list[Move]:
    """Return what the rules in `folder` would change, the largest moves first.

    `folder` holds seeds of dbt_project/seeds/identity, those that differ; the others
    stay as they are. The day is base_date, the last complete landed day when empty;
    `source` is the dbt project, ours when not given. The moves are also in
    identity.oneid_rules_diff. Customers, logs and everything else in use stay
    untouched. Raises QuanyuError naming the file and line of a wrong rule.
    """
    source = source or dbt_project_dir()
    seeds = _given_seeds(folder, source)
    last_run = _last_run(conn)
    with tempfile.TemporaryDirectory() as scratch:
        project = Path(scratch) / "dbt_project"
        _copy_project(source, project, seeds)
        try:
            _copy_logs(conn)
            day = ("--vars", f"{{base_date: '{base_date}'}}")
            _dbt(
                project, "build", *day, "--indirect-selection", "empty",
                "--select", "path:seeds/identity", "assert_identity_seeds_are_right",
            )  # fmt: skip
            _dbt(project, "run", *day, "--select", "path:models/identity")
            moves = _read(conn, last_run)
        finally:
            conn.rollback()
            for schema in (_MODELS, _SEEDS):
                _execute(conn, "drop schema if exists {} cascade", schema)
            conn.commit()
    _save(conn, moves)
    return moves


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


def _last_run(conn: Connection) -> int:
    try:
        row = conn.execute(
            "select coalesce(max(run_no), 0) from identity.oneid_assignments"
        ).fetchone()
    except psycopg.errors.UndefinedTable as error:
        raise QuanyuError("OneID is not built: run `quanyu run` first.") from error
    return int(row[0]) if row else 0


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
    for schema in (_MODELS, _SEEDS):
        _execute(conn, "drop schema if exists {} cascade", schema)
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


def _read(conn: Connection, last_run: int) -> list[Move]:
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            _MOVES.format(schema=sql.Identifier(_MODELS)), {"last_run": last_run}
        ).fetchall()
    return [Move(**row) for row in rows]


def _save(conn: Connection, moves: list[Move]) -> None:
    conn.execute("drop table if exists identity.oneid_rules_diff")
    conn.execute(_TABLE)
    with (
        conn.cursor() as cursor,
        cursor.copy("copy identity.oneid_rules_diff from stdin") as copy,
    ):
        for move in moves:
            copy.write_row(tuple(vars(move).values()))
    conn.commit()


def _execute(conn: Connection, statement: str, *names: str) -> None:
    conn.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
