"""Identity health: figures beside their budgets, and pictures."""

import dagster as dg

from identity.health import read_health
from orchestration.metadata import picture
from orchestration.project import model_key
from warehouse.connection import connect

REPORT = dg.AssetKey(["identity", "oneid_report"])


@dg.asset(
    key=REPORT,
    deps=[
        model_key(name)
        for name in (
            "oneid_health",
            "oneid_history",
            "oneid_links",
            "oneid_rejected_links",
        )
    ],
    group_name="identity",
    kinds={"matplotlib"},
    check_specs=[
        dg.AssetCheckSpec(
            "within_budgets",
            asset=REPORT,
            description="No measure of oneid_health is over its budget.",
        )
    ],
)
def oneid_report() -> dg.MaterializeResult:
    """Show merges and splits by day, links by rule, and every measure of health."""
    with connect() as conn:
        health = read_health(conn)
    pictures = {
        name: dg.MetadataValue.md(picture(name, png))
        for name, png in health.pictures().items()
    }
    return dg.MaterializeResult(
        metadata={"measures": dg.MetadataValue.md(health.as_markdown()), **pictures},
        check_results=[
            dg.AssetCheckResult(
                passed=not health.over_budget,
                check_name="within_budgets",
                severity=dg.AssetCheckSeverity.WARN,
                metadata={"over_budget": ", ".join(health.over_budget) or "none"},
            )
        ],
    )
