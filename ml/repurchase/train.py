"""Fit LightGBM on earlier origins and a calibration curve per brand on the last one."""

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
from ml.repurchase.config import RepurchaseConfig
from ml.repurchase.features import (
    LABEL,
    category_values,
    design,
    informative,
    text,
)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Model:
    """A fitted model: trees, the columns and categories they know, the calibration."""

    booster: lgb.Booster
    columns: list[str]
    categories: dict[str, list[str]]
    dropped: list[str]
    calibrator: Calibrator

    def raw(self, rows: pd.DataFrame) -> Floats:
        """Return the trees' log-odds."""
        return _raw(self.booster, design(rows, self.columns, self.categories))

    def probability(self, rows: pd.DataFrame) -> Floats:
        """Return calibrated P(buys the brand in the next calendar month)."""
        return self.calibrator.predict(self.raw(rows), text(rows["brand_code"]))

    def knows(self, rows: pd.DataFrame) -> npt.NDArray[np.bool_]:
        """Tell which rows are of a brand that was there in training."""
        brands = self.categories.get("brand_code")
        if brands is None:
            return np.ones(len(rows), dtype=bool)
        return np.asarray(rows["brand_code"].isin(brands), dtype=bool)

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
    def load(cls, trees_text: str, settings_json: str) -> Model:
        """Return the model that `trees_text` and `settings_json` were written from."""
        settings = json.loads(settings_json)
        calibrator = settings["calibrator"]
        return cls(
            booster=lgb.Booster(model_str=trees_text),
            columns=settings["columns"],
            categories=settings["categories"],
            dropped=settings["dropped"],
            calibrator=Calibrator(
                by_group={
                    brand: (slope, intercept)
                    for brand, (slope, intercept) in calibrator["by_group"].items()
                },
                pooled=(calibrator["pooled"][0], calibrator["pooled"][1]),
            ),
        )


def fit(rows: pd.DataFrame, split: Split, config: RepurchaseConfig) -> Model:
    """Train on `split.train`, calibrate on `split.calibrate` (labelled rows).

    Columns that hold one value only (all null, say) are dropped and named in the model.
    Raises SingleClassError when every training label is the same.
    """
    train = rows[rows["base_date"].isin(split.train)]
    held_out = rows[rows["base_date"] == split.calibrate]
    for part, name in ((train, "training"), (held_out, "calibration")):
        if part.empty:
            raise EmptyInputError(f"No labelled row of the {name} months is left.")
    if train[LABEL].nunique() < 2:
        raise SingleClassError(
            f"Every one of the {len(train)} training labels is "
            f"{bool(train[LABEL].iloc[0])}: there is nothing to learn."
        )
    columns, dropped = informative(train)
    categories = category_values(train, columns)
    booster = lgb.train(
        config.lightgbm(),
        lgb.Dataset(
            design(train, columns, categories),
            label=train[LABEL].to_numpy(),
            feature_name=columns,
            categorical_feature=list(categories),
        ),
        num_boost_round=config.rounds,
    )
    calibrator = Calibrator.fit(
        _raw(booster, design(held_out, columns, categories)),
        held_out[LABEL].to_numpy(),
        text(held_out["brand_code"]),
    )
    return Model(booster, columns, categories, dropped, calibrator)


def _raw(booster: lgb.Booster, matrix: Floats) -> Floats:
    return log_odds(np.asarray(booster.predict(matrix, num_threads=1)))
