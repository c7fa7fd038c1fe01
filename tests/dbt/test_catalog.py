"""Tags and segments as the manifest knows them: entries, contracts, edges."""

from __future__ import annotations

import re
from typing import Any

import pytest

from audience.entries import load_segments, load_tags
from warehouse.settings import dbt_project_dir

PROJECT = dbt_project_dir()


# Each entity of tags: the dimension it has a row for, and that dimension's key.
ENTITIES = {
    "customer": ("dim_customers", "customer_id"),
    "product": ("dim_products", "product_key"),
    "store": ("dim_stores", "store_code"),
    "guide": ("dim_guides", "staff_code"),
}


def families(models: list[dict[str, Any]], entity: str) -> dict[str, dict[str, Any]]:
    """Return the models of an entity's families by their unique ids."""
    return {
        node["unique_id"]: node
        for node in models
        if node["name"].startswith(f"tags_{entity}_")
    }


def test_every_family_is_of_an_entity_and_contracted(
    models: list[dict[str, Any]],
) -> None:
    known = {name for entity in ENTITIES for name in families(models, entity)}
    assert known == {
        node["unique_id"] for node in models if node["name"].startswith("tags_")
    }
    for node in models:
        if node["unique_id"] in known:
            assert node["contract"]["enforced"], node["name"]
            assert node["fqn"][1:3] == ["tags", node["name"].split("_")[1]]


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_contracted_tag_column_has_an_entry(
    models: list[dict[str, Any]], entity: str
) -> None:
    columns = {
        (node["name"], column)
        for node in families(models, entity).values()
        for column in node["columns"]
        if column != ENTITIES[entity][1]
    }
    assert columns == {
        (tag.file.stem, tag.code) for tag in load_tags(PROJECT) if tag.entity == entity
    }


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_family_is_in_the_wide_table(
    models: list[dict[str, Any]], entity: str
) -> None:
    wide = next(node for node in models if node["name"] == f"{entity}_tags_wide")
    read = {n for n in wide["depends_on"]["nodes"] if f".tags_{entity}_" in n}
    assert read == set(families(models, entity))
    # Its fill, values and drift are measured.
    measured = next(node for node in models if node["name"] == "tag_distribution")
    assert wide["unique_id"] in measured["depends_on"]["nodes"]


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_family_is_held_to_its_members_and_values(
    manifest: dict[str, Any], models: list[dict[str, Any]], entity: str
) -> None:
    dimension, key = ENTITIES[entity]
    own = families(models, entity)
    tested = [
        node
        for node in generic_tests(manifest, "tags_conform")
        if node["attached_node"] in own
    ]
    assert {node["attached_node"] for node in tested} == set(own)
    for node in tested:
        read = {name.split(".")[-1] for name in node["depends_on"]["nodes"]}
        assert dimension in read
        assert node["test_metadata"]["kwargs"].get("key", "customer_id") == key


def generic_tests(manifest: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the nodes of a generic test."""
    return [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test"
        and (node.get("test_metadata") or {}).get("name") == name
    ]


def test_dbt_reads_the_same_front_matter(models: list[dict[str, Any]]) -> None:
    in_dbt = {
        node["name"]: node["config"]["meta"]["segment"]
        for node in models
        if "segment" in node["config"]["meta"]
    }
    in_files = {
        segment.code: segment.entry.model_dump(mode="json", exclude_unset=True)
        for segment in load_segments(PROJECT)
    }
    assert in_dbt == in_files


def test_members_depend_on_every_segment(models: list[dict[str, Any]]) -> None:
    read = [
        name
        for node in models
        if re.fullmatch(r"segment_(\w+_)?members", node["name"])
        for name in node["depends_on"]["nodes"]
    ]
    assert sorted(read) == sorted(
        node["unique_id"] for node in models if node["name"].startswith("seg_")
    )


def test_every_segment_has_a_unit_test(manifest: dict[str, Any]) -> None:
    tested = {test["model"] for test in manifest["unit_tests"].values()}
    assert not [one.code for one in load_segments(PROJECT) if one.code not in tested]


def test_segments_are_plain_selects_without_jinja_logic() -> None:
    for segment in load_segments(PROJECT):
        assert "{%" not in segment.sql, segment.code
        if segment.entry.kind not in ("path", "cross_entity", "lookalike"):
            assert not segment.sql.lower().lstrip().startswith("with"), segment.code
