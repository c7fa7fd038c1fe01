"""Scores: features in, model, scores back."""

import dagster as dg

from orchestration.model_store import pictures, run_repurchase
from orchestration.project import model_key, source_keys
from orchestration.resources import Day
from warehouse.connection import connect


@dg.asset(
    key=source_keys("ml")[0],
    deps=[
        model_key("feat_base_dates"),
        model_key("feat_customer_brand"),
        model_key("label_repurchase"),
    ],
    group_name="ml",
    kinds={"lightgbm"},
    check_specs=[
        dg.AssetCheckSpec(
            "gate",
            asset=source_keys("ml")[0],
            description="Beats its baselines and is calibrated, else not published.",
        )
    ],
)
def repurchase(day: Day) -> dg.MaterializeResult:
    """P(customer buys brand in the next calendar month), calibrated, gated."""
    with connect(application_name="quanyu-ml") as conn:
        outcome = run_repurchase(conn, day.resolve(conn))
        drawn = pictures(conn, outcome.run) if outcome.status == "trained" else {}
    return dg.MaterializeResult(
        metadata=outcome.metadata()
        | {name: dg.MetadataValue.md(text) for name, text in drawn.items()},
        check_results=[
            dg.AssetCheckResult(
                passed=outcome.published,
                check_name="gate",
                severity=dg.AssetCheckSeverity.WARN,
                metadata={"reason": outcome.reason},
            )
        ],
    )
