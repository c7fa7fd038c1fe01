"""Rows -> the bytes of a CSV part, and parts -> the bytes of the manifest."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import asdict, dataclass
from typing import Any

from activation.destinations.base import Batch, RunInfo


@dataclass(frozen=True)
class Part:
    """What the manifest says of one part."""

    name: str
    rows: int
    bytes: int
    sha256: str


def part_name(chunk: int) -> str:
    """Name of a chunk's file: the same on every attempt."""
    return f"part-{chunk:05d}.csv"


def render_part(batch: Batch, encoding: str = "utf-8") -> bytes:
    """CSV with a header: op, the key, then the others (empty on removal).

    `encoding`: utf-8, or gb18030, which also holds every character there is.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["op", batch.run.key, *batch.run.columns])
    for member in batch.members:
        values = (_cell(member.fields.get(name)) for name in batch.run.columns)
        writer.writerow([batch.op, member.key, *values])
    return text.getvalue().encode(encoding)


def describe_part(name: str, content: bytes, encoding: str = "utf-8") -> Part:
    """Count and hash a part as it lies on disk."""
    rows = sum(1 for _ in csv.reader(io.StringIO(content.decode(encoding)))) - 1
    return Part(name, rows, len(content), hashlib.sha256(content).hexdigest())


def render_manifest(run: RunInfo, parts: list[Part], encoding: str = "utf-8") -> bytes:
    """JSON that lists the parts; holds no time of writing, so it repeats exactly."""
    manifest = {
        "sync": run.sync,
        "run": run.label,
        "base_date": run.base_date.isoformat(),
        "encoding": encoding,
        "key": run.key,
        "columns": ["op", run.key, *run.columns],
        "rows": sum(part.rows for part in parts),
        "parts": [asdict(part) for part in parts],
    }
    return (json.dumps(manifest, ensure_ascii=False, indent=2) + "\n").encode()


def _cell(value: Any) -> Any:
    """Booleans as SQL and JSON write them, not as Python does."""
    return str(value).lower() if isinstance(value, bool) else value
