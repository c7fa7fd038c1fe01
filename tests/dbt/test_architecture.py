"""The rules of the house that a machine can hold: layers, names, docs, sizes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "dbt_project" / "models"

PREFIXES = {
    "staging": ("stg_", "base_"),
    "identity": ("oneid_", "int_identity__"),
    "intermediate": ("int_",),
    "marts": ("dim_", "fct_", "mart_"),
    "features": ("feat_", "label_"),
    "tags": (
        "tags_",
        "customer_tags_",
        "customer_behaviour_",
        "product_tags_",
        "store_tags_",
        "guide_tags_",
        "tag_",
        "int_",
    ),
    "segments": ("seg_", "segment_"),
    "protection": ("protect_",),
    "reporting": ("rpt_",),
}

# Which layers a layer may read; seeds are open to all.
READS = {
    "staging": {"staging", "source:raw_", "source:landing"},
    "identity": {"staging", "identity", "intermediate"},
    "intermediate": {"staging", "identity", "intermediate", "source:activation"},
    "marts": {"intermediate", "identity", "marts"},
    "features": {"marts", "features", "intermediate"},
    "tags": {"marts", "tags", "intermediate", "source:ml"},
    "segments": {"tags", "segments"},
    "protection": {"marts", "segments", "protection", "source:activation"},
    "reporting": {"marts", "tags", "segments", "intermediate", "staging", "source:ml"},
}
# Path and cross-entity segments compare facts in order or through other entities.
FACT_SEGMENT_KINDS = {"path", "cross_entity"}

PACKAGES = {
    "cli": {
        "orchestration",
        "ingestion",
        "identity",
        "audience",
        "activation",
        "ml",
        "warehouse",
    },
    "orchestration": {
        "ingestion",
        "identity",
        "audience",
        "activation",
        "ml",
        "warehouse",
    },
    "ingestion": {"warehouse"},
    "identity": {"warehouse"},
    "audience": {"warehouse"},
    "activation": {"warehouse"},
    "ml": set(),
    "warehouse": set(),
}


def layer(node: dict[str, Any]) -> str:
    if node["resource_type"] == "source":
        return f"source:{node['source_name']}"
    return str(node["fqn"][1])


def test_model_names_carry_their_layer(models: list[dict[str, Any]]) -> None:
    wrong = [
        node["name"]
        for node in models
        if not node["name"].startswith(PREFIXES[layer(node)])
    ]
    assert not wrong


def test_layers_read_only_what_lies_before_them(
    manifest: dict[str, Any], models: list[dict[str, Any]]
) -> None:
    parents = {**manifest["nodes"], **manifest["sources"]}
    wrong = []
    for node in models:
        allowed = READS[layer(node)]
        kind = node["config"]["meta"].get("segment", {}).get("kind")
        if kind in FACT_SEGMENT_KINDS:
            allowed = allowed | {"marts"}
        for name in node["depends_on"]["nodes"]:
            parent = parents[name]
            if parent["resource_type"] == "seed":
                continue
            if not any(layer(parent).startswith(one) for one in allowed):
                wrong.append(f"{node['name']} reads {parent['name']}")
    assert not wrong


def test_every_model_says_what_it_is(models: list[dict[str, Any]]) -> None:
    undocumented = [
        node["name"]
        for node in models
        if not (node["description"] or node["config"]["meta"].get("segment"))
    ]
    assert not undocumented


@pytest.mark.parametrize("folder", ["marts", "tags"])
def test_every_contracted_column_is_described(
    models: list[dict[str, Any]], folder: str
) -> None:
    undescribed = [
        f"{node['name']}.{column['name']}"
        for node in models
        if layer(node) == folder and node["contract"]["enforced"]
        for column in node["columns"].values()
        if not column["description"]
    ]
    assert not undescribed


def test_models_and_yml_stay_small() -> None:
    big = [
        f"{path.name}: {lines} lines"
        for pattern, limit in (("*.sql", 150), ("*.yml", 300))
        for path in MODELS.rglob(pattern)
        if (lines := len(path.read_text().splitlines())) > limit
    ]
    big += [
        f"{path.name}: {joins} joins"
        for path in MODELS.rglob("*.sql")
        if (joins := len(re.findall(r"\bjoin\b", code(path)))) > 7
        and "joins:" not in path.read_text()
    ]
    assert not big


def test_python_files_stay_small() -> None:
    big = [
        str(path.relative_to(ROOT))
        for package in (*PACKAGES, "tests")
        for path in (ROOT / package).rglob("*.py")
        if len(path.read_text().splitlines()) > 400
    ]
    assert not big


def test_models_are_sql_not_jinja() -> None:
    lines = statements = 0
    for path in MODELS.rglob("*.sql"):
        text = path.read_text()
        lines += len(text.splitlines())
        found = re.findall(r"{%-?\s*(\w+)", text)
        statements += len(found)
        assert "for" not in found, f"{path.name} loops in Jinja"
    assert statements / lines < 0.01


def test_models_never_ask_the_clock() -> None:
    clock = re.compile(
        r"\b(current_date|current_timestamp|now\(\)|getdate\(\)|clock_timestamp)", re.I
    )
    assert not [path.name for path in MODELS.rglob("*.sql") if clock.search(code(path))]


def code(path: Path) -> str:
    """Return a model's SQL without comments."""
    return re.sub(r"--[^\n]*|/\*.*?\*/|{#.*?#}", "", path.read_text(), flags=re.S)


@pytest.mark.parametrize("package", PACKAGES)
def test_imports_go_one_way(package: str) -> None:
    others = set(PACKAGES) - PACKAGES[package] - {package}
    forbidden = others if package == "orchestration" else others | {"dagster"}
    if package == "cli":
        forbidden -= {"dagster"}
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in (ROOT / package).rglob("*.py")
        for name in imported(path)
        if name in forbidden
    ]
    assert not wrong


def test_cli_imports_orchestration_only_when_it_runs() -> None:
    wrong = [
        path.name
        for path in (ROOT / "cli").rglob("*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, (ast.Import, ast.ImportFrom))
        and "orchestration" in ast.unparse(node)
    ]
    assert not wrong


def imported(path: Path) -> set[str]:
    """Return the top-level names of the packages a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def test_yml_keys_are_text() -> None:
    # dbt cannot read back a partial parse with other keys: it parses all, every time.
    wrong = [
        f"{path.name}: {key!r}"
        for path in (ROOT / "dbt_project").rglob("*.yml")
        if "dbt_packages" not in path.parts and "target" not in path.parts
        for key in keys(yaml.safe_load(path.read_text()))
        if not isinstance(key, str)
    ]
    assert not wrong


def keys(content: Any) -> Iterator[Any]:
    """Yield every mapping key in a yml file."""
    if isinstance(content, dict):
        for key, value in content.items():
            yield key
            yield from keys(value)
    elif isinstance(content, list):
        for value in content:
            yield from keys(value)
