"""`quanyu segment estimate | profile | overlap | compare` as a person uses them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from cli.main import app
from tests.integration.audience.conftest import World


@pytest.fixture
def asked(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("QUANYU_HOME", str(world.copy.folder.parent.parent))
    monkeypatch.setenv("COLUMNS", "160")

    def ask(*arguments: str, exit_code: int = 0) -> str:
        done = CliRunner().invoke(app, ["segment", *arguments])
        assert done.exit_code == exit_code, done.output
        return done.output

    return ask


def test_an_estimate_is_a_table(asked, world: World) -> None:
    said = asked(
        *("estimate", "value_tier = 'v5' and calm", "--by", "wecom_is_friend"),
        *("--sync", "second_order_due_to_file"),
    )
    found = world.engine.estimate("value_tier = 'v5' and calm")
    (line,) = [line for line in said.splitlines() if "people " in line and "│" in line][
        :1
    ]
    assert line.split()[3] == f"{found.selected:,}"
    assert "企微好友" in said


def test_a_profile_and_its_file(asked, tmp_path: Path) -> None:
    file = tmp_path / "profile.csv"
    said = asked("profile", "seg_quality", "--top", "3", "--csv", str(file))
    frame = pd.read_csv(file, dtype={"value": str})
    assert f"of {len(frame):,} differ by more than chance" in said
    assert frame["tag"].iloc[0] in said


def test_overlaps_of_few_are_a_matrix_of_many_a_list(asked) -> None:
    assert "value_tier = 'v5'" in asked("overlap", "seg_quality", "value_tier = 'v5'")
    assert "of the smaller" in asked("overlap", "--top", "5")
    assert "two audiences or more" in asked("overlap", "seg_quality", exit_code=1)


def test_a_comparison_with_a_platform_as_a_third(asked, tmp_path: Path) -> None:
    file = tmp_path / "platform.csv"
    file.write_text("tag,value,share\nprofile_gender,female,0.6\n")
    said = asked("compare", "seg_quality", "high_value", "--public", str(file))
    assert "other_share" in said
    assert "public_tgi" in said
    assert "60.0%" in said
    assert "Name another audience" in asked("compare", "seg_quality", exit_code=1)


def test_a_wrong_condition_is_one_sentence(asked) -> None:
    said = asked("estimate", "value_teir = 'v5'", exit_code=1)
    assert "line 1, column 1: there is no tag value_teir; value_tier is one." in said
