"""Weight of evidence of binned features for a repurchase, per brand.

Fitted on the labelled month ends that repurchase trains on, applied in SQL by the tag
family `woe`: a score card read off a table, point by point (docs/models/woe.md).
"""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pandas as pd

from ml.errors import EmptyInputError, MissingColumnError
from ml.woe.bins import fit_bins
from ml.woe.config import FEATURES, WoeConfig

__all__ = ["FEATURES", "WoeConfig", "fit_woe"]

KEYS = ["base_date", "brand_code", "customer_id"]
LABEL = "is_repurchased"


def fit_woe(
    features: pd.DataFrame, labels: pd.DataFrame, config: WoeConfig | None = None
) -> pd.DataFrame:
    """Return the bins: brand_code, feature, bin_no and the fields of `Bin`.

    The frames are feat_customer_brand and label_repurchase; rows without a label are
    left out, and so is a brand with too few of either outcome. Raises ModelError
    subclasses by name.
    """
    config = config or WoeConfig()
    for frame, columns, name in (
        (features, [*KEYS, *config.features], "feat_customer_brand"),
        (labels, [*KEYS, LABEL], "label_repurchase"),
    ):
        missing = [column for column in columns if column not in frame.columns]
        if missing:
            raise MissingColumnError(f"{name} lacks {', '.join(missing)}.")
    rows = features.merge(labels[[*KEYS, LABEL]], on=KEYS, how="inner")
    found = [
        {"brand_code": brand, "feature": feature, "bin_no": number, **asdict(one)}
        for brand, of_brand in rows.groupby("brand_code", sort=True)
        if _is_enough(of_brand, config)
        for feature in config.features
        for number, one in enumerate(
            fit_bins(_float(of_brand[feature]), _float(of_brand[LABEL]), config), 1
        )
    ]
    if not found:
        raise EmptyInputError(
            "No brand has enough labelled rows of both outcomes to weigh evidence."
        )
    return pd.DataFrame(found)


def _is_enough(rows: pd.DataFrame, config: WoeConfig) -> bool:
    positives = _float(rows[LABEL]).sum()
    return bool(min(positives, len(rows) - positives) >= config.min_outcomes)


def _float(column: pd.Series) -> np.ndarray:
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))
