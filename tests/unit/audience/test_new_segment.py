"""`quanyu segment new`: what it writes can be read again, and undone when wrong."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from audience.entries import find_segment, load_segments
from audience.new_segment import Wish, new_segment
from audience.segment_sql import condition_of
from warehouse.errors import QuanyuError
from warehouse.settings import project_root

WISH = Wish(
    "win_back",
    "seg_lost_vip",
    "value_tier in ('v4','v5') and (lifecycle_stage = 'lost' or "
    "category_run_out_on < base_date - 30)",
    description="V4 and V5 who are lost by the horizon of their main brand, or whose "
    "consumable ran out a month ago.",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    source = project_root() / "dbt_project"
    for folder in ("models/tags", "models/segments", "seeds/tags"):
        shutil.copytree(source / folder, tmp_path / "dbt_project" / folder)
    (tmp_path / "docs").mkdir()
    shutil.copy(project_root() / "docs/segments.md", tmp_path / "docs")
    return tmp_path


def test_a_new_segment_is_read_back(root: Path) -> None:
    written = new_segment(root, WISH)
    folder = Path("dbt_project/models/segments")
    assert folder / "win_back/seg_lost_vip.sql" in written
    assert folder / "unit_tests/test_seg_lost_vip.yml" in written
    assert folder / "segment_members.sql" in written
    found = find_segment(load_segments(root / "dbt_project"), WISH.code)
    assert found.entry.description == WISH.description
    assert found.sql.split("where\n")[1] == (
        "    value_tier in ('v4', 'v5')\n"
        "    and (\n"
        "        lifecycle_stage = 'lost'\n"
        "        or category_run_out_on < "
        "{{ dbt.dateadd('day', -30, as_of_date()) }}\n"
        "    )"
    )
    condition = condition_of(found)
    assert condition
    assert "category_run_out_on < base_date - 30" in condition


def test_a_new_snapshot_is_frozen(root: Path) -> None:
    wish = Wish("high_value", "seg_eve", "value_tier = 'v5'", "snapshot")
    with pytest.raises(QuanyuError, match="snapshot_on: Input should be a valid date"):
        new_segment(root, wish)
    file = root / "dbt_project/models/segments/high_value/seg_eve.sql"
    assert not file.exists()
    new_segment(root, replace(wish, snapshot_on="2018-10-20"))
    assert "materialized='frozen'" in file.read_text()


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        (
            ("winback", "seg_a", "wecom_is_friend", "flow"),
            r"did you mean win_back\?",
        ),
        (("win_back", "lost", "wecom_is_friend", "flow"), "is not a code: seg_<who>"),
        (("win_back", "seg_a__b", "wecom_is_friend", "flow"), "is not a code"),
        (("win_back", "seg_quality", "wecom_is_friend", "flow"), "seg_quality exists"),
        (("win_back", "seg_a", "wecom_is_frend", "flow"), "wecom_is_friend is one"),
        (("win_back", "seg_a", "high_value", "flow"), "high_value is no column"),
        (("win_back", "seg_a", "seg_quality", "flow"), "seg_quality is no column"),
        (("win_back", "seg_a", "wecom_is_friend; drop", "flow"), "column"),
        (
            ("win_back", "seg_a", "wecom_is_friend", "path"),
            "no_order_7d.sql",
        ),
        (("win_back", "seg_a", "wecom_is_friend", "vibes"), "There is no kind vibes"),
    ],
)
def test_a_wrong_wish_is_told_and_writes_nothing(
    root: Path, wish: tuple[str, str, str, str], message: str
) -> None:
    before = sorted(root.rglob("*"))
    with pytest.raises(QuanyuError, match=message):
        new_segment(root, Wish(*wish))
    assert sorted(root.rglob("*")) == before
