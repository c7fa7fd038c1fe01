"""One run of cltv: back-test, fit on everything known, score, report."""

from __future__ import annotations

import json

import lightgbm as lgb
import numpy as np
import pandas as pd

from ml.cltv import evaluate
from ml.cltv.bgnbd import BgNbd
from ml.cltv.config import FEATURES, HORIZON_DAYS, LABEL_MONTHS, CltvConfig
from ml.cltv.pareto_nbd import ParetoNbd
from ml.cltv.pictures import cohorts_png
from ml.cltv.tiers import Cuts, tier_cuts, tier_of
from ml.cltv.value import (
    KEYS,
    LABELS,
    Buying,
    corrected,
    fit_trees,
    histories,
    predicted,
    uncorrected,
)
from ml.errors import EmptyInputError, InvalidInputError
from ml.model import Report, Result
from ml.protocol import drift, pictures
from ml.protocol.backtest import rolling_splits
from ml.protocol.rows import checked_rows, numbers


def train_and_score(
    *,
    features: pd.DataFrame,
    labels: pd.DataFrame,
    base_dates: pd.DataFrame,
    tiers: pd.DataFrame,
    config: CltvConfig | None = None,
) -> Result:
    """Back-test on 90 days, then say what everybody is worth over twelve months.

    The frames are feat_customer_orders, label_value, feat_base_dates and the seed
    cltv_tiers. The output cltv_scores has customer_id, p_alive, orders_365d (BG/NBD),
    order_value, value_90d, value_365d (CNY), orders_tier, order_value_tier. Raises
    ModelError subclasses by name.
    """
    config = config or CltvConfig()
    cuts = tier_cuts(tiers)
    scoring = base_dates.loc[base_dates["is_scoring"], "base_date"]
    if len(scoring) != 1:
        raise InvalidInputError(
            f"feat_base_dates must hold one scoring date and holds {len(scoring)}."
        )
    rows = checked_rows(
        features, KEYS, [*FEATURES, "purchase_days"], "feat_customer_orders"
    )
    known = checked_rows(labels, KEYS, LABELS, "label_value")
    to_score = rows[rows["base_date"] == scoring.iloc[0]]
    if to_score.empty:
        raise EmptyInputError("feat_customer_orders has no row of the scoring date.")
    labelled = rows.merge(known[[*KEYS, *LABELS]], on=KEYS, how="inner")
    origins = labelled["base_date"].unique()
    splits = rolling_splits(
        origins,
        tests=config.tested_origins,
        min_train=config.min_train_origins,
        label_months=LABEL_MONTHS,
    )
    labelled = predicted(labelled)
    tested = evaluate.backtest(labelled, splits, config)
    buying = Buying.fit(to_score)
    trees = fit_trees(labelled, config)
    scores = score(to_score, buying, trees, cuts)
    moved = drift.table(
        labelled,
        to_score,
        FEATURES,
        (corrected(trees, labelled), numbers(scores["value_90d"])),
    )
    report = report_on(
        tested,
        cuts=cuts,
        config=config,
        check=check_by_pareto(to_score, buying, config),
        moved=moved,
        rows={"train": len(labelled), "test": len(tested), "scored": len(scores)},
        window=(f"{min(origins):%Y-%m-%d}", f"{max(origins):%Y-%m-%d}"),
    )
    gain = trees.feature_importance("gain")
    importance = pd.DataFrame(
        {"feature": list(FEATURES), "gain_share": gain / max(gain.sum(), 1e-12)}
    ).sort_values(["gain_share", "feature"], ascending=[False, True])
    cohorts = evaluate.cohorts(tested)
    return Result(
        outputs={"cltv_scores": scores},
        report=report,
        artefacts={
            "model.txt": str(trees.model_to_string()).encode(),
            "model.json": json.dumps(buying.parameters(), sort_keys=True).encode(),
            "cohorts.png": cohorts_png(
                cohorts, title=f"Cohorts after {tested['base_date'].max():%Y-%m-%d}"
            ),
            "importance.png": pictures.importance_png(
                importance, title="Cltv: what the trees use"
            ),
        },
    )


