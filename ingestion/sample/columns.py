"""Columns of texts made as Arrow arrays, without a Python string per row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

TEXT = pa.large_string()
EMPTY = pa.scalar("", TEXT)


def stored(values: pa.Array) -> pd.api.extensions.ExtensionArray:
    """Return texts as a frame keeps them."""
    return pd.array(values, dtype="str")


def joined(*parts: str | pa.Array) -> pa.Array:
    """Return texts put together row by row; null where a part is."""
    pieces = [
        pa.scalar(part, TEXT) if isinstance(part, str) else part.cast(TEXT)
        for part in parts
    ]
    return pc.binary_join_element_wise(*pieces, EMPTY)


def numbered(
    prefix: str, numbers: np.ndarray, width: int = 0
) -> pd.api.extensions.ExtensionArray:
    """Return a prefix and a number of so many digits at least per row."""
    digits = pa.array(numbers).cast(TEXT)
    return stored(joined(prefix, pc.utf8_lpad(digits, width, "0")))


def picked(
    names: Sequence[str], number: np.ndarray, shown: np.ndarray | None = None
) -> pd.api.extensions.ExtensionArray:
    """Return names by their number, none where not `shown`."""
    hidden = None if shown is None else ~np.asarray(shown, dtype=bool)
    places = pa.array(np.asarray(number), pa.int32(), mask=hidden)
    return stored(pa.DictionaryArray.from_arrays(places, pa.array(names)).cast(TEXT))


def starred_phone(phones: pa.Array) -> pa.Array:
    """Return phones with the middle hidden: 160****1234."""
    begin = pc.utf8_slice_codeunits(phones, 0, 3)
    return joined(begin, "****", pc.utf8_slice_codeunits(phones, 7, 11))


def starred_name(names: pa.Array) -> pa.Array:
    """Return names of which only the first character is shown."""
    hidden = pc.subtract(pc.utf8_length(names), 1)
    stars = pc.binary_repeat(pa.scalar("*"), hidden)
    return joined(pc.utf8_slice_codeunits(names, 0, 1), stars)
