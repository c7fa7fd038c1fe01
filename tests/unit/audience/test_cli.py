"""`quanyu segment` and `quanyu tag` as typed."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from cli.main import app

RUNNER = CliRunner(env={"COLUMNS": "200"})


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (["segment", "list"], ["seg_cart_unordered", "加购未购", "activate"]),
        (
            ["segment", "show", "seg_second_order_due"],
            ["首购30-60天未二购", "purchase_days_since_last_order between 30 and 60"],
        ),
        (["segment", "list", "--kind", "snapshot"], ["seg_double11_high_potential"]),
        (["segment", "show", "seg_sleeping_plan__control"], ["'control': '对照'"]),
        (["tag", "list", "--family", "rfm"], ["rfm_group", "RFM八分群"]),
        (["tag", "list", "--path", "价值/RFM"], ["rfm_group"]),
        (
            ["tag", "show", "value_tier"],
            ["价值等级V1-V5", "v5 V5", "seg_ginseng_vip", "No distribution:"],
        ),
        (
            ["tag", "show", "behaviour_night_view_count_30d"],
            ["behaviour_tags.csv line 4", "近30天深夜浏览次数", "quanyu tag promote"],
        ),
    ],
)
def test_what_there_is_is_shown(command: list[str], expected: list[str]) -> None:
    result = RUNNER.invoke(app, command)
    assert result.exit_code == 0, result.output
    for text in expected:
        assert text in result.output


def test_a_family_list_holds_only_the_family() -> None:
    result = RUNNER.invoke(app, ["tag", "list", "--family", "rfm"])
    assert "value_tier" not in result.output


@pytest.mark.parametrize("kind", ["segment", "tag"])
def test_an_unknown_code_is_one_sentence(kind: str) -> None:
    result = RUNNER.invoke(app, [kind, "show", "nobody"])
    assert result.exit_code == 1
    assert f"There is no {kind} nobody; `quanyu {kind} list` lists them." in (
        result.output
    )


def test_a_place_without_tags_is_one_sentence() -> None:
    result = RUNNER.invoke(app, ["tag", "list", "--path", "no/where"])
    assert result.exit_code == 1
    assert "No tag is there" in result.output


def test_what_cannot_be_a_tag_is_one_sentence() -> None:
    result = RUNNER.invoke(app, ["tag", "new", "value", "tier", "--values", "a=b"])
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "value_tier exists" in result.output


@pytest.mark.parametrize("command", ["list", "show", "drift", "new"])
def test_every_command_has_an_example(command: str) -> None:
    result = RUNNER.invoke(app, ["tag", command, "--help"])
    assert f"Example: quanyu tag {command}" in result.output


def test_generated_files_are_current() -> None:
    assert RUNNER.invoke(app, ["segment", "generate", "--check"]).exit_code == 0
