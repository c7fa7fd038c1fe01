"""A new tag builds as it is written, or nothing is written."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import yaml

from audience.entries import find_tag, load_tags
from audience.generate import stale_files, write_files
from audience.new_tag import Wish, new_tag, read_values
from warehouse.errors import QuanyuError
from warehouse.settings import project_root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of tags and segments, its generated files current."""
    source = project_root() / "dbt_project"
    for folder in ("models/tags", "models/segments", "seeds/tags"):
        shutil.copytree(source / folder, tmp_path / "dbt_project" / folder)
    (tmp_path / "docs").mkdir()
    write_files(tmp_path)
    return tmp_path


def everything(root: Path) -> dict[Path, str]:
    return {path: path.read_text() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("family", "name", "data_type", "kind"),
    [
        ("purchase", "order_count_60d", "bigint", "number"),
        ("purchase", "gift_amount_365d", "numeric(18, 2)", "number"),
        ("coupon", "last_used_on", "date", "date"),
        ("coupon", "use_rate_180d", "numeric(9, 4)", "number"),
        ("service", "days_open_days", "integer", "number"),
        ("service", "has_returned_2y", "boolean", "bool"),
    ],
)
def test_a_tag_is_a_column_an_entry_and_a_unit_test(
    root: Path, family: str, name: str, data_type: str, kind: str
) -> None:
    code = f"{family}_{name}"
    written = new_tag(root, Wish(family, name, name_zh="试验", path="试/验"))
    folder = Path("dbt_project/models/tags")
    assert written == [
        folder / "customer" / f"tags_customer_{family}.sql",
        folder / "customer" / f"tags_customer_{family}.yml",
        folder / "unit_tests" / f"test_{code}.yml",
        Path("docs/tags.md"),
    ]
    tag = find_tag(load_tags(root / "dbt_project"), code)
    assert (tag.data_type, tag.entry.type) == (data_type, kind)
    assert (tag.entry.name_zh, tag.entry.path) == ("试验", "试/验")
    sql = (root / written[0]).read_text()
    final = sql[sql.index("final as (") :]
    assert f",\n        cast(null as {data_type}) as {code}\n    from " in final
    assert stale_files(root) == []
    test = yaml.safe_load((root / written[2]).read_text())["unit_tests"][0]
    assert test["expect"]["rows"] == [{"customer_id": 1, code: None}]
    assert {one["input"] for one in test["given"]} >= {"ref('dim_customers')"}


def test_an_enum_lists_its_values(root: Path) -> None:
    new_tag(root, Wish("risk", "trial_level", values=read_values("high=高, 1=一")))
    tag = find_tag(load_tags(root / "dbt_project"), "risk_trial_level")
    assert (tag.entry.type, tag.entry.values) == ("enum", {"high": "高", "1": "一"})


def test_tags_of_products_are_named_after_them(root: Path) -> None:
    new_tag(root, Wish("profile", "trial_count", entity="product"))
    tag = find_tag(load_tags(root / "dbt_project"), "product_trial_count")
    assert tag.entity == "product"


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        (Wish("tarot", "card_count"), "There is no family tarot of customer tags"),
        (Wish("rfm", "x_count", entity="tree"), "There are no tags about a tree"),
        (Wish("value", "tier", values={"a": "甲"}), "value_tier exists"),
        (Wish("value", "Tier_count"), "'Tier_count' is not a name"),
        (Wish("value", "a__count"), "'a__count' is not a name"),
        (Wish("value", "1_count"), "'1_count' is not a name"),
        (Wish("value", "等级_count"), "is not a name"),
        (Wish("value", "value_new_count"), "say new_count"),
        (Wish("value", "mood"), "mood does not say what it holds"),
        (Wish("value", "a" * 60 + "_count"), "longer than 63 characters"),
        (
            Wish("value", "new_count", name_zh="价值等级V1-V5"),
            "Two customer tags are called",
        ),
        (Wish("value", "new", values={"Bad Code": "坏"}), "not snake_case codes"),
    ],
)
def test_what_is_wrong_changes_nothing(root: Path, wish: Wish, sentence: str) -> None:
    before = everything(root)
    with pytest.raises(QuanyuError, match=re.escape(sentence)):
        new_tag(root, wish)
    assert everything(root) == before


def test_a_file_at_its_limit_is_left_alone(root: Path) -> None:
    model = root / "dbt_project/models/tags/customer/tags_customer_rfm.sql"
    text = model.read_text()
    model.write_text("-- filler\n" * (150 - len(text.splitlines())) + text)
    before = everything(root)
    with pytest.raises(QuanyuError, match="longer than 150 lines"):
        new_tag(root, Wish("rfm", "trial_count"))
    assert everything(root) == before


def test_values_are_pairs() -> None:
    assert read_values("") is None
    with pytest.raises(QuanyuError, match="Values are written code=name"):
        read_values("high,low")
