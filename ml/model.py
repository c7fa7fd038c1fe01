"""What a model is to those who run it: inputs, a function, what it leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ml.protocol.gate import Verdict


@dataclass(frozen=True)
class Report:
    """What a run found out; every figure is plain, so that it can be kept as JSON.

    `metrics["overall"]` holds the figures of the model, `baselines` the same figures of
    each obvious rule by its name. `tables` are shown to people as they are: each has a
    title and rows with the same keys.
    """

    verdict: Verdict
    metrics: Mapping[str, Any]
    baselines: Mapping[str, Mapping[str, Any]]
    rows: Mapping[str, int]
    window: tuple[str, str]
    tables: tuple[dict[str, Any], ...] = ()
    notes: tuple[str, ...] = ()

    def as_metrics(self) -> dict[str, Any]:
        """Return what the registry keeps beside baselines, rows and verdict.

        Tables become columns and rows of cells: jsonb forgets the order of keys.
        """
        tables = [
            {
                "title": one["title"],
                "columns": list(one["rows"][0]),
                "rows": [list(row.values()) for row in one["rows"]],
            }
            for one in self.tables
            if one["rows"]
        ]
        return {**self.metrics, "tables": tables, "notes": list(self.notes)}


@dataclass(frozen=True)
class Result:
    """A run: outputs are to be published only if `report.verdict.is_published`.

    `outputs` holds, by table of the schema ml, the rows of one base_date, without the
    columns that the registry adds (base_date, run_id; for scores the model, too).
    `artefacts` holds files by name: text, JSON, npz or PNG, never a pickle.
    """

    outputs: Mapping[str, pd.DataFrame]
    report: Report
    artefacts: dict[str, bytes]


@dataclass(frozen=True)
class Model:
    """A question that is asked of the features once a month, and how it is answered.

    `inputs` names the relation behind each argument of `train_and_score`; the argument
    `config` comes beside them. `made_of` are the folders and files below ml/ whose
    change makes a run another run, beside the model's own folder.
    """

    name: str
    title_zh: str
    question: str
    inputs: Mapping[str, str]
    train_and_score: Callable[..., Result]
    config: Any
    # What runs are compared by: a figure of `report.metrics["overall"]` and baselines.
    main_figure: str = "auc"
    made_of: tuple[str, ...] = field(default=())
