"""A yes-or-no question over a table of features: all that differs between models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from ml.supervised.config import SupervisedConfig

Floats = npt.NDArray[np.float64]
Baseline = Callable[[pd.DataFrame], Floats]

# The one group of a question that is asked of customers, not of customer x brand.
EVERYBODY = "all"


@dataclass(frozen=True)
class Supervised:
    """What is asked, of which columns, against which obvious rules.

    `features` and `labels` are relations with base_date, customer_id and, if `group` is
    given, that column; `label` is a boolean of `labels`. `numbers` and `categories`
    name the columns the trees read, with the names that reasons show to people.
    `baselines` are rules over the same rows; higher means likelier. `bands` is a seed
    with the cuts. `label_months` is how many month ends pass until a label is known.
    """

    name: str
    title_zh: str
    question: str
    features: str
    labels: str
    label: str
    bands: str
    numbers: Mapping[str, str]
    baselines: Mapping[str, Baseline]
    categories: Mapping[str, str] = field(default_factory=dict)
    group: str | None = None
    label_months: int = 1
    config: SupervisedConfig = field(default_factory=SupervisedConfig)

    @property
    def keys(self) -> list[str]:
        """Return the grain of the feature rows, which is also their order."""
        return ["base_date", *([self.group] if self.group else []), "customer_id"]

    @property
    def columns(self) -> dict[str, str]:
        """Return the columns the trees may read, with their names for people."""
        return {**self.numbers, **self.categories}

    def groups(self, rows: pd.DataFrame) -> npt.NDArray[np.object_]:
        """Return the group of each row: what is calibrated and judged together."""
        if self.group is None:
            return np.full(len(rows), EVERYBODY, dtype=object)
        return rows[self.group].to_numpy(dtype=object)
