"""The dbt project as Dagster sees it: groups and keys come from folders."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtProject

from warehouse.dbt import environment
from warehouse.errors import QuanyuError
from warehouse.settings import dbt_project_dir, dbt_target_dir

PARTIAL_PARSE = "partial_parse.msgpack"
DBT_EXECUTABLE = str(Path(sys.executable).with_name("quanyu-dbt"))


class LayerTranslator(DagsterDbtTranslator):
    """Asset group = dbt layer folder, so the UI shows the way of the data."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Return the layer: the first folder below models/, or `seeds`."""
        if dbt_resource_props["resource_type"] == "seed":
            return "seeds"
        return str(dbt_resource_props["fqn"][1])


translator = LayerTranslator()


@cache
def dbt_project() -> DbtProject:
    """Return the dbt project, its manifest as new as its files.

    Raises:
        QuanyuError: dbt cannot parse the project.
    """
    target = dbt_target_dir()
    begin_with_set_up(target)
    project = DbtProject(project_dir=dbt_project_dir(), target_path=target)
    try:
        settings = environment()
    except QuanyuError:
        settings = {}  # the graph can be looked at without a warehouse
    if is_stale(project.project_dir, target, settings):
        parse(project.project_dir, target, settings)
    return project


def begin_with_set_up(target: Path) -> None:
    """Let a home of its own begin with what set-up has parsed."""
    if not (target / "manifest.json").exists():
        target.mkdir(parents=True, exist_ok=True)
        for name in ("manifest.json", PARTIAL_PARSE, "parsed_for"):
            parsed = dbt_project_dir() / "target" / name
            if parsed.exists() and parsed.parent != target:
                shutil.copy2(parsed, target)


def is_stale(project_dir: Path, target: Path, settings: Mapping[str, str]) -> bool:
    """Whether the manifest is older than a file, or made for another warehouse.

    dbt keeps a partial parse for one connection only: with another one it would parse
    everything anew in each invocation of a run.
    """
    manifest_path = target / "manifest.json"
    if not manifest_path.exists():
        return True
    if settings and read_stamp(target) != connection(settings):
        return True
    parsed_at = manifest_path.stat().st_mtime
    files = [project_dir / "dbt_project.yml"]
    for folder in ("models", "macros", "seeds", "tests", "snapshots", "docs"):
        files += [path for path in (project_dir / folder).rglob("*") if path.is_file()]
    return any(path.stat().st_mtime > parsed_at for path in files)


def parse(project_dir: Path, target: Path, settings: Mapping[str, str]) -> None:
    """Write the manifest anew: an edited model needs no restart and no set-up."""
    folders = [
        f"--project-dir={project_dir}",
        f"--profiles-dir={project_dir}",
        f"--target-path={target}",
    ]
    done = subprocess.run(
        [DBT_EXECUTABLE, "--quiet", "parse", *folders],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise QuanyuError(f"dbt cannot parse the project:\n{done.stdout.strip()}")
    # Partial parsing leaves an unchanged manifest alone: it is as new as its files now.
    (target / "manifest.json").touch()
    stamp(target).write_text(connection(settings))


def stamp(target: Path) -> Path:
    """Return the file that says which warehouse the project was parsed for."""
    return target / "parsed_for"


def read_stamp(target: Path) -> str:
    """Return the warehouse of the last parse, or nothing."""
    return stamp(target).read_text() if stamp(target).exists() else ""


def connection(settings: Mapping[str, str]) -> str:
    """Return what tells one warehouse from another, without its password."""
    names = sorted(name for name in settings if name.startswith("QUANYU_PG_"))
    return "\n".join(f"{name}={settings[name]}" for name in names)


@cache
def manifest() -> dict[str, Any]:
    """Return the parsed manifest."""
    loaded: dict[str, Any] = json.loads(dbt_project().manifest_path.read_text())
    return loaded


def source_keys(schema_prefix: str) -> list[dg.AssetKey]:
    """Return the asset keys of every source table whose schema starts with a prefix."""
    return [
        translator.get_asset_key(props)
        for props in manifest()["sources"].values()
        if props["schema"].startswith(schema_prefix)
    ]


def source_key(schema: str, name: str) -> dg.AssetKey:
    """Return the asset key of one source table."""
    for props in manifest()["sources"].values():
        if (props["schema"], props["name"]) == (schema, name):
            return translator.get_asset_key(props)
    raise QuanyuError(
        f"The dbt project has no source {schema}.{name}: run `make setup` again if it "
        "is new."
    )


def model_key(name: str) -> dg.AssetKey:
    """Return the asset key of the model called `name`."""
    for props in manifest()["nodes"].values():
        if props["resource_type"] == "model" and props["name"] == name:
            return translator.get_asset_key(props)
    raise QuanyuError(
        f"The dbt project has no model {name}: run `make setup` again if it is new."
    )
