"""The distribution of tags by itself: a dbt project whose wide tables a test writes."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml
from psycopg import sql

from tests.integration import dbt_runs
from warehouse.connection import connect, copy_rows
from warehouse.settings import dbt_project_dir

# Relation -> key and tags by type: one family stands for all of an entity.
RELATIONS: dict[str, tuple[str, dict[str, str]]] = {
    "customer_tags_wide": (
        "customer_id",
        {
            "trial_order_count": "number",
            "trial_spent_amount": "number",
            "trial_used_rate": "number",
            "trial_seen_on": "date",
            "trial_level": "enum",
            "trial_is_friend": "bool",
            "trial_store_code": "text",
            "trial_unused_count": "number",
        },
    ),
    "product_tags_wide": ("product_key", {"product_is_gift": "bool"}),
    "store_tags_wide": ("store_code", {"store_is_open": "bool"}),
    "guide_tags_wide": ("staff_code", {"guide_is_here": "bool"}),
}
DATA_TYPES = {
    "number": "numeric(18, 2)",
    "date": "date",
    "enum": "text",
    "bool": "boolean",
    "text": "text",
}
FAMILIES = {
    f"tags_{entity}_trial": f"{entity}_tags_wide"
    for entity in ("customer", "product", "store", "guide")
}


def tags(relation: str) -> dict[str, str]:
    """Return the tags of a relation and their types."""
    return RELATIONS[relation][1]


class DistributionProject:
    """A copy of the distribution's models in `folder`, reading tags the test gives."""

    def __init__(self, folder: Path) -> None:
        """Copy macros, seeds and models; the wide tables become views of test_input."""
        source = dbt_project_dir()
        self.folder = folder / "project"
        models = self.folder / "models" / "tags"
        for name in ("macros", "seeds/tags", "tests/generic"):
            shutil.copytree(source / name, self.folder / name)
        shutil.copytree(source / "models/tags/distribution", models / "distribution")
        shutil.copy(source / "models/tags/tag_catalog.sql", models)
        for model in (*RELATIONS, *FAMILIES):
            relation = FAMILIES.get(model, model)
            entity = model.split("_")[1] if model in FAMILIES else ""
            path = models / entity / f"{model}.sql"
            path.parent.mkdir(exist_ok=True)
            path.write_text(
                "{{ config(materialized='view', contract={'enforced': false}) }}\n"
                f"select * from test_input.{relation}"
            )
        (models / "families.yml").write_text(yaml.safe_dump(_entries()))
        for name in ("dbt_project.yml", "profiles.yml", "packages.yml"):
            shutil.copy(source / name, self.folder)
        (self.folder / "dbt_packages").symlink_to(source / "dbt_packages")

    def land(self, relation: str, rows: Iterable[Mapping[str, Any]]) -> None:
        """Replace the rows of a wide table."""
        key, of_type = RELATIONS[relation]
        columns = {key: "text" if key.endswith("_code") else "bigint"} | {
            n: DATA_TYPES[t] for n, t in of_type.items()
        }
        with connect() as conn:
            conn.execute("create schema if not exists test_input")
            conn.execute(
                sql.SQL("create table if not exists {} ({})").format(
                    sql.Identifier("test_input", relation),
                    sql.SQL(", ").join(
                        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))
                        for name, kind in columns.items()
                    ),
                )
            )
            conn.execute(
                sql.SQL("truncate {}").format(sql.Identifier("test_input", relation))
            )
            copy_rows(
                conn,
                f"test_input.{relation}",
                list(columns),
                ([row.get(name) for name in columns] for row in rows),
            )

    def build(self, base_date: str, *arguments: str) -> None:
        """Run `dbt build` as of the end of a day."""
        assert not (errors := dbt_runs.build(self.folder, base_date, *arguments)), (
            errors
        )


def _entries() -> dict[str, Any]:
    return {
        "models": [
            {
                "name": model,
                "columns": [
                    {
                        "name": code,
                        "data_type": DATA_TYPES[kind],
                        "description": code,
                        "config": {"meta": {"tag": _entry(code, kind)}},
                    }
                    for code, kind in tags(relation).items()
                ],
            }
            for model, relation in FAMILIES.items()
        ]
    }


def _entry(code: str, kind: str) -> dict[str, Any]:
    return {
        "name_zh": code,
        "path": "试/验",
        "class": "basic",
        "type": kind,
        "owner": "data",
        "refresh": "daily",
        "min_fill": 0.5,
    } | ({"brand_path": "品/牌"} if kind == "enum" else {})
