"""Entries of tags and segments: what is read, and what is refused by file and key."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from audience.entries import find_segment, load_segments, load_tags
from warehouse.errors import QuanyuError

GROUPS = "groups: [{name: crm, owner: {name: 客户运营}}]\n"

TAG = """
models:
  - name: tags_customer_purchase
    columns:
      - name: customer_id
        data_type: bigint
      - name: {code}
        data_type: {data_type}
        description: 累计有效订单数
        config: {{meta: {{tag: {{{entry}}}}}}}
"""
TAG_ENTRY = {
    "name_zh": "累计有效订单数",
    "path": "交易",
    "class": "business",
    "type": "number",
    "owner": "crm",
    "refresh": "daily",
    "min_fill": "1.0",
}

SEGMENT_ENTRY = {
    "name_zh": "二购",
    "description": "Second order due.",
    "kind": "attributes",
    "owner": "crm",
    "refresh": "daily",
    "expected_size": [1, 100],
    "play": "Coupon",
    "kpi": "Second-order rate",
}
ALIAS = "{{ ref('oneid_alias') }}"
SELECT = "\nselect customer_id\nfrom {{ ref('customer_tags_wide') }}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "models/tags/customer").mkdir(parents=True)
    (tmp_path / "models/segments/repurchase").mkdir(parents=True)
    (tmp_path / "models/tags/_tags__models.yml").write_text(GROUPS)
    return tmp_path


def write_tag(
    project: Path,
    code: str = "purchase_order_count",
    data_type: str = "bigint",
    **changes: str | None,
) -> None:
    fields = {**TAG_ENTRY, **changes}
    entry = ", ".join(f"{k}: {v}" for k, v in fields.items() if v is not None)
    (project / "models/tags/customer/tags_customer_purchase.yml").write_text(
        TAG.format(code=code, data_type=data_type, entry=entry)
    )


def write_segment(project: Path, text: str | None = None, **changes: Any) -> None:
    fields = {k: v for k, v in {**SEGMENT_ENTRY, **changes}.items() if v is not None}
    front_matter = f"{{{{ config(meta={{'segment': {fields!r}}}) }}}}\n"
    (project / "models/segments/repurchase/seg_second_order.sql").write_text(
        front_matter + SELECT if text is None else text
    )


def test_a_tag_is_a_column_with_an_entry(project: Path) -> None:
    write_tag(project)
    (tag,) = load_tags(project)
    assert (tag.code, tag.entity, tag.family) == (
        "purchase_order_count",
        "customer",
        "purchase",
    )
    assert tag.entry.tag_class == "business"
    assert tag.entry.values == {}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"colour": "red"}, "column purchase_order_count: colour: Extra inputs"),
        ({"name_zh": None}, "column purchase_order_count: name_zh: Field required"),
        ({"min_fill": "1.5"}, "min_fill: Input should be less than or equal to 1"),
        ({"class": "other"}, "column purchase_order_count: class: Input should be"),
        ({"owner": "nobody"}, "owner: 'nobody' is none of crm"),
        ({"type": "enum"}, "values are listed for an enum"),
        ({"values": "{a: 甲}"}, "values are listed for an enum"),
        ({"type": "bool"}, "data_type bigint does not carry a tag of type bool"),
        ({"code": "order_count"}, "a tag of this file is named purchase_<what>"),
        (
            {"type": "enum", "data_type": "text", "values": "{18_24: 18-24岁}"},
            "YAML reads [1824] as other than text; quote them",
        ),
        (
            {"type": "enum", "data_type": "text", "values": "{V-1: V1}"},
            "not snake_case codes",
        ),
    ],
)
def test_a_wrong_tag_entry_names_file_column_and_key(
    project: Path, changes: dict[str, str | None], message: str
) -> None:
    write_tag(project, **changes)
    with pytest.raises(QuanyuError) as raised:
        load_tags(project)
    assert "tags_customer_purchase.yml: " in str(raised.value)
    assert message in str(raised.value)


def test_two_tags_may_not_share_a_name(project: Path) -> None:
    write_tag(project)
    file = project / "models/tags/customer/tags_customer_purchase.yml"
    other = project / "models/tags/customer/tags_customer_channel.yml"
    other.write_text(
        file.read_text().replace("purchase_order_count", "channel_order_count")
    )
    with pytest.raises(QuanyuError, match="called 累计有效订单数"):
        load_tags(project)


def test_a_segment_is_front_matter_and_a_select(project: Path) -> None:
    write_segment(project)
    (segment,) = load_segments(project)
    assert (segment.code, segment.goal) == ("seg_second_order", "repurchase")
    assert segment.entry.expected_size == (1, 100)
    assert segment.sql == SELECT.strip()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"destination": "sms"}, "segment: destination: Extra inputs"),
        ({"kpi": None, "kpis": "x"}, "(did you mean kpi?)."),
        ({"expected_sise": [1, 2]}, "expected_sise: Extra inputs"),
        ({"kpi": None}, "segment: kpi: Field required"),
        ({"kind": "vibes"}, "segment: kind: Input should be"),
        ({"kind": "atributes"}, "(did you mean attributes?)."),
        ({"owner": "nobody"}, "owner: 'nobody' is none of crm"),
        ({"expected_size": [5, 1]}, "expected_size is [smallest, largest]"),
        ({"kind": "random_split"}, "groups: a priority_split or random_split"),
        ({"groups": {"a": "甲"}}, "groups: a priority_split or random_split"),
        ({"kind": "random_split", "groups": {"A": "甲"}}, "['A'] are not snake_case"),
        (
            {"kind": "random_split", "groups": {"a": "甲"}},
            "groups: a are named, the SQL decides between none",
        ),
        ({"kind": "snapshot"}, "snapshot_on: a snapshot, and nothing else, has a day"),
        ({"snapshot_on": "2017-10-20"}, "snapshot_on: a snapshot, and nothing else"),
        (
            {"kind": "snapshot", "snapshot_on": "20 October"},
            "segment: snapshot_on: Input should be a valid date",
        ),
        (
            {"kind": "snapshot", "snapshot_on": "2017-10-20"},
            "config: a snapshot is materialized='frozen'",
        ),
        ({"kind": "lookalike"}, "of: a lookalike, and nothing else, is of a segment"),
        ({"of": "seg_a"}, "of: a lookalike, and nothing else, is of a segment"),
        (
            {"kind": "lookalike", "of": "seg_a"},
            "a lookalike of seg_a reads {{ ref('seg_a') }} and",
        ),
        ({"entity": "store"}, "a store is reached by kind cross_entity"),
        (
            {"entity": "store", "kind": "cross_entity"},
            "a segment of stores selects store_code, and this one does not",
        ),
        ({"text": SELECT}, "a segment begins with its front matter"),
        (
            {"text": "{{ config(meta={'tag': {}}) }}" + SELECT},
            "the front matter holds one key, 'segment'",
        ),
        (
            {"text": "{{ config(meta={'segment': var('x')}) }}" + SELECT},
            "the front matter is not a literal dict",
        ),
    ],
)
def test_wrong_front_matter_names_file_and_key(
    project: Path, changes: dict[str, Any], message: str
) -> None:
    write_segment(project, **changes)
    with pytest.raises(QuanyuError) as raised:
        load_segments(project)
    assert "seg_second_order.sql: " in str(raised.value)
    assert message in str(raised.value)


def test_a_snapshot_follows_its_people(project: Path) -> None:
    fields = {**SEGMENT_ENTRY, "kind": "snapshot", "snapshot_on": "2017-10-20"}
    front = f"{{{{ config(materialized='frozen', meta={{'segment': {fields!r}}}) }}}}\n"
    write_segment(project, text=front + SELECT)
    with pytest.raises(QuanyuError, match="follows its people through merges"):
        load_segments(project)
    write_segment(project, text=f"{front}-- depends_on: {ALIAS}{SELECT}")
    (segment,) = load_segments(project)
    assert segment.entry.snapshot_on == date(2017, 10, 20)


def test_a_split_has_members_per_group(project: Path) -> None:
    entry = SEGMENT_ENTRY | {"kind": "random_split", "groups": {"a": "甲", "b": "乙"}}
    sql = SELECT.replace("\nfrom", ", case when true then 'a' else 'b' end\nfrom")
    front = f"{{{{ config(meta={{'segment': {entry!r}}}) }}}}\n"
    write_segment(project, text=front + sql)
    (segment,) = load_segments(project)
    assert segment.member_codes == [
        "seg_second_order",
        "seg_second_order__a",
        "seg_second_order__b",
    ]
    assert find_segment([segment], "seg_second_order__b") is segment
    with pytest.raises(QuanyuError, match=r"did you mean seg_second_order\?"):
        find_segment([segment], "seg_secnd_order")


def test_a_segment_is_named_so_that_a_group_is_told_apart(project: Path) -> None:
    write_segment(project)
    file = project / "models/segments/repurchase/seg_second_order.sql"
    file.rename(file.with_name("seg_second__order.sql"))
    with pytest.raises(QuanyuError, match="a segment is named seg_<who>"):
        load_segments(project)
