"""The back-test of cltv: how well it ranks people, how far off its sums are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ml.cltv.config import TESTED_DAYS, CltvConfig
from ml.cltv.fit import Floats
from ml.cltv.tiers import MEASURES, TIERS, Cuts, tier_of
from ml.cltv.value import corrected, fit_trees, uncorrected
from ml.protocol.backtest import Split
from ml.protocol.gate import Verdict
from ml.protocol.rows import numbers

MODEL = "model"
BUYING = "bg_nbd"
BASELINES = ("past_spend", "last_90d")


def backtest(
    rows: pd.DataFrame, splits: list[Split], config: CltvConfig
) -> pd.DataFrame:
    """Return the rows of the tested origins with every forecast of their 90 days.

    `rows` are labelled rows of `value.predicted`. Columns added: model (corrected by
    trees that learnt from labels known by then), bg_nbd (uncorrected), past_spend (mean
    spend per day so far), last_90d (the last 90 days once more).
    """
    tested = []
    for split in splits:
        origins = [*split.train, split.calibrate]
        trees = fit_trees(rows[rows["base_date"].isin(origins)], config)
        test = rows[rows["base_date"] == split.test]
        # A customer of a few days has not shown a pace: a quarter is the least.
        days = np.maximum(numbers(test["days_since_first_purchase"]) + 1, TESTED_DAYS)
        tested.append(
            test.assign(
                model=corrected(trees, test),
                bg_nbd=uncorrected(test),
                past_spend=numbers(test["goods_amount"]) / days * TESTED_DAYS,
                last_90d=numbers(test["goods_amount_90d"]),
            )
        )
    return pd.concat(tested, ignore_index=True)


def gini(actual: Floats, said: Floats) -> float | None:
    """Return how much of the spending the ranking finds early; 1 is the best order.

    The area between the captured share and chance, divided by that of the perfect
    order. None when nobody spent, or everybody the same.
    """

    def area(order: Floats) -> float:
        captured = np.cumsum(actual[np.argsort(-order, kind="stable")])
        share = np.arange(1, len(actual) + 1) / len(actual)
        return float(np.sum(captured / captured[-1] - share))

    if len(actual) == 0 or actual.min() == actual.max():
        return None
    return area(said) / area(actual)


def figures(actual: Floats, said: Floats) -> dict[str, float | None]:
    """Return gini, mae (CNY), and total_ratio (all that was said / all that was seen).

    `chance_ratio` is how far the total of that many unbiased forecasts strays from 1
    in one case of twenty.
    """
    total = float(actual.sum())
    return {
        "gini": gini(actual, said),
        "mae": float(np.abs(said - actual).mean()),
        "total_ratio": float(said.sum()) / total if total else None,
        "chance_ratio": float(1.96 * np.std(said - actual) * np.sqrt(len(said)) / total)
        if total
        else None,
    }


def by_origin(tested: pd.DataFrame, ranking: str) -> list[dict[str, Any]]:
    """Return the figures of a forecast at each tested origin, oldest first."""
    return [
        {
            "base_date": f"{origin:%Y-%m-%d}",
            "rows": len(part),
            **figures(numbers(part["amount_90d"]), numbers(part[ranking])),
        }
        for origin, part in tested.groupby("base_date", sort=True)
    ]


def overall(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the mean of each figure over the origins; None when one lacks it."""
    means: dict[str, Any] = {"rows": sum(row["rows"] for row in found)}
    for name in ("gini", "mae", "total_ratio", "chance_ratio"):
        known = [row[name] for row in found]
        means[name] = None if None in known else float(np.mean(known))
    return means


def judge(
    model: Mapping[str, Any], baselines: Mapping[str, Mapping[str, Any]], limit: float
) -> Verdict:
    """Publish only if the gini beats every baseline and the sum is right.

    Right is off by at most `limit` beyond what chance does to the tested rows.
    """
    rules = {name: figure["gini"] for name, figure in baselines.items()}
    if model["gini"] is None or None in rules.values():
        return Verdict(
            False, ("The gini is unknown: nobody bought in a tested month.",)
        )
    best = max(rules, key=lambda name: rules[name])
    beats = model["gini"] > rules[best]
    allowed = limit + model["chance_ratio"]
    is_right = abs(model["total_ratio"] - 1) <= allowed
    return Verdict(
        beats and is_right,
        (
            f"Gini {model['gini']:.4f} {'beats' if beats else 'does not beat'} "
            f"the best baseline, {best} {rules[best]:.4f}.",
            f"What was said adds up to {model['total_ratio']:.3f} of what was seen, "
            f"{'within' if is_right else 'beyond'} {allowed:.3f} either way "
            f"({limit} and {model['chance_ratio']:.3f} by chance).",
        ),
    )


def cohorts(tested: pd.DataFrame) -> list[dict[str, Any]]:
    """Return said and seen by month of the first purchase, as of the last origin.

    Orders per customer in the 30, 60 and 90 days after it (BG/NBD), and their value
    (the model).
    """
    last = tested[tested["base_date"] == tested["base_date"].max()]
    first_days = last["base_date"] - pd.to_timedelta(
        numbers(last["days_since_first_purchase"]), unit="D"
    )
    return [
        {"cohort": str(month), "customers": len(part)}
        | {
            f"{what}_orders_{days}d": float(
                numbers(part[f"{column}orders_{days}d"]).mean()
            )
            for days in (30, 60, 90)
            for what, column in (("said", "said_"), ("seen", ""))
        }
        | {
            "said_value_90d": float(numbers(part["model"]).mean()),
            "seen_value_90d": float(numbers(part["amount_90d"]).mean()),
        }
        for month, part in last.groupby(first_days.dt.to_period("M"), sort=True)
    ]


def value_matrix(tested: pd.DataFrame, cuts: Cuts) -> list[dict[str, Any]]:
    """Return said and seen value per customer by cell of the matrix (all origins)."""
    measured = {"orders": "said_orders_365d", "order_value": "order_value"}
    tiers = {
        measure: tier_of(numbers(tested[measured[measure]]), cuts[measure])
        for measure in MEASURES
    }
    cells = []
    for orders in TIERS:
        for order_value in TIERS:
            inside = tested[
                (tiers["orders"] == orders) & (tiers["order_value"] == order_value)
            ]
            if len(inside):
                cells.append(
                    {
                        "orders_tier": orders,
                        "order_value_tier": order_value,
                        "share": len(inside) / len(tested),
                        "said_value_90d": float(numbers(inside["model"]).mean()),
                        "seen_value_90d": float(numbers(inside["amount_90d"]).mean()),
                    }
                )
    return cells
