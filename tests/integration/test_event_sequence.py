"""The macro event_sequence against a search by hand, step by step, on random lives."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from warehouse.connection import connect, copy_rows
from warehouse.dbt import environment
from warehouse.settings import dbt_project_dir

BASE_DATE = "2017-12-31"
END = datetime(2018, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
KINDS = ("join", "view", "cart", "order")

PATHS: dict[str, list[dict[str, Any]]] = {
    "then": [{"event": "join"}, {"event": "order"}],
    "in_time": [{"event": "join"}, {"event": "order", "within_days": 3}],
    "on_the_day": [{"event": "join"}, {"event": "order", "on_day": 2}],
    "never": [{"event": "cart"}, {"event": "order", "not": True}],
    "not_in_time": [
        {"event": "cart"},
        {"event": "order", "within_days": 4, "not": True},
    ],
    "not_between": [
        {"event": "join"},
        {"event": "cart", "not": True},
        {"event": "order"},
    ],
    "long": [
        {"event": "join"},
        {"event": "view", "within_days": 9},
        {"event": "cart", "within_days": 2, "not": True},
        {"event": "order"},
        {"event": "order", "not": True},
    ],
}
Life = list[tuple[datetime, str]]


@pytest.fixture(scope="module")
def lives(module_database: str) -> dict[int, Life]:
    """What forty people did in twelve days, some of it on whole days apart."""
    rng = random.Random(3)
    lives: dict[int, Life] = {}
    for customer_id in range(1, 41):
        moments = {
            END - timedelta(days=rng.randrange(1, 13), hours=rng.choice([0, 0, 5]))
            for _ in range(rng.randrange(1, 9))
        }
        lives[customer_id] = [(at, rng.choice(KINDS)) for at in sorted(moments)]
    with connect() as conn:
        conn.execute(
            "create table public.lives"
            " (customer_id bigint, event_type text, occurred_at timestamptz)"
        )
        copy_rows(
            conn,
            "public.lives",
            ["customer_id", "event_type", "occurred_at"],
            (
                (customer_id, kind, at)
                for customer_id, life in lives.items()
                for at, kind in life
            ),
        )
    return lives


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dbt project of nothing but the macros and one model per path."""
    folder = tmp_path_factory.mktemp("paths")
    source = dbt_project_dir()
    shutil.copytree(source / "macros", folder / "macros")
    shutil.copy(source / "profiles.yml", folder)
    (folder / "dbt_project.yml").write_text(
        "name: quanyu\nversion: '0.1.0'\nprofile: quanyu\n"
        "flags: {send_anonymous_usage_stats: false}\n"
        "models: {quanyu: {+materialized: table, +schema: paths}}\n"
    )
    (folder / "models").mkdir()
    for name, steps in PATHS.items():
        (folder / "models" / f"{name}.sql").write_text(
            f"{{{{ event_sequence('public.lives', {steps!r}) }}}}"
        )
    return folder


def dbt(project: Path, command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable, "-c", "from dbt.cli.main import cli; cli()", command,
            "--vars", json.dumps({"base_date": BASE_DATE}), "--no-use-colors",
            "--project-dir", str(project), "--profiles-dir", str(project),
        ],
        env={**os.environ, **environment()},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip


def ways(life: Life, steps: list[dict[str, Any]], at: datetime | None = None) -> int:
    """Count the ways through the steps, the first of them after `at`."""
    if not steps:
        return 1
    step, rest = steps[0], steps[1:]
    if step.get("not"):
        assert at is not None
        until = END
        if "within_days" in step:
            until = at + timedelta(days=step["within_days"], microseconds=1)
            if until > END:
                return 0
        elif rest and not rest[0].get("not"):
            # Not before the next step: each way to it is judged by itself.
            return sum(
                ways(life, rest[1:], then)
                for then in following(life, rest[0], at)
                if not happened(life, step["event"], at, then)
            )
        return 0 if happened(life, step["event"], at, until) else ways(life, rest, at)
    return sum(ways(life, rest, then) for then in following(life, step, at))


def happened(life: Life, kind: str, after: datetime, before: datetime) -> bool:
    return any(after < at < before and kind == what for at, what in life)


def following(life: Life, step: dict[str, Any], at: datetime | None) -> list[datetime]:
    """Return when the step happened, after `at` and in its days."""
    found = []
    for then, kind in life:
        if kind != step["event"]:
            continue
        if at is not None:
            gap = then - at
            if gap <= timedelta(0):
                continue
            if "within_days" in step and gap > timedelta(days=step["within_days"]):
                continue
            if "on_day" in step and gap.days != step["on_day"]:
                continue
        found.append(then)
    return found


def test_every_kind_of_step_agrees_with_the_search(
    project: Path, lives: dict[int, Life]
) -> None:
    result = dbt(project, "run")
    assert result.returncode == 0, result.stdout
    with connect() as conn:
        for name, steps in PATHS.items():
            rows = conn.execute(
                f"select customer_id, count(*) from paths.{name} group by 1"  # noqa: S608
            )
            expected = {
                customer_id: count
                for customer_id, life in lives.items()
                if (count := ways(life, steps))
            }
            assert dict(rows.fetchall()) == expected, name
            assert 0 < len(expected) < len(lives), f"{name} tells nobody apart"


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([{"event": "order", "not": True}], "the first step must be one that happened"),
        ([{"event": "join", "within": 7}], "unknown key within"),
    ],
)
def test_a_wrong_step_is_refused(
    project: Path, lives: dict[int, Life], steps: list[dict[str, Any]], message: str
) -> None:
    wrong = project / "models" / "wrong.sql"
    wrong.write_text(f"{{{{ event_sequence('public.lives', {steps!r}) }}}}")
    try:
        result = dbt(project, "compile")
    finally:
        wrong.unlink()
    assert result.returncode != 0
    assert message in result.stdout
