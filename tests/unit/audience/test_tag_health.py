"""What is wrong with which tag of which family, and the pictures of it."""

from __future__ import annotations

from datetime import date

import pandas as pd

from audience.tag_health import TagHealth
from orchestration.metadata import table

DAY = date(2017, 12, 31)


def tag(
    code: str, fill: float | None, least: float, **more: object
) -> dict[str, object]:
    return {
        "model_name": "tags_customer_a",
        "tag_code": code,
        "name_zh": code,
        "type": "number",
        "owner": "crm",
        "refresh": "daily",
        "min_fill": least,
        "fill_rate": fill,
        "distinct_count": 3,
        "measured_on": "2017-12-31",
    } | more


HEALTH = TagHealth(
    day=DAY,
    tags=pd.DataFrame(
        [
            tag("full", 1.0, 1.0),
            tag("thin", 0.2, 0.5),
            tag("new", None, 0.5, measured_on=None),
            tag("old", 0.9, 0.5, measured_on="2017-12-30"),
            tag("monthly", 0.9, 0.5, measured_on="2017-12-01", refresh="monthly"),
            tag("other", 0.9, 0.5, model_name="tags_customer_b"),
        ]
    ),
    strangers=pd.DataFrame(
        [["tags_customer_a", "full", "typo", 3]],
        columns=["model_name", "tag_code", "tag_value", "value_count"],
    ),
    drift=pd.DataFrame(
        [
            ["tags_customer_a", "thin", "reference", "2017-11-30", 0.3, "drifted"],
            ["tags_customer_b", "other", "reference", "2017-11-30", 0.0, "steady"],
        ],
        columns=[
            "model_name", "tag_code", "comparison", "compared_on", "psi", "drift",
        ],
    ),
)  # fmt: skip


def test_each_check_names_what_speaks_against_it() -> None:
    assert list(HEALTH.under_filled("tags_customer_a")["tag_code"]) == ["thin"]
    assert list(HEALTH.undeclared("tags_customer_a")["tag_value"]) == ["typo"]
    assert list(HEALTH.late("tags_customer_a")["tag_code"]) == ["new", "old"]
    assert list(HEALTH.drifted("tags_customer_a")["tag_code"]) == ["thin"]
    for check in (
        HEALTH.under_filled,
        HEALTH.undeclared,
        HEALTH.late,
        HEALTH.drifted,
    ):
        assert check("tags_customer_b").empty


def test_families_are_summed_up() -> None:
    rows = HEALTH.by_family().set_index("family")
    assert rows.loc["tags_customer_a"].to_dict() == {
        "tags": 5,
        "mean_fill": 0.75,
        "under_filled": 1,
        "undeclared_values": 1,
        "late": 2,
        "drifted": 1,
    }
    assert "| tags_customer_b | 1 | 0.9 | 0 | 0 | 0 | 0 |" in table(HEALTH.by_family())


def test_pictures_are_drawn_also_of_nothing() -> None:
    nothing = TagHealth(
        DAY, HEALTH.tags.head(0), HEALTH.strangers.head(0), HEALTH.drift.head(0)
    )
    for health in (HEALTH, nothing):
        pictures = health.pictures()
        assert sorted(pictures) == ["drift", "fill"]
        assert all(png.startswith(b"\x89PNG") for png in pictures.values())
    assert HEALTH.pictures() == HEALTH.pictures(), "the same bytes"
