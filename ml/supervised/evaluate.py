"""The back-test and what it says: figures beside those of the baselines, the gate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from ml.model import Report
from ml.protocol import drift, metrics
from ml.protocol.backtest import Split
from ml.protocol.calibration import Calibrator
from ml.protocol.gate import judge
from ml.supervised.config import SupervisedConfig
from ml.supervised.predict import BANDS, NO_BAND, Cuts, band_of
from ml.supervised.spec import Supervised
from ml.supervised.train import Model, fit

# Columns of the tested rows beside the keys and one per baseline.
MODEL, GROUP, LABEL = "model", "group", "label"


def backtest(
    rows: pd.DataFrame, splits: list[Split], spec: Supervised, config: SupervisedConfig
) -> pd.DataFrame:
    """Return the tested rows with what the model and each baseline said of them.

    Columns: base_date, customer_id, `group`, `label`, `model` and one per baseline, all
    calibrated probabilities: baselines get the same calibration on the same origin. A
    row of a group without history at its split is left out for all of them alike.
    """
    tested = []
    for split in splits:
        model = fit(rows, split, spec, config)
        held_out = rows[rows["base_date"] == split.calibrate]
        test = rows[rows["base_date"] == split.test]
        test = test[model.knows(test)]
        said = test[["base_date", "customer_id"]].copy()
        said[GROUP] = spec.groups(test)
        said[LABEL] = test[spec.label]
        said[MODEL] = model.probability(test)
        for name, rule in spec.baselines.items():
            calibrator = Calibrator.fit(
                rule(held_out), held_out[spec.label].to_numpy(), spec.groups(held_out)
            )
            said[name] = calibrator.predict(rule(test), spec.groups(test))
        tested.append(said)
    return pd.concat(tested, ignore_index=True)


def figures(said: pd.DataFrame, column: str) -> dict[str, Any]:
    """Return the figures of one ranking over the tested rows.

    `auc` is the mean of the AUCs within each group: telling supermarket from baby food
    is no merit. `auc_pooled` is over all rows together, `ece` and `brier` too.
    """
    labels, probability = said[LABEL].to_numpy(), said[column].to_numpy()
    within = [
        metrics.auc(part[LABEL].to_numpy(), part[column].to_numpy())
        for _, part in said.groupby(GROUP)
    ]
    known = [value for value in within if value is not None]
    pooled = metrics.summary(labels, probability)
    return {
        **pooled,
        "auc": float(np.mean(known)) if known else None,
        "auc_pooled": pooled["auc"],
    }


def group_figures(
    said: pd.DataFrame, baselines: Iterable[str]
) -> dict[str, dict[str, Any]]:
    """Return, per group, the model's figures, baseline AUCs and whether it wins."""
    found = {}
    for group, part in said.groupby(GROUP):
        labels = part[LABEL].to_numpy()
        probability = part[MODEL].to_numpy()
        auc = metrics.auc(labels, probability)
        aucs = {name: metrics.auc(labels, part[name].to_numpy()) for name in baselines}
        found[str(group)] = {
            **metrics.summary(labels, probability),
            "baseline_auc": aucs,
            "beats_baselines": auc is not None
            and all(auc > value for value in aucs.values() if value is not None),
        }
    return found


def band_figures(said: pd.DataFrame, cuts: Cuts) -> list[dict[str, Any]]:
    """Return predicted and observed rate per group and band, over the tested rows."""
    groups = said[GROUP].to_numpy(dtype=object)
    banded = said.assign(band=band_of(said[MODEL].to_numpy(), groups, cuts))
    found = []
    for group, part in banded.groupby(GROUP):
        for band in (*BANDS, NO_BAND):
            inside = part[part["band"] == band]
            found.append(
                {
                    "group": str(group),
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
    config: SupervisedConfig,
    drifted: pd.DataFrame,
    rows: Mapping[str, int],
    unscored: Mapping[str, int],
    window: tuple[str, str],
) -> Report:
    """Put the back-test, the model in use, its drift and the verdict together."""
    spec = model.spec
    overall = figures(said, MODEL)
    baselines = {name: figures(said, name) for name in spec.baselines}
    by_group = group_figures(said, spec.baselines)
    verdict = judge(
        auc=overall["auc"],
        ece=overall["ece"],
        chance_ece=overall["chance_ece"],
        baseline_aucs={name: found["auc"] for name, found in baselines.items()},
        max_ece=config.max_ece,
    )
    by_origin = {
        f"{origin:%Y-%m-%d}": figures(part, MODEL)
        for origin, part in said.groupby("base_date")
    }
    bands = band_figures(said, cuts)
    return Report(
        verdict=verdict,
        metrics={
            "overall": overall,
            "by_group": by_group,
            "by_origin": by_origin,
            "bands": bands,
            "reliability": _records(
                metrics.reliability(said[LABEL].to_numpy(), said[MODEL].to_numpy())
            ),
            "importance": _records(importance(model)),
            "drift": _records(drifted),
            "unscored": dict(unscored),
        },
        baselines=baselines,
        rows=rows,
        window=window,
        tables=(
            {
                "title": f"Back-test on {', '.join(by_origin)}: AUC of model and rules",
                "rows": _group_rows(by_group, overall, baselines),
            },
            {"title": "Bands over the tested rows", "rows": bands},
        ),
        notes=tuple(_notes(model, by_group, unscored, drifted)),
    )


def importance(model: Model) -> pd.DataFrame:
    """Return each column's share of the trees' gain, strongest first."""
    gain = model.booster.feature_importance("gain")
    table = pd.DataFrame(
        {
            "feature": model.columns,
            "name_zh": [model.spec.columns[column] for column in model.columns],
            "gain_share": gain / max(float(gain.sum()), 1e-12),
        }
    )
    return table.sort_values(
        ["gain_share", "feature"], ascending=[False, True], ignore_index=True
    )


def _group_rows(
    by_group: Mapping[str, dict[str, Any]],
    overall: Mapping[str, Any],
    baselines: Mapping[str, Mapping[str, Any]],
) -> list[dict[str, Any]]:
    found = [
        _group_row(group, figures, figures["baseline_auc"])
        for group, figures in by_group.items()
    ]
    if len(by_group) > 1:
        means = {name: figures["auc"] for name, figures in baselines.items()}
        found.append(_group_row("mean", overall, means))
    return found


def _group_row(
    group: str, figures: Mapping[str, Any], baselines: Mapping[str, float | None]
) -> dict[str, Any]:
    return {
        "group": group,
        "rows": figures["rows"],
        "yes_rate": figures["rate"],
        "auc": figures["auc"],
        **baselines,
        "ece": figures["ece"],
    }


def _notes(
    model: Model,
    by_group: Mapping[str, dict[str, Any]],
    unscored: Mapping[str, int],
    drifted: pd.DataFrame,
) -> list[str]:
    notes = [
        f"{group}: the model does not beat every baseline here."
        for group, found in by_group.items()
        if not found["beats_baselines"]
    ]
    notes += [
        f"{group}: {count} customers have no score, the group is new since training."
        for group, count in unscored.items()
    ]
    notes += [
        f"{group}: calibrated with all groups together, its own month tells too little."
        for group in model.categories.get(model.spec.group or "", [])
        if group not in model.calibrator.by_group
    ]
    if model.dropped:
        notes.append(f"Left out, one value only: {', '.join(model.dropped)}.")
    return notes + drift.notes(drifted)


def _mean(column: pd.Series) -> float | None:
    return float(column.mean()) if len(column) else None


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {str(name): value for name, value in row.items()}
        for row in table.to_dict("records")
    ]
