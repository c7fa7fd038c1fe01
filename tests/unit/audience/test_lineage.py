"""Lineage of a tag in a small manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from audience.lineage import lineage
from tests.unit.audience.test_tag_tree import tag
from warehouse.dbt import read_manifest
from warehouse.errors import QuanyuError


def node(layer: str, sql: str = "", *reads: str, kind: str = "model") -> dict[str, Any]:
    return {
        "resource_type": kind,
        "fqn": ["quanyu", layer],
        "raw_code": sql,
        "depends_on": {"nodes": list(reads)},
        "columns": {},
    }


def manifest() -> dict[str, Any]:
    nodes = {
        "model.quanyu.dim_customers": node("marts"),
        "model.quanyu.fct_orders": node("marts", "", "model.quanyu.int_orders"),
        "model.quanyu.int_orders": node("intermediate"),
        "seed.quanyu.tag_cuts": node("tags", kind="seed"),
        "model.quanyu.int_trial__sums": node(
            "tags", "", "model.quanyu.fct_orders", "source.quanyu.ml.scores"
        ),
        "model.quanyu.tags_customer_trial": node(
            "tags", "", "model.quanyu.int_trial__sums", "seed.quanyu.tag_cuts"
        ),
        "model.quanyu.tags_customer_other": node(
            "tags", "select spent + 1", "model.quanyu.tags_customer_trial"
        ),
        "model.quanyu.customer_tags_wide": node(
            "tags", "select *", "model.quanyu.tags_customer_trial"
        ),
        "model.quanyu.seg_big": node(
            "segments", "where spent > 9", "model.quanyu.customer_tags_wide"
        ),
        "model.quanyu.seg_not_big": node(
            "segments", "select * except", "model.quanyu.seg_big"
        ),
        "model.quanyu.seg_much": node(
            "segments", "where spent_much -- spent", "model.quanyu.customer_tags_wide"
        ),
    }
    for uid, one in nodes.items():
        one["name"] = uid.rpartition(".")[2]
    nodes["model.quanyu.tags_customer_trial"]["columns"] = {"spent": {}}
    exposures = {
        name: {
            "name": name,
            "depends_on": {"nodes": reads},
            "config": {"meta": {"tags": tags}},
        }
        for name, reads, tags in (
            ("sync_not_big_to_file", ["model.quanyu.seg_not_big"], []),
            ("sync_much_to_file", ["model.quanyu.seg_much"], []),
            ("sync_field_to_file", ["model.quanyu.seg_much"], ["spent"]),
        )
    }
    return {
        "nodes": nodes,
        "exposures": exposures,
        "sources": {"source.quanyu.ml.scores": {"schema": "ml", "name": "scores"}},
    }


def test_lineage_goes_from_marts_to_syncs() -> None:
    found = lineage(manifest(), tag("spent", "交易"))
    assert found.sources == ["fct_orders", "ml.scores", "tag_cuts"]
    assert found.tags == ["tags_customer_other"]
    assert found.segments == ["seg_big", "seg_not_big"]
    assert found.others == []
    assert found.syncs == ["field_to_file", "not_big_to_file"]


def test_a_tag_that_dbt_has_not_parsed_is_one_sentence() -> None:
    with pytest.raises(QuanyuError, match="dbt has not parsed orders yet"):
        lineage(manifest(), tag("orders", "交易"))


def test_no_manifest_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(QuanyuError, match="is missing: `quanyu dbt parse`"):
        read_manifest(tmp_path / "manifest.json")
