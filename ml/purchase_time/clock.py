"""From the hazard of a day to the chance of a purchase on any day.

The hazard h(pace, e, weekday) is the chance that a customer buys on a day who has not
for e days. Purchases renew it: after one the gap begins anew. All of that is a table:
few paces, days of a gap, weekdays. So the 60-day curves are worked out once per pace
and elapsed days, not once per customer.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from threadpoolctl import threadpool_limits

from ml.purchase_time.config import DAYS, MOST_ELAPSED

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]


def bought_on(bought_days: Integers) -> Booleans:
    """Return (customers, 60): bought on day d? From the label's set of days."""
    return np.asarray((bought_days[:, None] >> np.arange(DAYS)) & 1, dtype=bool)


def elapsed_on(bought: Booleans, elapsed: Integers) -> Integers:
    """Return (customers, days): days since the last purchase before each day ends.

    `elapsed` is that number at base_date; a purchase on day d makes day d + 1 its 1.
    """
    days = np.arange(1, bought.shape[1] + 1)
    last = np.maximum.accumulate(np.where(bought, days, 0), axis=1)
    before = np.concatenate([np.zeros((len(bought), 1), int), last[:, :-1]], axis=1)
    return np.where(before > 0, days - before, elapsed[:, None] + days)


def weekdays(base_date: pd.Timestamp, days: int = DAYS) -> Integers:
    """Return the weekday, Monday 0, of each day after base_date."""
    return np.asarray((base_date.weekday() + np.arange(1, days + 1)) % 7)


@threadpool_limits.wrap(limits=1)
def curves(hazard: Floats, weekday: Integers) -> tuple[Floats, Floats]:
    """Return the chance of the next purchase on, and of any purchase on, each day.

    hazard: (paces, MOST_ELAPSED + 60, 7), of the e-th day of a gap at [:, e - 1].
    weekday: of each of the 60 days. Both results: (paces, MOST_ELAPSED + 1, 60) by the
    days elapsed at base_date.

    With F[i, j] the chance that a purchase on day i is followed by the next on day j,
    purchases on any day are the next one, or follow it: U = (I - F)^-1 has one row of
    them per day of a purchase, and any = next U.
    """
    days = np.arange(DAYS)
    start = np.arange(MOST_ELAPSED + 1)
    # On day d of somebody who had e days elapsed, the gap is in its day e + d.
    onward = hazard[:, start[:, None] + days, weekday[days]]
    following = _first(onward)
    later = np.clip(days[None, :] - days[:, None] - 1, 0, None)
    is_later = days[None, :] > days[:, None]
    anew = np.where(is_later, hazard[:, later, weekday[days]], 0.0)
    renewal = np.linalg.inv(np.eye(DAYS) - _first(anew))
    return following, np.clip(following @ renewal, 0.0, 1.0)


def _first(hazards: Floats) -> Floats:
    """Return the chance that each day is the first, along the last axis."""
    silent = np.cumprod(1 - hazards, axis=-1)
    before = np.concatenate([np.ones_like(silent[..., :1]), silent[..., :-1]], axis=-1)
    return np.asarray(hazards * before)
