"""The verdict over tested months and the tables that a person reads."""

from __future__ import annotations

import json
from typing import Any

from ml.model import Report
from ml.protocol.gate import Verdict
from ml.protocol.pictures import bars_png
from ml.recommendation.backtest import Month, Origin, Weights
from ml.recommendation.sources import NAMES, SOURCES

Figures = dict[str, dict[str, dict[str, Any]]]


def judge(found: Figures, k: int) -> Verdict:
    """Publish only what beats every rule in nDCG@k and recall@k of all items."""
    model = found["any"]["model"]
    reasons, is_published = [], True
    for figure in (f"ndcg{k}", f"recall{k}"):
        name = max(
            (one for one in found["any"] if one != "model"),
            key=lambda one: found["any"][one][figure],
        )
        beats = model[figure] > found["any"][name][figure]
        is_published &= beats
        reasons.append(
            f"{figure} {model[figure]:.4f} {'beats' if beats else 'does not beat'} the "
            f"best baseline, {name} {found['any'][name][figure]:.4f}."
        )
    return Verdict(is_published, tuple(reasons))


def recommendation_report(
    months: list[Month],
    scoring: Origin,
    found: Figures,
    weights: Weights,
    *,
    rows: dict[str, int],
    metrics: dict[str, Any],
    tables: tuple[dict[str, Any], ...],
    notes: tuple[str, ...],
) -> Report:
    """Return the report of a run; `months` are validation and tests, oldest first."""
    validation, *tests = months
    k = validation.sources.config.top_n
    tested_on = ", ".join(one.origin.text() for one in tests)
    shown = {"any": "all items", "new": "items not bought before"}
    figure_tables = tuple(
        {
            "title": f"Lists of {k}, {shown[kind]}, tested after {tested_on}",
            "rows": [{"list": name} | of_list for name, of_list in by_name.items()],
        }
        for kind, by_name in found.items()
    )
    weight_rows = [
        {
            "source": name,
            "name_zh": SOURCES[name],
            "all_items": round(float(weights.any[at]), 2),
            "not_bought_before": round(float(weights.new[at]), 2),
        }
        for at, name in enumerate(NAMES)
        if weights.any[at] or weights.new[at]
    ]
    first = min(validation.sources.history.purchases.day.tolist(), default=scoring.day)
    return Report(
        verdict=judge(found, k),
        metrics={"overall": found["any"]["model"], "by_kind": found, **metrics},
        baselines={
            name: figures for name, figures in found["any"].items() if name != "model"
        },
        rows=rows,
        window=(Origin(first, 0, 0).text(), scoring.text()),
        tables=(
            *figure_tables,
            {
                "title": f"Weights of sources, learnt after {validation.origin.text()}",
                "rows": weight_rows,
            },
            *tables,
        ),
        notes=notes,
    )


def artefacts(found: Figures, weights: Weights, k: int, title: str) -> dict[str, bytes]:
    """Return the weights as JSON, and the figures as a picture."""
    settings = {
        kind: {
            name: round(float(value), 4)
            for name, value in zip(NAMES, of_kind, strict=True)
        }
        for kind, of_kind in (("any", weights.any), ("new", weights.new))
    }
    return {
        "weights.json": json.dumps(settings, sort_keys=True).encode(),
        "ndcg.png": bars_png(
            {
                f"{name}, {kind}": figures[f"ndcg{k}"]
                for kind, by_name in found.items()
                for name, figures in by_name.items()
            },
            title=title,
            label=f"nDCG@{k}",
        ),
    }
