"""Read the sample's files back as a patient person would, by the contracts."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pandas as pd
import yaml

CONTRACTS = Path("ingestion/channels")
# Receipts of messages that our own syncs have sent: a sample's brand has sent none.
ANSWERS = "sms"


def contract_tables() -> list[tuple[str, dict]]:
    """Return (channel, table) of all contracts that a sample writes files of."""
    return [
        (path.parent.name, table)
        for path in sorted(CONTRACTS.glob("*/contract.yml"))
        if path.parent.name != ANSWERS
        for table in yaml.safe_load(path.read_text("utf-8"))["tables"]
    ]


def files_of(drops: Path, channel: str, table: dict) -> list[Path]:
    """Return the files of a table, all drops, in order."""
    return sorted(
        path for glob in table["files"] for path in drops.glob(f"*/{channel}/{glob}")
    )


def read(path: Path, table: dict) -> pd.DataFrame:
    """Return a file's readable rows, all columns as text; broken lines left out."""
    if table["format"] == "parquet":
        return pd.read_parquet(path).astype("str")
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    readable = []
    for line in lines:
        try:
            readable.append(line.decode(table.get("encoding", "utf-8")))
        except UnicodeDecodeError:
            continue
    if table["format"] == "jsonl":
        return pd.DataFrame([row for row in map(_object, readable) if row])
    import csv

    rows = [row for row in csv.reader(readable) if row]
    return pd.DataFrame(
        [row for row in rows[1:] if len(row) == len(rows[0])], columns=rows[0]
    )


def _object(line: str) -> dict | None:
    try:
        return json.loads(line)
    except json.JSONDecodeError:
        return None


def read_table(drops: Path, channel: str, name: str) -> pd.DataFrame:
    """Return all readable rows of a table over all drops."""
    table = next(
        table
        for code, table in contract_tables()
        if (code, table["table"]) == (channel, name)
    )
    return pd.concat(
        [read(path, table) for path in files_of(drops, channel, table)],
        ignore_index=True,
    )
