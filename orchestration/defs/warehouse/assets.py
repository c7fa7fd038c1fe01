"""dbt models: one invocation up to the ML features, one after the scores."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource, dbt_assets

from orchestration.project import PARTIAL_PARSE, dbt_project, manifest, translator
from orchestration.resources import Day
from warehouse.connection import connect
from warehouse.dbt import environment
from warehouse.settings import dbt_target_dir

UP_TO_FEATURES = (
    "resource_type:seed path:models/staging path:models/identity "
    "path:models/intermediate path:models/marts path:models/features"
)
AFTER_SCORES = (
    "path:models/tags path:models/segments path:models/campaigns "
    "path:models/protection path:models/reporting"
)


@dbt_assets(
    manifest=dbt_project().manifest_path,
    project=dbt_project(),
    select=UP_TO_FEATURES,
    dagster_dbt_translator=translator,
    name="customers_and_facts",
)
def customers_and_facts(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, day: Day
) -> Iterator[Any]:
    """Stage, resolve OneID, build marts and ML features."""
    yield from build(context, dbt, day)


@dbt_assets(
    manifest=dbt_project().manifest_path,
    project=dbt_project(),
    select=AFTER_SCORES,
    dagster_dbt_translator=translator,
    name="tags_and_segments",
)
def tags_and_segments(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, day: Day
) -> Iterator[Any]:
    """Turn facts and scores into tags, tags into audiences."""
    yield from build(context, dbt, day)


def build(
    context: dg.AssetExecutionContext, dbt: DbtCliResource, day: Day
) -> Iterator[Any]:
    """Run `dbt build` for the selected assets; tests become asset checks.

    A test runs where its last parent is built (indirect selection `buildable`). Unit
    tests do not depend on data, so `make test` runs them, not every day.
    """
    with connect() as conn:
        day.resolve(conn)
    os.environ.update(environment())
    args = [
        "build",
        "--indirect-selection=buildable",
        "--exclude-resource-type=unit_test",
    ]
    if day.base_date:
        # Only an explicit day is a var: a changed var makes dbt parse everything anew.
        args += ["--vars", json.dumps({"base_date": day.base_date})]
    invocation = dbt.cli(args, context=context, target_path=invocation_dir(context))
    for message in invocation.stream_raw_events():
        rows = rows_written(message.raw_event)
        for event in message.to_default_asset_events(
            manifest(), translator, context, invocation.target_path, dbt_project()
        ):
            if rows is not None and isinstance(event, dg.Output):
                yield event.with_metadata({**event.metadata, "dagster/row_count": rows})
            else:
                yield event


def invocation_dir(context: dg.AssetExecutionContext) -> Path:
    """Make a folder for what one dbt invocation writes; it begins with our parse."""
    step = context.op_execution_context.op.name
    folder = dbt_target_dir() / f"{step}-{context.run.run_id[:8]}"
    folder.mkdir(parents=True, exist_ok=True)
    parsed = dbt_target_dir() / PARTIAL_PARSE
    if parsed.exists():
        shutil.copy(parsed, folder)
    return folder


def rows_written(raw_event: dict[str, Any]) -> int | None:
    """Return how many rows a finished node wrote, as PostgreSQL told dbt.

    The status is a command tag: "SELECT 168", "INSERT 0 5". It costs nothing, where
    `fetch_row_counts()` would scan every table once more.
    """
    last_word = str(raw_event["data"].get("status", "")).rpartition(" ")[2]
    return int(last_word) if last_word.isdigit() else None
