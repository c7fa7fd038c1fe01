"""One run of purchase_time: back-test, fit on everything known, say when."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from ml.errors import (
    EmptyInputError,
    InvalidInputError,
)
from ml.model import Report, Result
from ml.protocol import drift, metrics, pictures
from ml.protocol.backtest import rolling_splits
from ml.protocol.gate import judge
from ml.protocol.rows import checked_rows
from ml.purchase_time import evaluate
from ml.purchase_time.clock import Floats, Integers
from ml.purchase_time.config import (
    FEATURES,
    PACE_DAYS,
    WITHIN,
    PurchaseTimeConfig,
)
from ml.purchase_time.rhythm import Forecast, Rhythm, fit

KEYS = ["base_date", "customer_id"]
LABELS = ["observed_days", "bought_days"]


def train_and_score(
    *,
    features: pd.DataFrame,
    labels: pd.DataFrame,
    base_dates: pd.DataFrame,
    config: PurchaseTimeConfig | None = None,
) -> Result:
    """Back-test, fit, and say when each customer buys next and on which days at all.

    The frames are feat_customer_orders, label_next_purchases and feat_base_dates. The
    outputs: purchase_time_scores has customer_id, curve_no, expected_on (the day by
    which half the chance of the next purchase is gone; null beyond 60 days),
    probability_7d, _14d, _30d; purchase_time_curves has curve_no, pace, elapsed_days
    and by_day, the chance to buy on each of the 60 days. Raises ModelError subclasses.
    """
    config = config or PurchaseTimeConfig()
    scoring = base_dates.loc[base_dates["is_scoring"], "base_date"]
    if len(scoring) != 1:
        raise InvalidInputError(
            f"feat_base_dates must hold one scoring date and holds {len(scoring)}."
        )
    today = pd.Timestamp(scoring.iloc[0])
    rows = checked_rows(features, KEYS, list(FEATURES), "feat_customer_orders")
    to_score = rows[rows["base_date"] == today]
    if to_score.empty:
        raise EmptyInputError("feat_customer_orders has no row of the scoring date.")
    known = rows.merge(
        checked_rows(labels, KEYS, LABELS, "label_next_purchases")[[*KEYS, *LABELS]],
        on=KEYS,
        how="inner",
    )
    origins = known.loc[known["observed_days"] >= PACE_DAYS, "base_date"].unique()
    splits = rolling_splits(origins, tests=config.tested_origins, min_train=2)
    tested = evaluate.backtest(
        known, [split.test for split in splits if split.test is not None], config
    )
    rhythm = fit(known, today, config)
    forecast = rhythm.forecast(to_score, config.pace_groups)
    scores, curves = outputs(to_score, forecast)
    # The pace is what is said of a customer in one number, whatever the day.
    learnt = known[known["observed_days"] >= PACE_DAYS]
    moved = drift.table(
        learnt,
        to_score,
        FEATURES,
        (rhythm.log_pace(learnt), rhythm.log_pace(to_score)),
    )
    report = report_on(
        tested,
        config=config,
        moved=moved,
        rows={
            "train": len(known),
            "test": sum(len(test) for test, _ in tested),
            "scored": len(scores),
            "curves": len(curves),
        },
        window=(f"{min(origins):%Y-%m-%d}", f"{max(origins):%Y-%m-%d}"),
    )
    return Result(
        outputs={"purchase_time_scores": scores, "purchase_time_curves": curves},
        report=report,
        artefacts={
            "pace.txt": str(rhythm.pace.model_to_string()).encode(),
            "clock.txt": str(rhythm.clock.model_to_string()).encode(),
            **_pictures(tested, rhythm),
        },
    )


def outputs(
    rows: pd.DataFrame, forecast: Forecast
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of purchase_time_scores and purchase_time_curves.

    A customer is a curve's number and four figures; the 60 chances are stored once per
    curve, however many people share it.
    """
    cells, curve_no = np.unique(
        np.stack([forecast.group, forecast.elapsed]), axis=1, return_inverse=True
    )
    group, elapsed = cells
    at = curve_no.ravel()
    # Whatever is the same for a curve is worked out once for it.
    by = np.cumsum(forecast.next_on[group, elapsed], axis=1)
    middle = _middle(by, pd.Timestamp(rows["base_date"].iloc[0]))
    scores = pd.DataFrame(
        {
            "customer_id": rows["customer_id"].to_numpy(),
            "curve_no": at,
            "expected_on": middle[at],
            **{
                f"probability_{within}d": np.round(by[at, within - 1], 5)
                for within in WITHIN
            },
        }
    )
    return scores, pd.DataFrame(
        {
            "curve_no": np.arange(len(group)),
            "pace": np.round(forecast.pace[group], 4),
            "elapsed_days": elapsed,
            "by_day": _arrays(forecast, group, elapsed),
        }
    )


