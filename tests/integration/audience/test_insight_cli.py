"""`quanyu segment estimate | profile | overlap | compare | contrast` as used."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from audience.engine.sides import read_tags, two_sides
from audience.entries import find_segment, load_segments
from audience.segment_sql import condition_of
from cli.main import app
from cli.segment_contrast import contrast_tags
from ml.audience_features import ContrastConfig, contrast
from ml.audience_features.scales import Span, clause
from tests.integration.audience.conftest import World
from warehouse import settings


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


@pytest.fixture
def copied_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout that a segment may be written to."""
    source = settings.project_root()
    for folder in ("models/tags", "models/segments", "seeds/tags"):
        shutil.copytree(
            source / "dbt_project" / folder, tmp_path / "dbt_project" / folder
        )
    (tmp_path / "docs").mkdir()
    shutil.copy(source / "docs/segments.md", tmp_path / "docs")
    monkeypatch.setattr(settings, "project_root", lambda: tmp_path)
    return tmp_path


def test_a_contrast_is_rules_pictures_and_a_segment(
    asked, world: World, copied_root: Path
) -> None:
    upper = "value_tier in ('v4', 'v5')"
    said = asked(
        *("contrast", upper, "--save", "seg_upper", "--goal", "win_back"),
        *("--out", str(copied_root / "pictures")),
    )
    assert "价值等级V1-V5 属于 (V4, V5)" in said
    assert "The definition of A or B reads value_tier" in said
    assert "baseline: A by TGI" in said
    for name in ("space.png", "importance.png"):
        png = (copied_root / "pictures" / name).read_bytes()
        assert png.startswith(b"\x89PNG")
    segments = load_segments(copied_root / "dbt_project")
    condition = condition_of(find_segment(segments, "seg_upper"))
    assert condition is not None
    assert condition.strip() == upper
    # Its own definition aside, other tags tell.
    said = asked("contrast", upper, "--without-definition", "--way", "forest")
    assert "Left out as asked: value_tier." in said
    assert "its definition" not in said


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        (("1 = 2",), "Nobody is in A"),
        (("seg_quality", "seg_quality"), "A and B are the same people"),
        (("seg_quality", "--without", "value_teir"), "no tag value_teir; value_tier"),
        (("customer_id = 1",), "there is no tag customer_id"),
        (("wecom_is_friend", "--save", "seg_x"), "Say where seg_x belongs by --goal"),
    ],
)
def test_a_contrast_of_nothing_is_one_sentence(
    asked, arguments: tuple[str, ...], fault: str
) -> None:
    assert fault in " ".join(asked("contrast", *arguments, exit_code=1).split())


def test_rules_over_all_tags_count_what_they_claim(world: World) -> None:
    """Of tags as the copy holds them, strange values too: DuckDB counts the same."""
    engine = world.engine
    sides = two_sides(engine, "wecom_is_friend", None, most=400, seed=1)
    assert len(sides.rows) == 400
    tags = contrast_tags(engine, set(), set())
    frame = read_tags(engine, sides.rows, [tag.name for tag in tags])
    count = len(sides.a)
    found = contrast(
        frame[:count], frame[count:], tags, config=ContrastConfig(trees=10)
    )
    texts, held = [], []
    for name, scale in found.people.scales.items():
        for low in range(0, scale.last + 1, 4):
            span = Span(low, low + 1, low % 2 == 0)
            if text := clause(scale, span):
                texts.append(text)
                held.append(span.holds(found.people.codes[name]))
    assert len(texts) > 400
    for mask, inside in zip(engine.masks(texts), held, strict=True):
        assert (mask[sides.rows] == inside).all()
    tested = ~found.people.learns
    for rule in found.rules:
        (mask,) = engine.masks([rule.sql])
        own = found.people.is_a if rule.side == "A" else ~found.people.is_a
        assert mask[sides.rows][tested & own].sum() == rule.figures.hits
        assert mask[sides.rows][tested & ~own].sum() == rule.figures.strays


def test_who_is_on_both_sides_is_on_one_or_none(world: World) -> None:
    def people(one: str, other: str | None) -> tuple[tuple[int, int], str]:
        sides = two_sides(world.engine, one, other, most=1000, seed=1)
        assert not set(sides.a) & set(sides.b)
        return sides.people, " ".join(sides.notes)

    def count(text: str) -> int:
        (mask,) = world.engine.masks([f"({text}) and risk_exclusion is null"])
        return int(mask.sum())

    friends, upper = "wecom_is_friend", "value_tier in ('v4', 'v5')"
    both = f"{friends} and {upper}"
    sizes, said = people(friends, upper)
    assert sizes == (count(friends) - count(both), count(upper) - count(both))
    assert f"{count(both)} people are in A and in B" in said
    sizes, said = people(both, upper)
    assert sizes == (count(both), count(upper) - count(both))
    assert "A lies within B" in said
    sizes, said = people(upper, both)
    assert sizes == (count(upper) - count(both), count(both))
    assert "B lies within A" in said
