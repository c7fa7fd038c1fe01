"""Two trees over one store of tags."""

from __future__ import annotations

from pathlib import Path

from audience.entries import Tag, TagEntry
from audience.tag_tree import as_markdown, below, leaves


def tag(code: str, path: str, brand_path: str | None = None) -> Tag:
    entry = TagEntry.model_validate(
        {
            "name_zh": code, "path": path, "brand_path": brand_path, "class": "basic",
            "type": "number", "owner": "data", "refresh": "daily", "min_fill": 0,
        }
    )  # fmt: skip
    return Tag(code, "customer", "trial", "bigint", code, entry, Path("x.yml"))


TAGS = [
    tag("spent", "交易/金额", "用户价值/消费"),
    tag("orders", "交易/频次", "用户价值/消费"),
    tag("refunds", "交易/金额"),
    tag("risk", "风控"),
]


def test_a_tag_stands_in_both_trees_or_one() -> None:
    places = leaves(TAGS, "path")
    assert [*places] == ["交易/金额", "交易/频次", "风控"]
    assert [one.code for one in places["交易/金额"]] == ["spent", "refunds"]
    assert [*leaves(TAGS, "brand_path")] == ["用户价值/消费"]


def test_below_takes_whole_names_of_either_tree() -> None:
    def codes(place: str) -> list[str]:
        return [one.code for one in below(TAGS, place)]

    assert codes("交易") == ["spent", "orders", "refunds"]
    assert codes("交易/金额/") == ["spent", "refunds"]
    assert codes("用户价值") == ["spent", "orders"]
    assert codes("交") == []


def test_the_page_shows_branches_and_places() -> None:
    assert as_markdown(TAGS, "path") == [
        "- **交易**",
        "  - 金额: `spent`, `refunds`",
        "  - 频次: `orders`",
        "- **风控**",
        "  - 风控: `risk`",
    ]
    assert as_markdown(TAGS[2:], "brand_path") == ["None yet."]
