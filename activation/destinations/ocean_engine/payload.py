"""Members -> the zip of base64 lines of protobuf that Ocean Engine reads.

message DmpData { repeated IdItem idList = 1; }
message IdItem  { required DataType dataType = 2; required string id = 3; ... }
"""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterator, Sequence

from activation.destinations.base import Batch, BatchError

MOBILE_HASH_SHA256 = 6
IDS_PER_LINE = 10_000
MAX_ZIP_BYTES = 50 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)  # of the file in the zip: the same bytes every time


def render_zip(batch: Batch) -> bytes:
    """Zip of one file, a line for each ten thousand members.

    Raises BatchError when it is larger than Ocean Engine takes.
    """
    keys = [member.key.lower() for member in batch.members]
    lines = b"".join(base64.b64encode(data) + b"\n" for data in _lines(keys))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("ids.txt", _EPOCH), lines)
    content = packed.getvalue()
    if len(content) > MAX_ZIP_BYTES:
        raise BatchError("too_large", f"the zip has {len(content) >> 20} MB")
    return content


def signature(content: bytes) -> str:
    """MD5 that Ocean Engine compares an upload with."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _lines(keys: Sequence[str]) -> Iterator[bytes]:
    for begin in range(0, len(keys), IDS_PER_LINE):
        line = keys[begin : begin + IDS_PER_LINE]
        yield b"".join(_field(1, _id_item(key.encode())) for key in line)


def _id_item(key: bytes) -> bytes:
    return bytes([2 << 3, MOBILE_HASH_SHA256]) + _field(3, key)


def _field(number: int, content: bytes) -> bytes:
    """A length-delimited field, as protobuf writes one."""
    return bytes([number << 3 | 2]) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    digits = bytearray()
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    digits.append(value)
    return bytes(digits)
