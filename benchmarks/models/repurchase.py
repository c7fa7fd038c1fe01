"""Who buys again: Complete Journey without noise, seen from the evening of 2017-11-30.

    make bench-ml PARTS=repurchase

Everybody who has bought, any brand, within 7 and 30 days; and each brand in the next
calendar month with the bands of the seed. Trees learn from the month ends before 31
October, are calibrated on 31 October, whose windows are over on 30 November, and are
tested on 30 November. The rules beside them are calibrated alike.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pandas as pd

from benchmarks.models import journey
from ml.protocol.backtest import Split
from ml.purchase_intent import PURCHASE_INTENT
from ml.repurchase import REPURCHASE
from ml.supervised import Supervised
from ml.supervised.evaluate import (
    MODEL,
    backtest,
    band_figures,
    figures,
    group_figures,
)
from ml.supervised.predict import band_cuts
from ml.supervised.table import checked, labelled

TEST = pd.Timestamp("2017-11-30")
CALIBRATE = pd.Timestamp("2017-10-31")
RULE = "frequency_90d"


def measure() -> dict[str, Any]:
    """Return the figures; builds the features first when they are not kept."""
    frames = journey.frames()
    found: dict[str, Any] = {}
    for days in (7, 30):
        spec = replace(PURCHASE_INTENT, label=f"is_purchased_{days}d")
        said = tested(spec, frames)
        model, rule = figures(said, MODEL), figures(said, RULE)
        found |= {
            f"auc_{days}d": round(model["auc"], 4),
            f"frequency_auc_{days}d": round(rule["auc"], 4),
            f"ece_{days}d": round(model["ece"], 4),
        }
    said = tested(REPURCHASE, frames)
    cuts = band_cuts(frames[REPURCHASE.bands], REPURCHASE)
    bands = band_figures(said, cuts)
    found["by_brand"] = {
        brand: {
            "rows": one["rows"],
            "rate": round(one["rate"], 4),
            "auc": round(one["auc"], 4),
            "ece": round(one["ece"], 4),
            # What honest probabilities would show on so few rows.
            "chance_ece": round(one["chance_ece"], 4),
            "baseline_auc": {
                name: round(auc, 4) for name, auc in one["baseline_auc"].items()
            },
            "bands": {
                row["band"]: [
                    row["rows"],
                    rounded(row["predicted_rate"]),
                    rounded(row["observed_rate"]),
                ]
                for row in bands
                if row["group"] == brand
            },
        }
        for brand, one in group_figures(said, REPURCHASE.baselines).items()
    }
    return {"repurchase": found}


def tested(spec: Supervised, frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of the tested month end with what was said of them."""
    rows = checked(frames[spec.features], spec)
    known = labelled(rows[rows["base_date"] <= TEST], frames[spec.labels], spec)
    learnt = known.loc[known["base_date"] < CALIBRATE, "base_date"].unique()
    split = Split(tuple(learnt), CALIBRATE, TEST)
    return backtest(known, [split], spec, spec.config)


def rounded(rate: float | None) -> float | None:
    """Return a rate with four places; nothing of an empty band."""
    return None if rate is None else round(rate, 4)


def main() -> None:
    """Run the part, print what people read and the JSON line."""
    found = measure()["repurchase"]
    for days in (7, 30):
        print(
            f"any brand within {days:>2} days: AUC {found[f'auc_{days}d']:.4f}, "
            f"{RULE} {found[f'frequency_auc_{days}d']:.4f}, "
            f"ECE {found[f'ece_{days}d']:.4f}"
        )
    for brand, one in found["by_brand"].items():
        print(
            f"{brand} next month: AUC {one['auc']:.4f}, rules {one['baseline_auc']}, "
            f"ECE {one['ece']:.4f} (by chance {one['chance_ece']:.4f})"
        )
    print(json.dumps({"repurchase": found}))


if __name__ == "__main__":
    main()
