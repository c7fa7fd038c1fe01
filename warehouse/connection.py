"""The one way into PostgreSQL: connections, COPY in, and frames out.

Table arguments are written "schema.table". Nothing here knows what the tables hold.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, LiteralString, cast

import psycopg
from psycopg import sql

from warehouse import server
from warehouse.errors import QuanyuError

if TYPE_CHECKING:
    import pandas as pd

Connection = psycopg.Connection[Any]
Query = str | sql.Composable


def database_url() -> str:
    """Return QUANYU_DATABASE_URL, else the address of this project's running server.

    Raises QuanyuError when neither is there.
    """
    return os.environ.get("QUANYU_DATABASE_URL") or server.running_url()


def connect(
    url: str | None = None,
    *,
    autocommit: bool = False,
    application_name: str = "quanyu",
    durable: bool = True,
) -> Connection:
    """Open a connection; `durable=False` is for tables that can be built again.

    A commit that is not durable may be lost when the server is killed, but never while
    a later durable one survives: the write-ahead log keeps their order.
    """
    target = url or database_url()
    try:
        return psycopg.connect(
            target,
            autocommit=autocommit,
            application_name=application_name,
            options=None if durable else "-c synchronous_commit=off",
        )
    except psycopg.Error as error:
        reason = " ".join(str(error).split())
        raise QuanyuError(f"Cannot connect to the warehouse: {reason}.") from error


def table_identifier(table: str) -> sql.Identifier:
    """Quote "schema.table" for use inside a composed statement."""
    return sql.Identifier(*table.split("."))


def copy_rows(
    conn: Connection,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> int:
    """COPY Python rows into a table and return how many there were."""
    with conn.cursor() as cursor:
        with cursor.copy(_copy_from(table, columns, "text")) as copy:
            for row in rows:
                copy.write_row(row)
        return cursor.rowcount


def copy_csv(
    conn: Connection,
    table: str,
    columns: Sequence[str],
    chunks: Iterable[bytes | memoryview],
) -> int:
    """COPY UTF-8 CSV without a header into a table and return the number of rows.

    An unquoted empty field is null, a quoted one ("") is an empty string.
    """
    with conn.cursor() as cursor:
        with cursor.copy(_copy_from(table, columns, "csv")) as copy:
            for chunk in chunks:
                copy.write(chunk)
        return cursor.rowcount


def copy_frame(conn: Connection, table: str, frame: pd.DataFrame) -> int:
    """COPY a frame (columns by name, without its index) into a table; NaN is null."""
    import pyarrow as pa
    from pyarrow import csv

    arrow = pa.Table.from_pandas(frame, preserve_index=False)
    plain = pa.schema(
        pa.field(
            field.name,
            field.type.value_type if pa.types.is_dictionary(field.type) else field.type,
        )
        for field in arrow.schema
    )
    buffer = io.BytesIO()
    csv.write_csv(arrow.cast(plain), buffer, csv.WriteOptions(include_header=False))
    return copy_csv(conn, table, list(frame.columns), [buffer.getbuffer()])


def read_frame(conn: Connection, query: Query, params: Any = None) -> pd.DataFrame:
    """Run a query and return its rows as a frame, through COPY.

    Numbers with decimals come as float64, dates as datetime64, timestamptz in the
    warehouse's time zone; a bigint column that holds nulls is Int64, so that keys keep
    every digit. json, uuid and arrays come as text.
    """
    import pyarrow as pa
    from pyarrow import csv

    from warehouse.frames import arrow_type, to_pandas

    statement = sql.SQL(
        cast(
            LiteralString,
            psycopg.ClientCursor(conn).mogrify(cast(Any, query), params),
        )
    )
    described = conn.execute(
        sql.SQL("select * from ({}) as described limit 0").format(statement)
    )
    types = {
        column.name: arrow_type(column.type_code)
        for column in described.description or ()
    }
    buffer = io.BytesIO()
    with (
        conn.cursor() as cursor,
        cursor.copy(
            sql.SQL("copy ({}) to stdout (format csv, header)").format(statement)
        ) as copy,
    ):
        for chunk in copy:
            buffer.write(chunk)
    table = csv.read_csv(
        pa.BufferReader(buffer.getbuffer()),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=types,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
        ),
    )
    return to_pandas(table)


def _copy_from(table: str, columns: Sequence[str], form: str) -> sql.Composed:
    return sql.SQL("copy {} ({}) from stdin (format {})").format(
        table_identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.Identifier(form),
    )
