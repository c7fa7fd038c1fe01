"""The inventory of what has landed, kept by every run and shown on raw tables."""

from __future__ import annotations

import json
from typing import Any

import dagster as dg

from ingestion.inventory import TableEntry, save, take
from orchestration.project import dbt_project
from warehouse.connection import Connection


def take_inventory(conn: Connection) -> dict[tuple[str, ...], TableEntry]:
    """Take the inventory and keep it; return it by raw schema and table."""
    manifest = json.loads(dbt_project().manifest_path.read_text("utf-8"))
    tables = take(conn, manifest)
    save(conn, tables)
    return {(f"raw_{one.channel}", one.table): one for one in tables}


def shown(entry: TableEntry | None) -> dict[str, Any]:
    """Metadata of a raw table's asset; none of an asset that is no raw table."""
    if entry is None:
        return {}
    return {
        "landed_rows": entry.rows,
        "landed_files": entry.files,
        "last_drop": str(entry.last_drop or "never"),
        "days_since_last_drop": -1 if entry.days_since is None else entry.days_since,
        "unused_columns": ", ".join(entry.unused) or "none",
        "columns": dg.MetadataValue.md(entry.as_markdown()),
    }
