"""The feature rows as the trees read them: checked, labelled, as a matrix."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from ml.errors import EmptyInputError, InvalidInputError, MissingColumnError
from ml.supervised.spec import Floats, Supervised, numbers


def checked(features: pd.DataFrame, spec: Supervised) -> pd.DataFrame:
    """Return the feature rows in the order of their keys, or say what is wrong.

    The order matters: LightGBM's bagging draws row numbers, so the same rows must come
    in the same order to give the same model.
    """
    name = relation(spec.features)
    _require(features, [*spec.keys, *spec.columns], name)
    if features.empty:
        raise EmptyInputError(f"{name} holds no row: there is nobody to look at yet.")
    _refuse_duplicates(features, spec.keys, name)
    return features.sort_values(spec.keys, kind="stable", ignore_index=True)


def labelled(
    features: pd.DataFrame, labels: pd.DataFrame, spec: Supervised
) -> pd.DataFrame:
    """Return the checked feature rows whose outcome is known, with it as 0.0 or 1.0."""
    name = relation(spec.labels)
    _require(labels, [*spec.keys, spec.label], name)
    _refuse_duplicates(labels, spec.keys, name)
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


def _require(frame: pd.DataFrame, columns: list[str], name: str) -> None:
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise MissingColumnError(f"{name} lacks {', '.join(missing)}.")


def _refuse_duplicates(frame: pd.DataFrame, keys: list[str], name: str) -> None:
    twice = frame.duplicated(keys)
    if twice.any():
        row = frame.loc[twice, keys].iloc[0].astype(str)
        raise InvalidInputError(f"{name} has {', '.join(row)} more than once.")
