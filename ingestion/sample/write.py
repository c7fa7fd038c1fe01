"""Files of a drop: CSV, JSON lines and Parquet as the channels write them."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from ingestion.sample.damage import NO_ENCODING, Extra, as_text
from ingestion.sample.export import ExportTable

COMPRESS_FROM = 256 * 1024  # bytes; smaller files stay plain
PLAIN_ONLY = {"campaigns", "stores", "staff", "guide_assignments"}
BOM = b"\xef\xbb\xbf"


def write_file(table: ExportTable, folder: Path, date: str, rows: pa.Table, extra: Extra) -> int:
    """Write one table's file of one drop; return its rows, broken ones included."""
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"{table.name}_{date.replace('-', '')}"
    if extra.repeats:
        rows = pa.concat_tables([rows, rows.take(extra.repeats)])
    if table.kind == "parquet":
        pq.write_table(rows, folder / f"{stem}.parquet", compression="snappy")
        return rows.num_rows
    if table.kind == "csv":
        content = _csv(table, rows, extra)
    else:
        content = _json_lines(table, rows, extra)
    suffix = table.kind
    if len(content) >= COMPRESS_FROM and table.name not in PLAIN_ONLY:
        content = gzip.compress(content, 1, mtime=0)
        suffix += ".gz"
    (folder / f"{stem}.{suffix}").write_bytes(content)
    return rows.num_rows + len(extra.odd_rows) + len(extra.broken)


def _csv(table: ExportTable, rows: pa.Table, extra: Extra) -> bytes:
    header = ",".join(rows.column_names) + "\n"
    # a totals row stands last, so broken lines go before the other odd rows
    body = _csv_rows(rows).decode("utf-8").encode(table.encoding)
    for place, kind in extra.broken:
        line = _csv_rows(rows.slice(place, 1)).decode("utf-8").encode(table.encoding)
        body = _splice(body, _break(line.rstrip(b"\n"), kind))
    odd = b"".join(_csv_rows(row) for row in extra.odd_rows)
    content = header.encode(table.encoding) + body
    content += odd.decode("utf-8").encode(table.encoding)
    return (BOM if table.has_bom else b"") + content


def _csv_rows(rows: pa.Table) -> bytes:
    sink = io.BytesIO()
    options = pacsv.WriteOptions(include_header=False, quoting_style="needed")
    pacsv.write_csv(rows, sink, options)
    return sink.getvalue()


def _json_lines(table: ExportTable, rows: pa.Table, extra: Extra) -> bytes:
    lines = json_lines(rows, table.raw_json)
    odd = [json_lines(_typed(row, rows), table.raw_json)[0] for row in extra.odd_rows]
    body = ("\n".join([*lines, *odd]) + "\n").encode("utf-8")
    for place, kind in extra.broken:
        body = _splice(body, _break(lines[place].encode("utf-8"), kind))
    return body


def json_lines(rows: pa.Table, raw: Sequence[str] = ()) -> list[str]:
    """Return one JSON object per row; amounts as strings, `raw` columns as they are."""
    columns = [_json_values(rows[name], name in raw) for name in rows.column_names]
    keys = ",".join(f"{json.dumps(name)}:%s" for name in rows.column_names)
    template = "{" + keys + "}"
    return [template % values for values in zip(*columns, strict=True)]


def _json_values(column: pa.ChunkedArray, is_raw: bool) -> list[str]:
    kind = column.type
    values = column.cast(pa.string()).to_pylist()
    if is_raw or pa.types.is_integer(kind) or pa.types.is_boolean(kind):
        return ["null" if value is None else value for value in values]
    return [
        "null" if value is None else json.dumps(value, ensure_ascii=False)
        for value in values
    ]


def _typed(row: pa.Table, like: pa.Table) -> pa.Table:
    """Give an odd row's numbers and flags their JSON types back where it can be."""
    cells = []
    for name in row.column_names:
        kind = like[name].type
        plain = pa.types.is_integer(kind) or pa.types.is_boolean(kind)
        cells.append(row[name].cast(kind) if plain else row[name])
    return pa.table(cells, names=row.column_names)


def _break(line: bytes, kind: str) -> bytes:
    """Return a torn or undecodable copy of a line."""
    if kind == "torn_line":
        return _whole_characters(line[: max(4, len(line) // 3)])
    return line[:6] + NO_ENCODING + line[6:]


def _whole_characters(line: bytes) -> bytes:
    """Tear at a comma, so that no character is torn in two."""
    return line[: line.rfind(b",")] if b"," in line else line[:4]


def _splice(body: bytes, line: bytes) -> bytes:
    """Put a line into the middle of the body."""
    middle = body.find(b"\n", len(body) // 2) + 1
    return body[:middle] + line + b"\n" + body[middle:]


__all__ = ["as_text", "json_lines", "write_file"]