def report_on(
    tested: list[tuple[pd.DataFrame, Forecast]],
    *,
    config: PurchaseTimeConfig,
    moved: pd.DataFrame,
    rows: dict[str, int],
    window: tuple[str, str],
) -> Report:
    """Return the report of a back-test."""
    found = evaluate.by_origin(tested)
    means = {name: evaluate.overall(of_it) for name, of_it in found.items()}
    model = means.pop(evaluate.MODEL)
    honesty = evaluate.honesty(tested)
    # The least honest of the questions decides.
    worst = max(honesty, key=lambda row: row["ece"] - row["chance_ece"])
    model |= {"ece": worst["ece"], "chance_ece": worst["chance_ece"]}
    return Report(
        verdict=judge(
            auc=model["auc"],
            ece=worst["ece"],
            chance_ece=worst["chance_ece"],
            baseline_aucs={name: of_it["auc"] for name, of_it in means.items()},
            max_ece=config.max_ece,
        ),
        metrics={
            "overall": model,
            "by_origin": found[evaluate.MODEL],
            "drift": moved.to_dict("records"),
        },
        baselines=means,
        rows=rows,
        window=window,
        tables=(
            {
                "title": "Who comes within 7, 14, 30 days, by origin",
                "rows": [
                    {"forecast": name, **row}
                    for name, of_it in found.items()
                    for row in of_it
                ],
            },
            {"title": "Said and seen", "rows": honesty},
            {
                "title": "Buyers by day after the last tested month end",
                "rows": evaluate.campaign_days(*tested[-1]),
            },
        ),
        notes=tuple(drift.notes(moved)),
    )


def _middle(by: Floats, base_date: pd.Timestamp) -> npt.NDArray[np.object_]:
    """Return the first day by which half the chance is gone; None beyond the last."""
    is_half = by >= 0.5
    days = np.where(is_half.any(axis=1), is_half.argmax(axis=1) + 1, 0)
    dates = [
        (base_date + pd.Timedelta(days=day)).date() if day else None
        for day in map(int, days)
    ]
    return np.array(dates, dtype=object)


def _arrays(forecast: Forecast, group: Integers, elapsed: Integers) -> list[str]:
    """Return the chances of each curve as PostgreSQL writes an array."""
    chances = np.round(forecast.any_on[group, elapsed], 5)
    return ["{" + ",".join(f"{one:g}" for one in row) + "}" for row in chances]


def _pictures(
    tested: list[tuple[pd.DataFrame, Forecast]], rhythm: Rhythm
) -> dict[str, bytes]:
    said, seen = map(
        np.concatenate,
        zip(*(evaluate.days_of(*one) for one in tested), strict=True),
    )
    gain = rhythm.pace.feature_importance("gain")
    importance = pd.DataFrame(
        {"feature": list(FEATURES), "gain_share": gain / max(gain.sum(), 1e-12)}
    ).sort_values(["gain_share", "feature"], ascending=[False, True])
    rows, forecast = tested[-1]
    days, is_seen = evaluate.first_day(rows)
    soon = ((days <= WITHIN[1]) & (is_seen > 0)).astype(float)
    rankings = {"model": forecast.next_by()[:, WITHIN[1] - 1]} | evaluate.baselines(
        rows
    )
    return {
        "reliability.png": pictures.reliability_png(
            metrics.reliability(seen, said), title="Purchase on a day: said and seen"
        ),
        "lift.png": pictures.lift_png(
            {name: metrics.lift(soon, one) for name, one in rankings.items()},
            title="Purchase within 14 days: lift",
        ),
        "importance.png": pictures.importance_png(
            importance, title="Purchase time: what the pace is made of"
        ),
    }
