"""Files -> parts: CSV bytes ready for COPY, in the order of the drops."""

from __future__ import annotations

import hashlib
import io
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from ingestion.block import BLOCK_BYTES, Block, Quarantined, open_plain
from ingestion.columnar import read_parquet
from ingestion.contract import EXTRA, ROW_KEYS, Table
from ingestion.delimited import read_csv
from ingestion.drops import DropFile
from ingestion.jsonlines import read_jsonl
from warehouse.errors import QuanyuError

READERS: dict[str, Callable[[BinaryIO, Table, str], Iterator[Block]]] = {
    "csv": read_csv,
    "jsonl": read_jsonl,
    "parquet": read_parquet,
}

# So many rows are written as CSV at once.
CSV_ROWS = 16_384

# Content of a table: (channel code, table name, sha256 of the file's bytes).
Content = tuple[str, str, str]


@dataclass(frozen=True)
class Part:
    """Some rows of a file, or the end of one.

    Files small enough come in one part. A file that is already in the ledger is
    `known`; one that cannot land has a `refusal`.
    """

    file: DropFile
    is_last: bool
    file_id: int = 0
    sha256: str = ""
    byte_count: int = 0
    payload: bytes | memoryview = b""
    row_count: int = 0
    quarantined: tuple[Quarantined, ...] = ()
    quarantined_count: int = 0
    seconds: float = 0.0
    known: bool = False
    refusal: str = ""

    def without_content(self) -> Part:
        """Keep the figures only."""
        return replace(self, payload=b"", quarantined=())


def read_parts(
    files: Iterable[DropFile], known: set[Content], load_id: int, next_file_id: int
) -> Iterator[Part]:
    """Read files one after the other; `known` grows with what has been read."""
    for file in files:
        try:
            with _Source(file) as source:
                source.check_size()
                content = (file.channel.channel, file.table.table, source.sha256)
                if content in known:
                    yield Part(file, True, byte_count=source.size, known=True)
                    continue
                yield from _parts_of(source, load_id, next_file_id)
        except OSError as error:
            reason = f"{file.name} cannot be read: {error}."
            yield Part(file, True, refusal=reason)
        except QuanyuError as error:
            yield Part(file, True, refusal=str(error).replace("\0", ""))
        else:
            known.add(content)
            next_file_id += 1


class _Source:
    """An open file with its size and hash; a small one is read into memory, once."""

    def __init__(self, file: DropFile) -> None:
        self.file = file
        self.stream: io.BufferedReader | io.BytesIO = file.path.open("rb")
        self.size = os.fstat(self.stream.fileno()).st_size
        if self.size <= BLOCK_BYTES:
            content = self.stream.read()
            self.stream.close()
            self.stream = io.BytesIO(content)
        self.sha256 = self._hash()

    def __enter__(self) -> _Source:
        return self

    def __exit__(self, *error: object) -> None:
        self.stream.close()

    def check_size(self) -> None:
        """Raise QuanyuError when the file has grown since the ledger was asked."""
        if self.size != self.file.byte_count:
            raise self._changed()

    def check_unchanged(self) -> None:
        """Raise QuanyuError when the file is not what was hashed any more."""
        if not isinstance(self.stream, io.BytesIO) and self._hash() != self.sha256:
            raise self._changed()

    def _changed(self) -> QuanyuError:
        return QuanyuError(
            f"{self.file.name} changed while it was read: load it again when its "
            "upload has ended."
        )

    def _hash(self) -> str:
        self.stream.seek(0)
        digest = hashlib.file_digest(self.stream, "sha256").hexdigest()
        self.stream.seek(0)
        return digest


def _parts_of(source: _Source, load_id: int, file_id: int) -> Iterator[Part]:
    file = source.file
    held = Part(file, False, file_id, source.sha256, source.size)
    blocks = _blocks(source)
    started = time.perf_counter()
    for count, block in enumerate(blocks):
        part = Part(
            file,
            False,
            file_id,
            source.sha256,
            source.size,
            _payload(block, file.table, file_id, load_id),
            len(block.row_no),
            block.quarantined,
            len(block.quarantined),
            time.perf_counter() - started,
        )
        if count:
            yield held
        held = part
        started = time.perf_counter()
    source.check_unchanged()
    yield replace(held, is_last=True)


def _blocks(source: _Source) -> Iterator[Block]:
    """Blocks of a file; an empty file holds no rows, whatever its format."""
    if not source.size:
        return iter(())
    read = READERS[source.file.table.format]
    return read(open_plain(source.stream), source.file.table, source.file.name)


def _payload(
    block: Block, table: Table, file_id: int, load_id: int
) -> bytes | memoryview:
    """Rows as CSV in the order of the table's copied columns."""
    rows = len(block.row_no)
    if not rows:
        return b""
    if block.lines is not None:
        return _spliced(block.lines, block.row_no, file_id, load_id)
    nothing = pa.nulls(rows, pa.string())
    keys = dict(
        zip(
            ROW_KEYS,
            (
                pa.repeat(pa.scalar(file_id, pa.int32()), rows),
                block.row_no,
                pa.repeat(pa.scalar(load_id, pa.int32()), rows),
            ),
            strict=True,
        )
    )
    extra = _extra(block, table)
    values = {name: block.columns.get(name, nothing) for name in table.columns}
    landed = pa.table(keys | {EXTRA: nothing if extra is None else extra} | values)
    try:
        return _as_csv(landed, "none")
    except pa.ArrowInvalid:
        return _as_csv(landed, "needed")


def _spliced(
    lines: pa.Array, row_no: pa.Array, file_id: int, load_id: int
) -> memoryview:
    """Lines as they are behind their keys and an empty _extra."""
    joined = pc.binary_join_element_wise(
        str(file_id), row_no.cast(pa.string()), str(load_id), "", lines, ","
    )
    return memoryview(joined.buffers()[-1])


def _as_csv(rows: pa.Table, quoting: str) -> memoryview:
    """Rows as CSV; "none" raises ArrowInvalid when a value cannot do without quotes.

    "needed" means quotes around all text, which PostgreSQL reads a fifth slower.
    """
    sink = pa.BufferOutputStream()
    arrow_csv.write_csv(
        rows,
        sink,
        arrow_csv.WriteOptions(
            include_header=False, batch_size=CSV_ROWS, quoting_style=quoting
        ),
    )
    return memoryview(sink.getvalue())


def _extra(block: Block, table: Table) -> pa.Array | None:
    """What the contract does not know, as one JSON object per row; null when empty."""
    names = [name for name in block.columns if name not in table.columns]
    if not names:
        return None
    rows = zip(*(block.columns[name].to_pylist() for name in names), strict=True)
    objects = (
        {
            name: value
            for name, value in zip(names, row, strict=True)
            if value is not None
        }
        for row in rows
    )
    return pa.array(
        [json.dumps(one, ensure_ascii=False) if one else None for one in objects],
        pa.string(),
    )