def score(
    rows: pd.DataFrame, buying: Buying, trees: lgb.Booster, cuts: Cuts
) -> pd.DataFrame:
    """Score the rows of one base_date.

    The correction was learnt on 90 days and counts for 90 days; the rest of the twelve
    months is what the buying models say.
    """
    said = rows.join(buying.predict(rows)).reset_index(drop=True)
    near = corrected(trees, said)
    order_value = numbers(said["order_value"])
    orders = numbers(said[f"said_orders_{HORIZON_DAYS}d"])
    later = np.maximum(orders * order_value - uncorrected(said), 0.0)
    return pd.DataFrame(
        {
            "customer_id": said["customer_id"],
            "p_alive": np.round(numbers(said["p_alive"]), 6),
            "orders_365d": np.round(orders, 3),
            "order_value": np.round(order_value, 2),
            "value_90d": np.round(near, 2),
            "value_365d": np.round(near + later, 2),
            "orders_tier": tier_of(orders, cuts["orders"]),
            "order_value_tier": tier_of(order_value, cuts["order_value"]),
        }
    )


def check_by_pareto(
    rows: pd.DataFrame, buying: Buying, config: CltvConfig
) -> list[dict[str, object]]:
    """Return what BG/NBD and Pareto/NBD say of the same draw of customers."""
    at = np.unique(
        np.linspace(0, len(rows) - 1, config.check_customers).round().astype(int)
    )
    drawn = histories(rows.iloc[at])
    both: dict[str, BgNbd | ParetoNbd] = {
        "BG/NBD, everybody": buying.orders,
        "Pareto/NBD, a draw": ParetoNbd.fit(*drawn, tolerance=1e-8),
    }
    return [
        {
            "fitted on": name,
            "log_likelihood": model.log_likelihood(*drawn),
            "p_alive": float(model.p_alive(*drawn).mean()),
            "orders_90d": float(model.expected_orders(90, *drawn).mean()),
            "orders_365d": float(model.expected_orders(365, *drawn).mean()),
        }
        for name, model in both.items()
    ]


def report_on(
    tested: pd.DataFrame,
    *,
    cuts: Cuts,
    config: CltvConfig,
    check: list[dict[str, object]],
    moved: pd.DataFrame,
    rows: dict[str, int],
    window: tuple[str, str],
) -> Report:
    """Return the report of a back-test."""
    found = {
        name: evaluate.by_origin(tested, name)
        for name in (evaluate.MODEL, evaluate.BUYING, *evaluate.BASELINES)
    }
    means = {name: evaluate.overall(of_it) for name, of_it in found.items()}
    baselines = {name: means[name] for name in evaluate.BASELINES}
    verdict = evaluate.judge(
        means[evaluate.MODEL], baselines, limit=config.max_total_error
    )
    return Report(
        verdict=verdict,
        metrics={
            "overall": means[evaluate.MODEL],
            "bg_nbd_alone": means[evaluate.BUYING],
            "by_origin": found[evaluate.MODEL],
            "drift": moved.to_dict("records"),
        },
        baselines=baselines,
        rows=rows,
        window=window,
        tables=(
            {
                "title": "The next 90 days, by origin",
                "rows": [
                    {"forecast": name, **row}
                    for name, of_it in found.items()
                    for row in of_it
                ],
            },
            {
                "title": "Said and seen by month of the first purchase",
                "rows": evaluate.cohorts(tested),
            },
            {
                "title": "Value matrix: said and seen in 90 days (CNY per customer)",
                "rows": evaluate.value_matrix(tested, cuts),
            },
            {"title": "Two buying models on the same customers", "rows": check},
        ),
        notes=tuple(drift.notes(moved)),
    )
