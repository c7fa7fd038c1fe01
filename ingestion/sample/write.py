"""Files of a drop: CSV, JSON lines and Parquet as the channels write them."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
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
    odd = sum(odd_rows.num_rows for odd_rows in extra.odd_rows)
    return rows.num_rows + odd + len(extra.broken)


def _csv(table: ExportTable, rows: pa.Table, extra: Extra) -> bytes:
    header = ",".join(rows.column_names) + "\n"
    body = _encoded(table, _csv_rows(rows))
    broken = _broken(rows, extra, lambda part: _encoded(table, _csv_one_by_one(part)))
    # a totals row stands last, so broken lines go into the middle
    return b"".join(
        [
            BOM if table.has_bom else b"",
            header.encode(table.encoding),
            *_spliced(body, broken),
            *(_encoded(table, _csv_one_by_one(part)) for part in extra.odd_rows),
        ]
    )


def _encoded(table: ExportTable, content: bytes) -> bytes:
    if table.encoding == "utf-8":
        return content
    return content.decode("utf-8").encode(table.encoding)


def _csv_rows(rows: pa.Table) -> bytes:
    """Return CSV without a header, quoted only when some value needs it."""
    try:
        return _csv_styled(rows, "none")
    except pa.ArrowInvalid:  # a comma or a quote within a value
        return _csv_styled(rows, "needed")


def _csv_one_by_one(rows: pa.Table) -> bytes:
    """Return CSV as for single rows: each is quoted only when it needs it itself."""
    try:
        return _csv_styled(rows, "none")
    except pa.ArrowInvalid:
        return b"".join(_csv_rows(rows.slice(at, 1)) for at in range(rows.num_rows))


def _csv_styled(rows: pa.Table, quoting_style: str) -> bytes:
    sink = io.BytesIO()
    options = pacsv.WriteOptions(include_header=False, quoting_style=quoting_style)
    pacsv.write_csv(rows, sink, options)
    return sink.getvalue()


def _json_lines(table: ExportTable, rows: pa.Table, extra: Extra) -> bytes:
    def told(part: pa.Table) -> bytes:
        return json_lines(part, table.raw_json).to_pybytes()

    broken = _broken(rows, extra, told)
    odd_rows = (told(_typed(part, rows)) for part in extra.odd_rows)
    body = b"".join([told(rows), *odd_rows])
    return b"".join(_spliced(body, broken))


def _broken(
    rows: pa.Table, extra: Extra, told: Callable[[pa.Table], bytes]
) -> list[bytes]:
    """Return broken copies of lines; no value of a file has a line end within."""
    if not extra.broken:
        return []
    lines = told(rows.take([place for place, _ in extra.broken])).split(b"\n")[:-1]
    return [
        _break(line, kind) for line, (_, kind) in zip(lines, extra.broken, strict=True)
    ]


def _typed(rows: pa.Table, like: pa.Table) -> pa.Table:
    """Give odd rows' numbers and flags their JSON types back where it can be."""
    cells = []
    for name in rows.column_names:
        kind = like[name].type
        plain = pa.types.is_integer(kind) or pa.types.is_boolean(kind)
        cells.append(rows[name].cast(kind) if plain else rows[name])
    return pa.table(cells, names=rows.column_names)


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
