"""The back-test of purchase_time: who comes soon, when, and on which day."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ml.protocol import metrics
from ml.purchase_time.clock import Floats, bought_on
from ml.purchase_time.config import DAYS, WITHIN, PurchaseTimeConfig
from ml.purchase_time.rhythm import Forecast, fit

MODEL = "model"
# More pairs tell no more; their number grows with the square.
_MOST_COMPARED = 1_500


def backtest(
    rows: pd.DataFrame, origins: list[pd.Timestamp], config: PurchaseTimeConfig
) -> list[tuple[pd.DataFrame, Forecast]]:
    """Return each tested origin's rows and what was said with what was known by it."""
    tested = []
    for origin in origins:
        rhythm = fit(rows[rows["base_date"] < origin], origin, config)
        test = rows[rows["base_date"] == origin]
        tested.append((test, rhythm.forecast(test, config.pace_groups)))
    return tested


def baselines(rows: pd.DataFrame) -> dict[str, Floats]:
    """Return the obvious rules; higher means sooner."""
    median = rows["gap_days_median"].to_numpy(np.float64, na_value=np.nan)
    # Who has no gap yet takes after the others.
    usual = np.nanmedian(median) if not np.isnan(median).all() else float(DAYS)
    since = rows["days_since_last_purchase"].to_numpy(np.float64)
    due = np.where(np.isnan(median), usual, median) - since
    return {
        "own_median_gap": -np.abs(due),
        "recency": -since,
        "frequency_90d": rows["purchase_days_90d"].to_numpy(np.float64),
    }


def first_day(rows: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return the day of the next purchase, or the last one seen, and was it bought."""
    seen = rows["observed_days"].to_numpy(np.float64)
    bought = bought_on(rows["bought_days"].to_numpy(np.int64))
    found = np.where(bought.any(axis=1), bought.argmax(axis=1) + 1.0, np.inf)
    return np.minimum(found, seen), (found <= seen).astype(float)


def concordance(days: Floats, is_seen: Floats, sooner: Floats) -> float | None:
    """Return Harrell's C: of two customers, does the one said sooner come sooner?

    Pairs count when the earlier purchase was seen; a tie of scores is half a hit. Of
    many customers every n-th is compared.
    """
    step = max(1, len(days) // _MOST_COMPARED)
    days, is_seen, sooner = days[::step], is_seen[::step], sooner[::step]
    counts = (days[:, None] < days[None, :]) & (is_seen[:, None] > 0)
    if not counts.any():
        return None
    right = (sooner[:, None] > sooner[None, :]) + 0.5 * (
        sooner[:, None] == sooner[None, :]
    )
    return float(right[counts].mean())


def figures_of(rows: pd.DataFrame, ranking: dict[int, Floats]) -> dict[str, Any]:
    """Return auc within 7, 14, 30 days, their mean, and Harrell's C of one origin.

    `ranking` holds a score per number of days; the last one ranks for C.
    """
    days, is_seen = first_day(rows)
    found: dict[str, Any] = {"rows": len(rows)}
    for within in WITHIN:
        labels = ((days <= within) & (is_seen > 0)).astype(float)
        found[f"auc_{within}d"] = metrics.auc(labels, ranking[within])
    known = [found[f"auc_{within}d"] for within in WITHIN]
    found["auc"] = None if None in known else float(np.mean(known))
    found["c_index"] = concordance(days, is_seen, ranking[WITHIN[-1]])
    return found


def by_origin(
    tested: list[tuple[pd.DataFrame, Forecast]],
) -> dict[str, list[dict[str, Any]]]:
    """Return, per forecast and baseline, the figures of each tested origin."""
    found: dict[str, list[dict[str, Any]]] = {}
    for rows, forecast in tested:
        by = forecast.next_by()
        rankings = {MODEL: {within: by[:, within - 1] for within in WITHIN}} | {
            name: dict.fromkeys(WITHIN, scores)
            for name, scores in baselines(rows).items()
        }
        origin = f"{rows['base_date'].iloc[0]:%Y-%m-%d}"
        for name, ranking in rankings.items():
            found.setdefault(name, []).append(
                {"base_date": origin, **figures_of(rows, ranking)}
            )
    return found


def overall(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the mean of each figure over the origins; None when one lacks it."""
    means: dict[str, Any] = {"rows": sum(row["rows"] for row in found)}
    for name in ("auc", *(f"auc_{within}d" for within in WITHIN), "c_index"):
        known = [row[name] for row in found]
        means[name] = None if None in known else float(np.mean(known))
    return means


def honesty(tested: list[tuple[pd.DataFrame, Forecast]]) -> list[dict[str, Any]]:
    """Return said and seen: to buy within N days, and to buy on a given day."""
    table = []
    for within in WITHIN:
        said = np.concatenate([one.next_by()[:, within - 1] for _, one in tested])
        days, is_seen = map(np.concatenate, zip(*map(_first_of, tested), strict=True))
        labels = ((days <= within) & (is_seen > 0)).astype(float)
        table.append(
            {"question": f"within {within} days", **_said_and_seen(labels, said)}
        )
    said_days, seen_days = map(
        np.concatenate, zip(*(days_of(*one) for one in tested), strict=True)
    )
    table.append({"question": "on a given day", **_said_and_seen(seen_days, said_days)})
    return table


def days_of(rows: pd.DataFrame, forecast: Forecast) -> tuple[Floats, Floats]:
    """Return said and seen of every customer and day that is over."""
    seen = int(rows["observed_days"].iloc[0])
    bought = bought_on(rows["bought_days"].to_numpy(np.int64))[:, :seen]
    return forecast.bought_on()[:, :seen].ravel(), bought.ravel().astype(float)


def campaign_days(rows: pd.DataFrame, forecast: Forecast) -> list[dict[str, Any]]:
    """Return expected and seen buyers by day of one origin's first four weeks."""
    said = forecast.bought_on().sum(axis=0)
    bought = bought_on(rows["bought_days"].to_numpy(np.int64)).sum(axis=0)
    base_date = pd.Timestamp(rows["base_date"].iloc[0])
    return [
        {
            "day": f"{base_date + pd.Timedelta(days=day):%Y-%m-%d %a}",
            "said_buyers": float(said[day - 1]),
            "seen_buyers": int(bought[day - 1]),
        }
        for day in range(1, 29)
    ]


def _first_of(one: tuple[pd.DataFrame, Forecast]) -> tuple[Floats, Floats]:
    return first_day(one[0])


def _said_and_seen(labels: Floats, said: Floats) -> dict[str, Any]:
    return {
        "rows": len(said),
        "said": float(said.mean()),
        "seen": float(labels.mean()),
        "ece": metrics.ece(labels, said),
        "chance_ece": metrics.chance_ece(said),
    }
