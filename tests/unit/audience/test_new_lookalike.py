"""`quanyu lookalike --save`: what it writes is a segment that can be read again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from audience.entries import find_segment, load_segments
from audience.new_lookalike import Lookalike, write_lookalike
from tests.unit.audience.test_new_segment import root as root  # noqa: PLC0414 - fixture
from warehouse.errors import QuanyuError

WISH = Lookalike(
    "seg_like_plan",
    "seg_sleeping_plan__sms",
    300,
    by_votes=True,
    min_votes=2,
    with_seeds=True,
    exclude=("seg_marketing_suppressed", "seg_monthly_buyer_trial__control"),
)


def test_votes_are_written_as_sql_and_read_back(root: Path) -> None:
    written = write_lookalike(root, WISH)
    folder = Path("dbt_project/models/segments")
    assert folder / "win_back/seg_like_plan.sql" in written
    assert folder / "segment_members.sql" in written
    found = find_segment(load_segments(root / "dbt_project"), WISH.code)
    assert (found.entry.kind, found.entry.of) == ("lookalike", "seg_sleeping_plan")
    for part in (
        "ref('seg_sleeping_plan') }}\n    where group_code = 'sms'",
        "except\n    select customer_id from {{ ref('seg_marketing_suppressed') }}",
        "ref('seg_monthly_buyer_trial') }}\n    where group_code = 'control'",
        "size=300, min_votes=2, with_seeds=true",
    ):
        assert part in found.sql
    test = yaml.safe_load(
        (root / folder / f"unit_tests/test_{WISH.code}.yml").read_text()
    )
    inputs = [one["input"] for one in test["unit_tests"][0]["given"]]
    assert "source('ml', 'lookalike')" in inputs
    assert "ref('seg_monthly_buyer_trial')" in inputs


def test_written_anew_it_keeps_its_front_matter(root: Path) -> None:
    write_lookalike(root, WISH)
    file = root / "dbt_project/models/segments/win_back/seg_like_plan.sql"
    file.write_text(file.read_text().replace("To be written", "A gift"))
    written = write_lookalike(root, replace(WISH, by_votes=False))
    assert [path.name for path in written] == ["seg_like_plan.sql", "segments.md"]
    found = find_segment(load_segments(root / "dbt_project"), WISH.code)
    assert found.entry.play == "A gift"
    assert "where\n    audiences.audience = 'seg_like_plan'" in found.sql
    assert "lookalike_of" not in found.sql


def test_what_cannot_be_written_leaves_nothing(root: Path) -> None:
    for code, said in (
        ("seg_quality", "is no lookalike"),
        ("Like VIP", "is not a code"),
    ):
        with pytest.raises(QuanyuError, match=said):
            write_lookalike(root, replace(WISH, code=code))
    with pytest.raises(QuanyuError, match="There is no segment seg_sleping_plan"):
        write_lookalike(root, replace(WISH, of="seg_sleping_plan"))
