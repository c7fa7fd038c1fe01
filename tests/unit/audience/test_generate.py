"""What is generated: one branch per segment, and pages that say everything."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from audience.entries import load_decisions, load_segments, load_tags
from audience.generate import (
    LIST_BEGINS,
    MEMBERS,
    SEGMENTS_PAGE,
    TAGS_PAGE,
    generated_files,
    members_file,
    stale_files,
    write_files,
)
from warehouse.errors import QuanyuError
from warehouse.settings import project_root

ROOT = project_root()
PROJECT = ROOT / "dbt_project"


def test_members_have_a_branch_with_a_ref_per_segment_and_group() -> None:
    segments = load_segments(PROJECT)
    for entity in ("customer", "product", "store"):
        own = [one for one in segments if one.entry.entity == entity]
        codes = sorted(code for one in own for code in one.member_codes)
        text = generated_files(ROOT)[members_file(entity)]
        assert sorted(re.findall(r"'(\w+)' as segment_code", text)) == codes
        assert set(re.findall(r"ref\('(\w+)'\)", text)) == {one.code for one in own}
        assert text.count("union all") == len(codes) - 1


def test_a_group_of_a_split_is_its_rows_with_that_group() -> None:
    assert (
        "    'seg_sleeping_plan__control' as segment_code,\n    customer_id\n"
        "from {{ ref('seg_sleeping_plan') }}\nwhere group_code = 'control'\n"
    ) in generated_files(ROOT)[MEMBERS]


def test_pages_name_every_tag_and_segment() -> None:
    files = generated_files(ROOT)
    for tag in load_tags(PROJECT):
        assert f"| `{tag.code}` | {tag.entry.name_zh} |" in files[TAGS_PAGE]
    for segment in load_segments(PROJECT):
        assert f"| `{segment.code}` | {segment.entry.name_zh} |" in files[SEGMENTS_PAGE]


def test_a_family_opens_with_its_decisions(tmp_path: Path) -> None:
    folder = tmp_path / "models/tags/customer"
    folder.mkdir(parents=True)
    (folder / "tags_customer_rfm.yml").write_text("version: 2\n\nmodels: []\n")
    with pytest.raises(QuanyuError, match="opens with the decisions it serves"):
        load_decisions(tmp_path)


def test_writing_makes_stale_files_current(tmp_path: Path) -> None:
    for folder in ("models/tags", "models/segments", "seeds/tags"):
        shutil.copytree(PROJECT / folder, tmp_path / "dbt_project" / folder)
    page = tmp_path / SEGMENTS_PAGE
    page.parent.mkdir()
    page.write_text(f"# Segments\n\nWhat people wrote.\n\n{LIST_BEGINS}\nold list\n")
    (tmp_path / MEMBERS).write_text("-- edited by hand\n")
    assert write_files(tmp_path) == [MEMBERS, SEGMENTS_PAGE, TAGS_PAGE]
    assert "What people wrote." in page.read_text()
    assert "old list" not in page.read_text()
    assert stale_files(tmp_path) == []
    assert write_files(tmp_path) == []


def test_a_page_without_the_line_is_not_written_over(tmp_path: Path) -> None:
    for folder in ("models/tags", "models/segments", "seeds/tags"):
        shutil.copytree(PROJECT / folder, tmp_path / "dbt_project" / folder)
    (tmp_path / "docs").mkdir()
    (tmp_path / SEGMENTS_PAGE).write_text("# Segments\n\nOnly words.\n")
    with pytest.raises(QuanyuError, match="has lost its line"):
        write_files(tmp_path)
