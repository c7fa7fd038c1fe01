from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from cli.main import app


def test_an_error_is_one_sentence_and_exit_code_1(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("QUANYU_DATABASE_URL", "postgresql://me@127.0.0.1:1/nowhere")
    result = CliRunner().invoke(app, ["status"])
    assert result.exit_code == 1
    assert result.stderr.startswith("Cannot connect to the warehouse")
    assert result.stderr.count("\n") == 1


def test_a_given_server_is_not_ours_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANYU_DATABASE_URL", "postgresql://me@127.0.0.1:1/nowhere")
    result = CliRunner().invoke(app, ["down"])
    assert result.exit_code == 1
    assert "not ours to stop" in result.stderr


def test_help_waits_for_no_heavy_library() -> None:
    # Each takes seconds to import, and every command would pay.
    heavy = ("sklearn", "pandas", "dagster", "dbt", "matplotlib", "duckdb", "pyarrow")
    code = f"import cli.main, sys; print(*sorted(set({heavy}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
