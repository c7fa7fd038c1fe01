"""Files of a drop: CSV, JSON lines and Parquet as the channels write them."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from ingestion.sample.damage import NO_ENCODING, Extra
from ingestion.sample.export import ExportTable
from ingestion.sample.jsontext import json_lines

COMPRESS_FROM = 256 * 1024  # bytes; smaller files stay plain
PLAIN_ONLY = {"campaigns", "stores", "staff", "guide_assignments"}
BOM = b"\xef\xbb\xbf"


def write_file(
    table: ExportTable, folder: Path, stem: str, rows: pa.Table, extra: Extra
) -> int:
    """Write one file of a drop; return its rows, broken ones included."""
    folder.mkdir(parents=True, exist_ok=True)
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
    body = _encoded(table, _csv_rows(rows))
    broken = [
        _break(_encoded(table, _csv_rows(rows.slice(place, 1))).rstrip(b"\n"), kind)
        for place, kind in extra.broken
    ]
    # a totals row stands last, so broken lines go into the middle
    return b"".join(
        [
            BOM if table.has_bom else b"",
            header.encode(table.encoding),
            *_spliced(body, broken),
            *(_encoded(table, _csv_rows(row)) for row in extra.odd_rows),
        ]
    )


def _encoded(table: ExportTable, content: bytes) -> bytes:
    if table.encoding == "utf-8":
        return content
    return content.decode("utf-8").encode(table.encoding)


def _csv_rows(rows: pa.Table) -> bytes:
    """Return CSV without a header, quoted only when some value needs it."""
    for style in ("none", "needed"):
        sink = io.BytesIO()
        options = pacsv.WriteOptions(include_header=False, quoting_style=style)
        try:
            pacsv.write_csv(rows, sink, options)
            break
        except pa.ArrowInvalid:  # a comma or a quote within a value
            continue
    return sink.getvalue()


def _json_lines(table: ExportTable, rows: pa.Table, extra: Extra) -> bytes:
    def told(part: pa.Table) -> bytes:
        return json_lines(part, table.raw_json).to_pybytes()

    broken = [
        _break(told(rows.slice(place, 1)).rstrip(b"\n"), kind)
        for place, kind in extra.broken
    ]
    odd_rows = (told(_typed(row, rows)) for row in extra.odd_rows)
    body = b"".join([told(rows), *odd_rows])
    return b"".join(_spliced(body, broken))


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


def _spliced(body: bytes, lines: list[bytes]) -> list[bytes]:
    """Return the pieces of the body with lines put into its middle."""
    if not lines:
        return [body]
    middle = body.find(b"\n", len(body) // 2) + 1
    return [body[:middle], *(line + b"\n" for line in lines), body[middle:]]
