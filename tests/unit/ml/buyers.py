"""A year of made-up buyers as feat_customer_orders and its labels show it."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from ml.cltv.config import FEATURES as VALUE_FEATURES
from ml.purchase_time.config import FEATURES as TIME_FEATURES

START = pd.Timestamp("2017-01-01")
DAYS = 365


def purchases(people: int = 200, seed: int = 2) -> pd.DataFrame:
    """Return customer_id, day (0 is New Year), amount: paces differ, some leave."""
    rng = np.random.default_rng(seed)
    pace = rng.gamma(1.3, 1 / 10.0, people) + 0.01
    # Weekends bring more, and half of the people slow down or leave in the summer.
    weekday = (START.weekday() + np.arange(DAYS)) % 7
    weight = np.where(weekday >= 5, 1.6, 0.8)
    slower = np.where(rng.random(people) < 0.5, rng.choice([0.0, 0.4, 1.8], people), 1)
    chance = pace[:, None] * weight
    chance[:, 180:] *= slower[:, None]
    customer, day = np.nonzero(rng.random((people, DAYS)) < chance)
    worth = rng.gamma(4.0, 10.0, people)[customer]
    amount = np.round(worth * rng.gamma(3.0, 1 / 3.0, len(customer)) + 0.5, 2)
    return pd.DataFrame({"customer_id": customer + 1, "day": day, "amount": amount})


@cache
def year() -> dict[str, pd.DataFrame]:
    """Return `frames` of the whole year; not to be changed."""
    return frames(purchases())


def frames(bought: pd.DataFrame, until: str = "2017-12-31") -> dict[str, pd.DataFrame]:
    """Return features, value, times and base_dates as of a day."""
    end = (pd.Timestamp(until) - START).days
    origins = [
        one for one in pd.date_range("2017-03-31", until, freq="ME") if one.year == 2017
    ]
    features, value, times = [], [], []
    for origin in origins:
        day = (origin - START).days
        for customer, own in bought[bought["day"] <= end].groupby("customer_id"):
            key = {"base_date": origin, "customer_id": customer}
            past, later = own[own["day"] <= day], own[own["day"] > day]
            if past.empty:
                continue
            features.append(key | _rhythm(past, day))
            after = (later["day"] - day).to_numpy()
            amounts = later["amount"].to_numpy()
            if day + 90 <= end:
                value.append(key | _value(after, amounts))
            if origin != origins[-1]:
                near = after[after <= min(60, end - day)]
                times.append(
                    key
                    | {
                        "observed_days": min(60, end - day),
                        "bought_days": sum(1 << int(one - 1) for one in near),
                    }
                )
    return {
        "features": pd.DataFrame(features),
        "value": pd.DataFrame(value),
        "times": pd.DataFrame(times),
        "base_dates": pd.DataFrame(
            {
                "base_date": origins,
                "is_scoring": [one == origins[-1] for one in origins],
            }
        ),
    }


def _rhythm(past: pd.DataFrame, day: int) -> dict[str, float]:
    days, amounts = past["day"].to_numpy(), past["amount"].to_numpy()
    ago, gaps = day - days, np.diff(days)
    known = {
        "days_since_last_purchase": ago.min(),
        "days_since_first_purchase": ago.max(),
        "purchase_days": len(days),
        "gap_days_mean": gaps.mean() if len(gaps) else np.nan,
        "gap_days_median": np.median(gaps) if len(gaps) else np.nan,
        "days_until_due": np.median(gaps) - ago.min() if len(gaps) else np.nan,
        "goods_amount": amounts.sum(),
        **{f"purchase_days_{n}d": (ago < n).sum() for n in (7, 14, 30, 60, 90, 180)},
        **{f"goods_amount_{n}d": amounts[ago < n].sum() for n in (30, 90, 180)},
    }
    # What these people do not show is null, as in a warehouse without that channel.
    return dict.fromkeys([*VALUE_FEATURES, *TIME_FEATURES], np.nan) | known


def _value(after: np.ndarray, amounts: np.ndarray) -> dict[str, float]:
    return {
        name: figure
        for days in (30, 60, 90)
        for name, figure in (
            (f"orders_{days}d", (after <= days).sum()),
            (f"amount_{days}d", amounts[after <= days].sum()),
        )
    }
