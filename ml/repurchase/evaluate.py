"""The back-test and what it says: figures beside those of the baselines, the gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ml.protocol import metrics
from ml.protocol.backtest import Split
from ml.protocol.calibration import Calibrator
from ml.protocol.gate import Verdict, judge
from ml.repurchase.config import RepurchaseConfig
from ml.repurchase.features import BASELINES, LABEL, NAMES, text
from ml.repurchase.predict import BANDS, NO_BAND, Cuts, band_of
from ml.repurchase.train import Model, fit

MODEL = "model"


@dataclass(frozen=True)
class Report:
    """What a run found out; every value is plain, so that it can be kept as JSON."""

    verdict: Verdict
    overall: dict[str, Any]
    baselines: dict[str, dict[str, Any]]
    by_brand: dict[str, dict[str, Any]]
    by_origin: dict[str, dict[str, Any]]
    bands: list[dict[str, Any]]
    reliability: list[dict[str, Any]]
    importance: list[dict[str, Any]]
    rows: dict[str, int]
    window: tuple[str, str]
    unscored: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def metrics(self) -> dict[str, Any]:
        """Return the model's figures as plain values (baselines and rows apart)."""
        apart = {"verdict", "baselines", "rows", "window"}
        return {
            name: value for name, value in asdict(self).items() if name not in apart
        }


def backtest(
    rows: pd.DataFrame, splits: list[Split], config: RepurchaseConfig
) -> pd.DataFrame:
    """Return the tested rows with what the model and each baseline said of them.

    Columns: keys, label, `model` and one per baseline, all calibrated probabilities:
    baselines get the same calibration on the same origin. A row of a brand without
    history at its split is left out for all of them alike.
    """
    tested = []
    for split in splits:
        model = fit(rows, split, config)
        held_out = rows[rows["base_date"] == split.calibrate]
        test = rows[rows["base_date"] == split.test]
        test = test[model.knows(test)]
        said = test[["base_date", "customer_id", "brand_code", LABEL]].copy()
        said[MODEL] = model.probability(test)
        for name, rule in BASELINES.items():
            calibrator = Calibrator.fit(
                rule(held_out), held_out[LABEL].to_numpy(), text(held_out["brand_code"])
            )
            said[name] = calibrator.predict(rule(test), text(test["brand_code"]))
        tested.append(said)
    return pd.concat(tested, ignore_index=True)


def figures(said: pd.DataFrame, column: str) -> dict[str, Any]:
    """Return the figures of one ranking over the tested rows.

    `auc` is the mean of the AUCs within each brand: telling supermarket from baby food
    is no merit. `auc_pooled` is over all rows together, `ece` and `brier` too.
    """
    labels, probability = said[LABEL].to_numpy(), said[column].to_numpy()
    within = [
        metrics.auc(part[LABEL].to_numpy(), part[column].to_numpy())
        for _, part in said.groupby("brand_code")
    ]
    known = [value for value in within if value is not None]
    pooled = metrics.summary(labels, probability)
    return {
        **pooled,
        "auc": float(np.mean(known)) if known else None,
        "auc_pooled": pooled["auc"],
    }


def brand_figures(said: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return, per brand, the model's figures, baseline AUCs and whether it wins."""
    found = {}
    for brand, part in said.groupby("brand_code"):
        labels = part[LABEL].to_numpy()
        probability = part[MODEL].to_numpy()
        auc = metrics.auc(labels, probability)
        aucs = {name: metrics.auc(labels, part[name].to_numpy()) for name in BASELINES}
        found[str(brand)] = {
            **metrics.summary(labels, probability),
            "baseline_auc": aucs,
            "beats_baselines": auc is not None
            and all(auc > value for value in aucs.values() if value is not None),
        }
    return found


def band_figures(said: pd.DataFrame, cuts: Cuts) -> list[dict[str, Any]]:
    """Return predicted and observed rate per brand and band, over the tested rows."""
    banded = said.assign(band=band_of(said[MODEL].to_numpy(), said["brand_code"], cuts))
    found = []
    for brand, part in banded.groupby("brand_code"):
        for band in (*BANDS, NO_BAND):
            inside = part[part["band"] == band]
            found.append(
                {
                    "brand_code": str(brand),
                    "band": band,
                    "rows": len(inside),
                    "share": len(inside) / len(part),
                    "predicted_rate": _mean(inside[MODEL]),
                    "observed_rate": _mean(inside[LABEL]),
                }
            )
    return found


def evaluate(
    said: pd.DataFrame,
    *,
    model: Model,
    cuts: Cuts,
    config: RepurchaseConfig,
    rows: Mapping[str, int],
    unscored: Mapping[str, int],
    window: tuple[str, str],
) -> Report:
    """Put the back-test, the model in use and the verdict together."""
    overall = figures(said, MODEL)
    baselines = {name: figures(said, name) for name in BASELINES}
    by_brand = brand_figures(said)
    verdict = judge(
        auc=overall["auc"],
        ece=overall["ece"],
        chance_ece=overall["chance_ece"],
        baseline_aucs={name: found["auc"] for name, found in baselines.items()},
        max_ece=config.max_ece,
    )
    return Report(
        verdict=verdict,
        overall=overall,
        baselines=baselines,
        by_brand=by_brand,
        by_origin={
            f"{origin:%Y-%m-%d}": figures(part, MODEL)
            for origin, part in said.groupby("base_date")
        },
        bands=band_figures(said, cuts),
        reliability=_records(
            metrics.reliability(said[LABEL].to_numpy(), said[MODEL].to_numpy())
        ),
        importance=_records(importance(model)),
        rows=dict(rows),
        window=window,
        unscored=dict(unscored),
        notes=tuple(_notes(model, by_brand, unscored)),
    )


def importance(model: Model) -> pd.DataFrame:
    """Return each column's share of the trees' gain, strongest first."""
    gain = model.booster.feature_importance("gain")
    table = pd.DataFrame(
        {
            "feature": model.columns,
            "name_zh": [NAMES[column] for column in model.columns],
            "gain_share": gain / max(float(gain.sum()), 1e-12),
        }
    )
    return table.sort_values(
        ["gain_share", "feature"], ascending=[False, True], ignore_index=True
    )


def _notes(
    model: Model, by_brand: Mapping[str, dict[str, Any]], unscored: Mapping[str, int]
) -> list[str]:
    notes = [
        f"{brand}: the model does not beat every baseline here."
        for brand, found in by_brand.items()
        if not found["beats_baselines"]
    ]
    notes += [
        f"{brand}: {count} customers have no score, the brand is new since training."
        for brand, count in unscored.items()
    ]
    notes += [
        f"{brand}: calibrated with all brands together, its own month tells too little."
        for brand in model.categories.get("brand_code", [])
        if brand not in model.calibrator.by_group
    ]
    if model.dropped:
        notes.append(f"Left out, one value only: {', '.join(model.dropped)}.")
    return notes


def _mean(column: pd.Series) -> float | None:
    return float(column.mean()) if len(column) else None


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(name): value for name, value in row.items()}
        for row in table.to_dict("records")
    ]
