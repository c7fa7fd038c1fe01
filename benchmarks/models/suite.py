"""Models with labels, each tested as it tests itself before it publishes.

    make bench-ml PARTS=suite

Complete Journey without noise, scored on 2017-12-31: every model is judged on its last
labelled month ends by its own gate, beside its obvious rules; `quanyu model backtest`
shows such figures of a warehouse, with their tables.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from time import perf_counter
from typing import Any

from benchmarks.models import journey


def measure() -> dict[str, Any]:
    """Return, by model, whether its gate opens, its figures and those of each rule."""
    frames = journey.frames()
    found: dict[str, Any] = {}
    for model in journey.TESTED:
        begin = perf_counter()
        report = model.train_and_score(
            **{name: frames[relation] for name, relation in model.inputs.items()},
            config=model.config,
        ).report
        seconds = perf_counter() - begin
        found[model.name] = {
            "is_published": report.verdict.is_published,
            "overall": rounded(report.metrics["overall"]),
            "baselines": {
                name: rounded(figures) for name, figures in report.baselines.items()
            },
            "rows": report.rows["test"],
            "seconds": round(seconds, 1),
        }
        print(f"{model.name}: {' '.join(report.verdict.reasons)}", flush=True)
    return {"suite": found}


def rounded(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return figures with four places; counts stay counts."""
    return {
        name: round(figure, 4) if isinstance(figure, float) else figure
        for name, figure in figures.items()
    }


def main() -> None:
    """Run the part, print what people read and the JSON line."""
    print(json.dumps(measure()))


if __name__ == "__main__":
    main()
