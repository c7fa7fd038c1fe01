"""Tests that read the parsed manifest: no database."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def manifest() -> dict[str, Any]:
    path = ROOT / "dbt_project" / "target" / "manifest.json"
    assert path.exists(), "run `make setup`: it parses the dbt project"
    return json.loads(path.read_text())


@pytest.fixture(scope="session")
def models(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["package_name"] == "quanyu"
    ]
