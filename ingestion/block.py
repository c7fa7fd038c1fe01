"""What every reader yields: rows as columns of text, and lines it could not read."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

import pyarrow as pa

from warehouse.errors import QuanyuError

# Small enough to stay in the processor's cache and for COPY to begin soon.
BLOCK_BYTES = 1 << 20
MAX_LINE_BYTES = 64 << 20
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True)
class Quarantined:
    """A line nothing could be made of: why, and its bytes as they were."""

    row_no: int
    reason: str
    detail: str
    content: bytes


@dataclass(frozen=True)
class Block:
    """Some rows of a file.

    `columns` are string arrays of equal length under the file's own column names, null
    where the file has nothing; `row_no` (int64) counts the rows of the file from 1,
    quarantined ones among them. Rows that can land as they are come as `lines` too: CSV
    with a newline each, of the contract's columns in their order.
    """

    columns: Mapping[str, pa.Array]
    row_no: pa.Array
    quarantined: tuple[Quarantined, ...] = ()
    lines: pa.Array | None = None


def open_plain(stream: BinaryIO) -> BinaryIO:
    """Return the stream, or what it holds when its first bytes are those of gzip."""
    head = stream.read(len(_GZIP))
    stream.seek(0)
    return gzip.GzipFile(fileobj=stream) if head == _GZIP else stream  # type: ignore[return-value]  # a GzipFile reads like any binary stream


def line_blocks(stream: BinaryIO, name: str) -> Iterator[tuple[bytes, bool]]:
    """Cut a stream into blocks of whole lines, each with "is this the end?".

    Every line but the very last one of the file ends in a newline. Raises QuanyuError
    for torn gzip and for a line that no export would hold.
    """
    pending = b""
    while chunk := _read(stream, name):
        pending += chunk
        cut = pending.rfind(b"\n") + 1
        if cut and len(pending) >= BLOCK_BYTES:
            yield pending[:cut], False
            pending = pending[cut:]
        elif len(pending) > MAX_LINE_BYTES:
            raise QuanyuError(
                f"{name} holds a line of more than {MAX_LINE_BYTES >> 20} MiB: "
                "it is not a text export."
            )
    yield pending, True


def _read(stream: BinaryIO, name: str) -> bytes:
    try:
        return stream.read(BLOCK_BYTES)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise QuanyuError(
            f"{name} is a torn or damaged gzip file ({error}): deliver it again."
        ) from error
