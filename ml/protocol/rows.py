"""Feature and label rows as every model takes them: complete, unique, in order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from ml.errors import EmptyInputError, InvalidInputError, MissingColumnError


def checked_rows(
    rows: pd.DataFrame, keys: Sequence[str], columns: Sequence[str], name: str
) -> pd.DataFrame:
    """Return the rows in the order of their keys, or say what is wrong with them.

    The order matters: LightGBM's bagging draws row numbers, so the same rows must come
    in the same order to give the same model.
    """
    require(rows, [*keys, *columns], name)
    if rows.empty:
        raise EmptyInputError(f"{name} holds no row yet.")
    refuse_duplicates(rows, keys, name)
    return rows.sort_values(list(keys), kind="stable", ignore_index=True)


def require(rows: pd.DataFrame, columns: Sequence[str], name: str) -> None:
    """Raise MissingColumnError unless all the columns are there."""
    missing = [column for column in columns if column not in rows.columns]
    if missing:
        raise MissingColumnError(f"{name} lacks {', '.join(missing)}.")


def refuse_duplicates(rows: pd.DataFrame, keys: Sequence[str], name: str) -> None:
    """Raise InvalidInputError, with the first of them, when keys are not unique."""
    twice = rows.duplicated(list(keys))
    if twice.any():
        row = rows.loc[twice, list(keys)].iloc[0].astype(str)
        raise InvalidInputError(f"{name} has {', '.join(row)} more than once.")


def numbers(column: pd.Series) -> npt.NDArray[np.float64]:
    """Return a column as floats; null becomes NaN."""
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))
