"""Members -> the zip of one hash per line that Tencent Ads reads."""

from __future__ import annotations

import io
import zipfile

from activation.destinations.base import Batch, BatchError

MAX_ZIP_BYTES = 100 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)  # of the file in the zip: the same bytes every time


def render_zip(batch: Batch) -> bytes:
    """Zip of one text file; raises BatchError when it is larger than is taken."""
    lines = "".join(f"{member.key.lower()}\n" for member in batch.members)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("ids.txt", _EPOCH), lines)
    content = packed.getvalue()
    if len(content) > MAX_ZIP_BYTES:
        raise BatchError("too_large", f"the zip has {len(content) >> 20} MB")
    return content
