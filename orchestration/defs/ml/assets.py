"""Scores: features in, model, scores back. An asset per model of the catalogue."""

import dagster as dg
import pandas as pd

from ml.catalogue import MODELS
from ml.model import Model
from ml.protocol.drift import LARGE
from orchestration.metadata import table
from orchestration.model_store import Outcome, pictures, run_model
from orchestration.project import model_key, source_key
from orchestration.resources import Day
from orchestration.woe_store import run_woe
from warehouse.connection import connect


def scored(model: Model) -> dg.AssetsDefinition:
    """Return the asset that trains, scores and publishes `model`, with its gate."""
    key = source_key("ml", model.name)

    @dg.asset(
        key=key,
        deps=[
            model_key(name)
            for schema, name in (one.split(".") for one in model.inputs.values())
            if schema != "seeds"
        ],
        group_name="ml",
        description=f"{model.title_zh}. {model.question}",
        kinds={"python"},
        check_specs=[
            dg.AssetCheckSpec(
                "gate",
                asset=key,
                description="Beats its baselines and is calibrated, else unpublished.",
            ),
            dg.AssetCheckSpec(
                "drift",
                asset=key,
                description="The scores look like those of the training rows.",
            ),
        ],
    )
    def materialize(day: Day) -> dg.MaterializeResult:
        with connect(application_name="quanyu-ml") as conn:
            outcome = run_model(conn, model, day.resolve(conn))
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
                ),
                drift_check(outcome),
            ],
        )

    return materialize


def drift_check(outcome: Outcome) -> dg.AssetCheckResult:
    """Return whether the run's scores moved away from those of its training rows."""
    run = outcome.run or {"metrics": {}}
    drifted = pd.DataFrame(run["metrics"].get("drift", []))
    moved = {row["feature"]: row["psi"] for row in run["metrics"].get("drift", [])}
    return dg.AssetCheckResult(
        passed=moved.get("score", 0.0) <= LARGE,
        check_name="drift",
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"psi": dg.MetadataValue.md(table(drifted.head(10)))}
        if len(drifted)
        else {},
    )


models = [scored(model) for model in MODELS.values()]


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
