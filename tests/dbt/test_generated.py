"""Generated files are committed; they must be what their sources say."""

from __future__ import annotations

from audience.generate import stale_files
from warehouse.settings import project_root


def test_segment_members_and_pages_are_current() -> None:
    assert stale_files(project_root()) == [], "run `quanyu segment generate`"
