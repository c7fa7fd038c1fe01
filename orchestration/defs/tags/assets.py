"""Health of the tags: a report of all, and four checks of every family."""

from collections.abc import Callable, Iterator

import dagster as dg
import pandas as pd

from audience.tag_health import TagHealth, read_tag_health
from orchestration.metadata import picture, table
from orchestration.project import manifest, model_key
from orchestration.resources import Day
from warehouse.connection import connect
from warehouse.errors import QuanyuError

MEASURED = [
    model_key(name) for name in ("tag_catalog", "tag_distribution", "tag_drift")
]

# Check -> what it says, and the rows that speak against it.
CHECKS: dict[str, tuple[str, Callable[[TagHealth, str], pd.DataFrame]]] = {
    "filled": ("No tag is filled less than declared.", TagHealth.under_filled),
    "values_declared": ("Enums hold declared values only.", TagHealth.undeclared),
    "fresh": ("Every tag was measured within its refresh.", TagHealth.late),
    "steady": ("No tag has drifted (tag_drift).", TagHealth.drifted),
}


def families() -> list[str]:
    """Return the models that hold tags."""
    return sorted(
        props["name"]
        for props in manifest()["nodes"].values()
        if props["resource_type"] == "model"
        and any(
            "tag" in column["config"].get("meta", {})
            for column in props["columns"].values()
        )
    )


KEYS = {model: model_key(model) for model in families()}


@dg.asset(
    key=["tags", "tag_report"], deps=MEASURED, group_name="tags", kinds={"matplotlib"}
)
def tag_report(day: Day) -> dg.MaterializeResult:
    """Show fill and drift of all tags, by family."""
    with connect() as conn:
        health = read_tag_health(conn, day.resolve(conn))
    pictures = {
        name: dg.MetadataValue.md(picture(name, png))
        for name, png in health.pictures().items()
    }
    return dg.MaterializeResult(
        metadata={
            "families": dg.MetadataValue.md(table(health.by_family())),
            **pictures,
        }
    )


@dg.multi_asset_check(
    name="tag_checks",
    specs=[
        dg.AssetCheckSpec(name, asset=key, description=says, additional_deps=MEASURED)
        for key in KEYS.values()
        for name, (says, _) in CHECKS.items()
    ],
    can_subset=True,
)
def tag_checks(
    context: dg.AssetCheckExecutionContext, day: Day
) -> Iterator[dg.AssetCheckResult]:
    """Hold every family to fill, values, refresh and drift, by the distribution."""
    with connect() as conn:
        try:
            health = read_tag_health(conn, day.resolve(conn))
        except QuanyuError as error:
            # A family built by itself in a new warehouse has no distribution yet.
            health, reason = None, str(error)
    models = {key: model for model, key in KEYS.items()}
    for check in sorted(context.selected_asset_check_keys):
        if health is None:
            against, shown = -1, reason
        else:
            rows = CHECKS[check.name][1](health, models[check.asset_key])
            against, shown = len(rows), table(rows)
        yield dg.AssetCheckResult(
            asset_key=check.asset_key,
            check_name=check.name,
            passed=against == 0,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"against_it": dg.MetadataValue.md(shown if against else "none")},
        )
