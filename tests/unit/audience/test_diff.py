"""Who enters and leaves, as it is told."""

from __future__ import annotations

from audience.diff import as_markdown, differences, masked


def test_segments_that_come_go_and_fail_are_told() -> None:
    found = differences(
        {"seg_a": {1, 2}, "seg_b": {1}, "seg_gone": {5}},
        {"seg_a": {2, 3}, "seg_b": {1}, "seg_new": set()},
        faults={"seg_bad": "cannot be asked: no column value_tiers."},
    )
    told = {
        one.segment: (one.before, one.after, one.entered, one.left) for one in found
    }
    assert told == {
        "seg_a": (2, 2, [3], [1]),
        "seg_b": (1, 1, [], []),
        "seg_bad": (None, None, [], []),
        "seg_gone": (1, None, [], [5]),
        "seg_new": (None, 0, [], []),
    }
    assert [one.segment for one in found if not one.is_change] == ["seg_b"]
    only = differences({"seg_a": {1}, "seg_b": {1}}, {}, segments=["seg_b"])
    assert [one.segment for one in only] == ["seg_b"]


def test_markdown_is_a_table_with_masked_examples() -> None:
    found = differences({"seg_a": {100_001, 100_002}}, {"seg_a": {100_002, 7}})
    assert as_markdown("main → HEAD", found) == (
        "### Segments: main → HEAD\n\n"
        "| segment | before | after | enter | leave | enter, e.g. | leave, e.g. |\n"
        "|---|--:|--:|--:|--:|---|---|\n"
        "| `seg_a` | 2 | 2 | +1 | -1 | *** | ***01 |\n\n"
        "1 segment differs: 1 enter, 1 leave. Ids are masked.\n"
    )
    assert "Nobody enters or leaves" in as_markdown("a → b", [])
    faulty = differences({}, {}, faults={"seg_a": "cannot be asked."})
    assert as_markdown("a → b", faulty).endswith("- `seg_a`: cannot be asked.\n")


def test_an_example_is_not_an_id() -> None:
    assert [masked(key) for key in (7, 41, 4711, "S001", -8373255179058079175)] == [
        "***",
        "***",
        "***1",
        "***1",
        "***079175",
    ]
