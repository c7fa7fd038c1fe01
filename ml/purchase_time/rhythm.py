"""Pace and clock: two small models that say when a customer comes.

The pace, from all features, is how many of the next 28 days somebody buys on. The clock
is the discrete-time hazard of a day, from three numbers: the pace, the days since the
last purchase, the weekday. It learns from months the pace has not seen, so that it also
corrects it. Days that are not over yet (right-censored) are simply not among its rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import lightgbm as lgb
import numpy as np
import pandas as pd

from ml.errors import NotEnoughHistoryError, SingleClassError
from ml.purchase_time.clock import (
    Floats,
    Integers,
    bought_on,
    curves,
    elapsed_on,
    weekdays,
)
from ml.purchase_time.config import (
    DAYS,
    FEATURES,
    MOST_ELAPSED,
    PACE_DAYS,
    PurchaseTimeConfig,
)

_CLOCK_FEATURES = ["log_pace", "elapsed_days", "weekday"]
_LEAST_PACE = 0.02
_CLOCK_ORIGINS = 2
_LEAST_IN_GROUP = 4


@dataclass(frozen=True)
class Rhythm:
    """The two models."""

    pace: lgb.Booster
    clock: lgb.Booster

    def log_pace(self, rows: pd.DataFrame) -> Floats:
        """Return ln of the expected days with a purchase in 28 days."""
        said = np.asarray(self.pace.predict(matrix(rows), num_threads=1))
        return np.asarray(np.log(np.maximum(said, _LEAST_PACE)))

    def forecast(self, rows: pd.DataFrame, groups: int) -> Forecast:
        """Say when the rows of one base_date buy, each by the curve of its group."""
        log_pace = self.log_pace(rows)
        groups = min(groups, max(1, len(rows) // _LEAST_IN_GROUP))
        edges = np.unique(np.quantile(log_pace, np.arange(1, groups) / groups))
        group = np.searchsorted(edges, log_pace, side="right")
        members = np.bincount(group, minlength=len(edges) + 1)
        total = np.bincount(group, weights=log_pace, minlength=len(edges) + 1)
        paces = total / np.maximum(members, 1)
        base_date = pd.Timestamp(rows["base_date"].iloc[0])
        following, on_any = curves(self._hazard(paces), weekdays(base_date))
        elapsed = np.minimum(
            rows["days_since_last_purchase"].to_numpy(np.int64), MOST_ELAPSED
        )
        return Forecast(group, elapsed, np.exp(paces), following, on_any)

    def _hazard(self, log_paces: Floats) -> Floats:
        longest = MOST_ELAPSED + DAYS
        cells = np.stack(
            np.meshgrid(log_paces, np.arange(1, longest + 1), range(7), indexing="ij"),
            axis=-1,
        )
        said = self.clock.predict(cells.reshape(-1, 3), num_threads=1)
        return np.asarray(said).reshape(len(log_paces), longest, 7)


@dataclass(frozen=True)
class Forecast:
    """What is said of the customers of one base_date.

    group, elapsed: (customers,), where their curves are; pace: (groups,), days with a
    purchase in 28; next_on, any_on: (groups, MOST_ELAPSED + 1, 60), chances by day.
    """

    group: Integers
    elapsed: Integers
    pace: Floats
    next_on: Floats
    any_on: Floats

    def next_by(self) -> Floats:
        """Return (customers, 60): the chance to have bought again by day d."""
        return np.cumsum(self.next_on, axis=-1)[self.group, self.elapsed]

    def bought_on(self) -> Floats:
        """Return (customers, 60): the chance to buy on day d, first or again."""
        return self.any_on[self.group, self.elapsed]


def fit(
    rows: pd.DataFrame, known_until: pd.Timestamp, config: PurchaseTimeConfig
) -> Rhythm:
    """Fit on what was known at the end of a day.

    rows: features and label of earlier base_dates (see `run.joined`), in the order of
    their keys. Raises NotEnoughHistoryError below three base_dates with 28 days behind
    them, SingleClassError when nobody or everybody bought on all days.
    """
    seen_days = np.minimum((known_until - rows["base_date"]).dt.days, DAYS)
    rows = rows.assign(seen_days=seen_days)[seen_days >= PACE_DAYS]
    origins = sorted(rows["base_date"].unique())
    if len(origins) <= _CLOCK_ORIGINS:
        raise NotEnoughHistoryError(
            f"The clock needs {_CLOCK_ORIGINS + 1} month ends with {PACE_DAYS} days "
            f"after them and there are {len(origins)}: load more months of purchases."
        )
    is_recent = rows["base_date"].isin(origins[-_CLOCK_ORIGINS:])
    earlier, recent = rows[~is_recent], rows[is_recent]
    counts = bought_on(earlier["bought_days"].to_numpy(np.int64))[:, :PACE_DAYS]
    if not counts.any():
        raise SingleClassError(
            f"None of {len(earlier)} rows bought in the {PACE_DAYS} days after it."
        )
    pace = lgb.train(
        config.pace(),
        lgb.Dataset(matrix(earlier), counts.sum(axis=1), feature_name=list(FEATURES)),
        num_boost_round=config.rounds,
    )
    days = pd.concat(
        customer_days(_drawn(part, config.max_clock_customers), pace)
        for _, part in recent.groupby("base_date", sort=True)
    )
    if days["is_bought"].nunique() < 2:
        raise SingleClassError("Nobody bought in the newest months.")
    clock = lgb.train(
        config.clock(),
        lgb.Dataset(
            days[_CLOCK_FEATURES].to_numpy(),
            days["is_bought"].to_numpy(),
            feature_name=_CLOCK_FEATURES,
        ),
        num_boost_round=config.rounds,
    )
    return Rhythm(pace, clock)


def customer_days(rows: pd.DataFrame, pace: lgb.Booster) -> pd.DataFrame:
    """Return one row per customer and day seen after the rows' base_date."""
    seen = int(rows["seen_days"].iloc[0])
    bought = bought_on(rows["bought_days"].to_numpy(np.int64))[:, :seen]
    since = rows["days_since_last_purchase"].to_numpy(np.int64)
    said = np.asarray(pace.predict(matrix(rows), num_threads=1))
    base_date = pd.Timestamp(rows["base_date"].iloc[0])
    return pd.DataFrame(
        {
            "log_pace": np.repeat(np.log(np.maximum(said, _LEAST_PACE)), seen),
            "elapsed_days": elapsed_on(bought, since).ravel(),
            "weekday": np.tile(weekdays(base_date, seen), len(rows)),
            "is_bought": bought.ravel(),
        }
    )


def matrix(rows: pd.DataFrame) -> Floats:
    """Return the features as the trees read them; null is NaN, a missing value."""
    return np.column_stack(
        [rows[name].to_numpy(np.float64, na_value=np.nan) for name in FEATURES]
    )


def _drawn(rows: pd.DataFrame, most: int) -> pd.DataFrame:
    if len(rows) <= most:
        return rows
    return rows.iloc[np.linspace(0, len(rows) - 1, most).round().astype(int)]
