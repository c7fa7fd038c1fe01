"""Fit LightGBM on earlier origins and a calibration curve per group on the last one."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd

from ml.errors import EmptyInputError, SingleClassError
from ml.protocol.backtest import Split
from ml.protocol.calibration import Calibrator, log_odds
from ml.supervised.config import SupervisedConfig
from ml.supervised.spec import Floats, Supervised
from ml.supervised.table import category_values, design, informative


@dataclass(frozen=True)
class Model:
    """A fitted model: trees, the columns and categories they know, the calibration."""

    spec: Supervised
    booster: lgb.Booster
    columns: list[str]
    categories: dict[str, list[str]]
    dropped: list[str]
    calibrator: Calibrator

    def raw(self, rows: pd.DataFrame) -> Floats:
        """Return the trees' log-odds."""
        return _raw(self.booster, design(rows, self.columns, self.categories))

    def probability(self, rows: pd.DataFrame) -> Floats:
        """Return the calibrated probability of yes."""
        return self.calibrator.predict(self.raw(rows), self.spec.groups(rows))

    def knows(self, rows: pd.DataFrame) -> npt.NDArray[np.bool_]:
        """Tell which rows are of a group that was there in training."""
        known = self.categories.get(self.spec.group or "")
        if known is None:
            return np.ones(len(rows), dtype=bool)
        return np.asarray(np.isin(self.spec.groups(rows), known), dtype=bool)

    def trees_text(self) -> str:
        """Return the trees in LightGBM's own text format."""
        return str(self.booster.model_to_string())

    def settings_json(self) -> str:
        """Return everything beside the trees as JSON."""
        return json.dumps(
            {
                "columns": self.columns,
                "categories": self.categories,
                "dropped": self.dropped,
                "calibrator": asdict(self.calibrator),
            },
            ensure_ascii=False,
            sort_keys=True,
        )

    @classmethod
    def load(cls, spec: Supervised, trees_text: str, settings_json: str) -> Model:
        """Return the model that `trees_text` and `settings_json` were written from."""
        settings = json.loads(settings_json)
        calibrator = settings["calibrator"]
        return cls(
            spec=spec,
            booster=lgb.Booster(model_str=trees_text),
            columns=settings["columns"],
            categories=settings["categories"],
            dropped=settings["dropped"],
            calibrator=Calibrator(
                by_group={
                    group: (slope, intercept)
                    for group, (slope, intercept) in calibrator["by_group"].items()
                },
                pooled=(calibrator["pooled"][0], calibrator["pooled"][1]),
            ),
        )


def fit(
    rows: pd.DataFrame, split: Split, spec: Supervised, config: SupervisedConfig
) -> Model:
    """Train on `split.train`, calibrate on `split.calibrate` (labelled rows).

    Columns that hold one value only (all null, say) are dropped and named in the model.
    Raises SingleClassError when every training label is the same.
    """
    train = rows[rows["base_date"].isin(split.train)]
    held_out = rows[rows["base_date"] == split.calibrate]
    for part, name in ((train, "training"), (held_out, "calibration")):
        if part.empty:
            raise EmptyInputError(f"No labelled row of the {name} months is left.")
    if train[spec.label].nunique() < 2:
        raise SingleClassError(
            f"Every one of the {len(train)} training labels is "
            f"{bool(train[spec.label].iloc[0])}: there is nothing to learn."
        )
    columns, dropped = informative(train, spec)
    categories = category_values(train, columns, spec)
    booster = lgb.train(
        config.lightgbm(),
        lgb.Dataset(
            design(train, columns, categories),
            label=train[spec.label].to_numpy(),
            feature_name=columns,
            categorical_feature=list(categories),
        ),
        num_boost_round=config.rounds,
    )
    calibrator = Calibrator.fit(
        _raw(booster, design(held_out, columns, categories)),
        held_out[spec.label].to_numpy(),
        spec.groups(held_out),
    )
    return Model(spec, booster, columns, categories, dropped, calibrator)


def _raw(booster: lgb.Booster, matrix: Floats) -> Floats:
    return log_odds(np.asarray(booster.predict(matrix, num_threads=1)))
