"""How PostgreSQL types come out as frame columns."""

from __future__ import annotations

import pandas as pd
import psycopg
import pyarrow as pa

from warehouse.settings import TIME_ZONE

_ARROW = {
    "bool": pa.bool_(),
    "int2": pa.int16(),
    "int4": pa.int32(),
    "int8": pa.int64(),
    "float4": pa.float32(),
    "float8": pa.float64(),
    "numeric": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
    "timestamptz": pa.timestamp("us", TIME_ZONE),
}


def arrow_type(type_oid: int) -> pa.DataType:
    """Arrow type of a column by its PostgreSQL type; what is not listed is text."""
    info = psycopg.adapters.types.get(type_oid)
    # An array is registered under the name of its element type.
    if info is None or info.oid != type_oid:
        return pa.string()
    return _ARROW.get(info.name, pa.string())


def to_pandas(table: pa.Table) -> pd.DataFrame:
    """Turn an arrow table into a frame; a bigint with nulls is Int64, not float."""
    frame = table.to_pandas(date_as_object=False)
    for name in table.column_names:
        column = table.column(name)
        if column.type == pa.int64() and column.null_count:
            frame[name] = pd.array(column.to_pylist(), dtype="Int64")
    return frame
