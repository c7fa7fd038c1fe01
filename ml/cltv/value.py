"""What customers are worth: the buying models, and trees that correct them.

BG/NBD says how many orders, Gamma-Gamma what each is worth. Both see three numbers of a
customer; the trees start from their product (on the log scale) and learn, from all
features, by which factor it was wrong for the next 90 days.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import lightgbm as lgb
import numpy as np
import pandas as pd

from ml.cltv.bgnbd import BgNbd
from ml.cltv.config import FEATURES, HORIZON_DAYS, TESTED_DAYS, CltvConfig
from ml.cltv.fit import Floats
from ml.cltv.gamma_gamma import GammaGamma
from ml.errors import EmptyInputError, SingleClassError
from ml.protocol.rows import numbers

KEYS = ["base_date", "customer_id"]
LABELS = [f"{what}_{days}d" for what in ("orders", "amount") for days in (30, 60, 90)]
# Nobody is expected to spend less; keeps logarithms finite.
_LEAST_AMOUNT = 0.01


@dataclass(frozen=True)
class Buying:
    """BG/NBD and Gamma-Gamma as of one base_date."""

    orders: BgNbd
    values: GammaGamma

    @classmethod
    def fit(cls, rows: pd.DataFrame) -> Buying:
        """Fit on the rows of one base_date; every day of purchase is an order."""
        paid = rows[rows["goods_amount"] > 0]
        if paid.empty:
            raise EmptyInputError("Nobody has spent anything yet.")
        return cls(
            BgNbd.fit(*histories(rows)),
            GammaGamma.fit(*spending(paid)),
        )

    def predict(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return p_alive, order_value and orders_30d ... _365d, value_90d, per row."""
        known = histories(rows)
        said = {
            f"said_orders_{days}d": self.orders.expected_orders(days, *known)
            for days in (30, 60, TESTED_DAYS, HORIZON_DAYS)
        }
        return pd.DataFrame(
            {
                "p_alive": self.orders.p_alive(*known),
                "order_value": self.values.expected_value(*spending(rows)),
                **said,
            },
            index=rows.index,
        )

    def parameters(self) -> dict[str, dict[str, float]]:
        """Return the fitted parameters; times are days, amounts CNY."""
        return {"bg_nbd": asdict(self.orders), "gamma_gamma": asdict(self.values)}


def histories(rows: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    """Return repeat orders, days from the first to the last, and to base_date."""
    age = numbers(rows["days_since_first_purchase"])
    last = age - numbers(rows["days_since_last_purchase"])
    return numbers(rows["purchase_days"]) - 1, last, age


def spending(rows: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return orders and their mean value (CNY).

    All orders, the first as well: leaving it out, as papers on new customers do, tells
    less here (docs/models/cltv.md).
    """
    orders = numbers(rows["purchase_days"])
    return orders, np.maximum(numbers(rows["goods_amount"]), 0.0) / orders


def predicted(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of many base_dates with what the buying models say at each.

    The models are fitted anew per base_date, on what was known then.
    """
    parts = [
        part.join(Buying.fit(part).predict(part))
        for _, part in rows.groupby("base_date", sort=True)
    ]
    return pd.concat(parts, ignore_index=True)


def fit_trees(rows: pd.DataFrame, config: CltvConfig) -> lgb.Booster:
    """Learn, on labelled rows of `predicted`, the factor the buying models miss.

    Raises SingleClassError when nobody bought anything in the label windows.
    """
    target = np.maximum(numbers(rows["amount_90d"]), 0.0)
    if not target.any():
        raise SingleClassError(
            f"None of the {len(rows)} training rows bought in the 90 days after it."
        )
    data = lgb.Dataset(
        matrix(rows),
        label=target,
        feature_name=list(FEATURES),
        init_score=_start(rows),
    )
    return lgb.train(config.lightgbm(), data, num_boost_round=config.rounds)


def corrected(trees: lgb.Booster, rows: pd.DataFrame) -> Floats:
    """Return the expected value of the next 90 days (CNY) of rows of `predicted`."""
    factor = np.asarray(trees.predict(matrix(rows), raw_score=True, num_threads=1))
    return np.asarray(np.exp(_start(rows) + factor))


def uncorrected(rows: pd.DataFrame) -> Floats:
    """Return what the buying models alone say of the next 90 days (CNY)."""
    return np.asarray(np.exp(_start(rows)))


def matrix(rows: pd.DataFrame) -> Floats:
    """Return the features as the trees read them; null is NaN, a missing value."""
    return np.column_stack([numbers(rows[column]) for column in FEATURES])


def _start(rows: pd.DataFrame) -> Floats:
    said = numbers(rows["said_orders_90d"]) * numbers(rows["order_value"])
    return np.asarray(np.log(np.maximum(said, _LEAST_AMOUNT)))
