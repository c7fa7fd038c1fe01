"""The feature rows as the trees read them: checked, labelled, as a matrix."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from ml.errors import InvalidInputError
from ml.protocol.rows import checked_rows, numbers, refuse_duplicates, require
from ml.supervised.spec import Floats, Supervised


def checked(features: pd.DataFrame, spec: Supervised) -> pd.DataFrame:
    """Return the feature rows in the order of their keys, or say what is wrong."""
    return checked_rows(
        features, spec.keys, list(spec.columns), relation(spec.features)
    )


def labelled(
    features: pd.DataFrame, labels: pd.DataFrame, spec: Supervised
) -> pd.DataFrame:
    """Return the checked feature rows whose outcome is known, with it as 0.0 or 1.0."""
    name = relation(spec.labels)
    require(labels, [*spec.keys, spec.label], name)
    refuse_duplicates(labels, spec.keys, name)
    if labels[spec.label].isna().any():
        raise InvalidInputError(
            f"{name}.{spec.label} is null in {labels[spec.label].isna().sum()} rows."
        )
    known = labels[[*spec.keys, spec.label]]
    rows = features.merge(known, on=spec.keys, how="inner", sort=False)
    rows[spec.label] = numbers(rows[spec.label])
    return rows


def design(
    rows: pd.DataFrame, columns: list[str], categories: dict[str, list[str]]
) -> Floats:
    """Return the matrix LightGBM reads: numbers, and categories as their position.

    A category that was not there in training, and null, become NaN: LightGBM sends them
    the way of missing values.
    """
    matrix = np.empty((len(rows), len(columns)), dtype=np.float64)
    for at, column in enumerate(columns):
        if column in categories:
            position = {name: index for index, name in enumerate(categories[column])}
            matrix[:, at] = numbers(rows[column].map(position))
        else:
            matrix[:, at] = numbers(rows[column])
    return matrix


def informative(rows: pd.DataFrame, spec: Supervised) -> tuple[list[str], list[str]]:
    """Split the feature columns into those that vary here and those that do not."""
    varies = {column: rows[column].nunique(dropna=False) > 1 for column in spec.columns}
    used = [column for column, is_used in varies.items() if is_used]
    return used, [column for column in varies if column not in used]


def category_values(
    rows: pd.DataFrame, columns: Iterable[str], spec: Supervised
) -> dict[str, list[str]]:
    """Return the known values of each category column, sorted."""
    return {
        column: sorted(map(str, rows[column].dropna().unique()))
        for column in columns
        if column in spec.categories
    }


def relation(name: str) -> str:
    """Return the name of a relation without its schema, as messages show it."""
    return name.rpartition(".")[2]
