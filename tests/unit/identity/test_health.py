"""Pictures and table of identity health."""

from __future__ import annotations

import pandas as pd

from identity.health import Health

HEALTH = Health(
    measures=pd.DataFrame(
        {
            "measure": ["largest", "unlinked"],
            "measured_value": [61.0, 0.25],
            "max_value": [60.0, None],
            "is_within_budget": [False, True],
        }
    ),
    moves=pd.DataFrame(
        {
            "occurred_on": pd.to_datetime(["2017-12-30", "2017-12-31", "2017-12-31"]),
            "op": ["merge", "merge", "split"],
            "customers": [3, 1, 2],
        }
    ),
    links=pd.DataFrame(
        {"rule": ["refused: over_limit", "accepted: same_record"], "links": [3, 90]}
    ),
)


def test_what_is_over_its_budget_is_marked() -> None:
    assert HEALTH.over_budget == ["largest"]
    assert "| largest | 61 | 60 | over |" in HEALTH.as_markdown()
    assert "| unlinked | 0.25 |  |  |" in HEALTH.as_markdown()


def test_pictures_are_drawn_also_of_nothing() -> None:
    nothing = Health(HEALTH.measures, HEALTH.moves.head(0), HEALTH.links.head(0))
    for health in (HEALTH, nothing):
        pictures = health.pictures()
        assert sorted(pictures) == ["links_by_rule", "merges_and_splits"]
        assert all(png.startswith(b"\x89PNG") for png in pictures.values())
    assert HEALTH.pictures() == HEALTH.pictures(), "the same bytes"
