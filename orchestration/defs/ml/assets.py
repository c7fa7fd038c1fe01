"""Scores: features in, model, scores back."""

import dagster as dg

from orchestration.metadata import table
from orchestration.model_store import pictures, run_repurchase
from orchestration.project import model_key, source_key
from orchestration.resources import Day
from orchestration.woe_store import run_woe
from warehouse.connection import connect


@dg.asset(
    key=source_key("ml", "score_current"),
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
            asset=source_key("ml", "score_current"),
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


@dg.asset(
    key=source_key("ml", "woe_bins"),
    deps=[
        model_key("feat_base_dates"),
        model_key("feat_customer_brand"),
        model_key("label_repurchase"),
    ],
    group_name="ml",
)
def woe_bins(day: Day) -> dg.MaterializeResult:
    """Bins of features and what each says about a repurchase, once a month."""
    with connect(application_name="quanyu-ml") as conn:
        fitted = run_woe(conn, day.resolve(conn))
    return dg.MaterializeResult(
        metadata={
            "status": fitted.status,
            "reason": fitted.reason,
            "base_date": str(fitted.base_date),
            "information_values": dg.MetadataValue.md(
                table(fitted.information_values())
            ),
        }
    )
