"""Tags and segments as the manifest knows them: entries, contracts, edges."""

from __future__ import annotations

from typing import Any

from audience.entries import load_segments, load_tags
from warehouse.settings import dbt_project_dir

PROJECT = dbt_project_dir()


def test_every_contracted_tag_column_has_an_entry(models: list[dict[str, Any]]) -> None:
    keys = {"customer_id", "product_key"}
    columns = {
        column
        for node in models
        if node["fqn"][1] == "tags" and node["contract"]["enforced"]
        for column in node["columns"]
    }
    assert columns - keys == {tag.code for tag in load_tags(PROJECT)}


def test_every_family_is_in_the_wide_table(models: list[dict[str, Any]]) -> None:
    wide = next(node for node in models if node["name"] == "customer_tags_wide")
    families = {
        node["unique_id"]
        for node in models
        if node["name"].startswith("tags_customer_")
    }
    read = {n for n in wide["depends_on"]["nodes"] if ".tags_customer_" in n}
    assert read == families


def test_every_family_is_held_to_its_customers_and_values(
    manifest: dict[str, Any], models: list[dict[str, Any]]
) -> None:
    tested = {
        node["attached_node"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and (node.get("test_metadata") or {}).get("name") == "tags_conform"
    }
    assert tested == {
        node["unique_id"]
        for node in models
        if node["name"].startswith("tags_customer_")
    }


def test_dbt_reads_the_same_front_matter(models: list[dict[str, Any]]) -> None:
    in_dbt = {
        node["name"]: node["config"]["meta"]["segment"]
        for node in models
        if "segment" in node["config"]["meta"]
    }
    in_files = {
        segment.code: {
            **segment.entry.model_dump(),
            "expected_size": list(segment.entry.expected_size),
        }
        for segment in load_segments(PROJECT)
    }
    assert in_dbt == in_files


def test_segment_members_depends_on_every_segment(models: list[dict[str, Any]]) -> None:
    members = next(node for node in models if node["name"] == "segment_members")
    assert set(members["depends_on"]["nodes"]) == {
        node["unique_id"] for node in models if node["name"].startswith("seg_")
    }


def test_segments_are_plain_selects_without_jinja_logic() -> None:
    for segment in load_segments(PROJECT):
        assert "{%" not in segment.sql, segment.code
        if segment.entry.kind not in ("path", "cross_entity"):
            assert not segment.sql.lower().lstrip().startswith("with"), segment.code
