"""`quanyu campaign` before anything is built."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from cli.main import app


@pytest.mark.parametrize("arguments", [["list"], ["show", "bakery-2017"]])
def test_nothing_is_built_yet(database: str, arguments: list[str]) -> None:
    result = CliRunner().invoke(app, ["campaign", *arguments])
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "Campaigns are not built: `quanyu run`" in result.output


@pytest.mark.parametrize("command", ["list", "show"])
def test_every_command_has_an_example(command: str) -> None:
    result = CliRunner().invoke(app, ["campaign", command, "--help"])
    assert f"Example: quanyu campaign {command}" in result.output
