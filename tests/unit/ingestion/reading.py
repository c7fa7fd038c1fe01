"""Read bytes as a channel file would be read, into plain Python values."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from ingestion import block, delimited
from ingestion.block import open_plain
from ingestion.contract import Table
from ingestion.reader import READERS

NAME = "2017-01-01/tmall/orders_1.csv"


@dataclass
class Read:
    """Rows by number, and quarantined lines by number."""

    rows: dict[int, dict[str, str | None]] = field(default_factory=dict)
    quarantined: dict[int, tuple[str, bytes]] = field(default_factory=dict)

    @property
    def reasons(self) -> dict[int, str]:
        return {row_no: reason for row_no, (reason, _) in self.quarantined.items()}


def table(
    columns: str = "a b c", info: dict[str, str] | None = None, **changes: Any
) -> Table:
    """A contract of these columns, and of a column `info` when described."""
    names = columns.split()
    return Table.model_validate(
        {
            "table": "things",
            "description": "Things.",
            "files": ["things_*"],
            "format": "csv",
            "key": names[:1],
            "required": names[:1],
            "columns": dict.fromkeys(names, "a column")
            | ({"info": info} if info else {}),
            **changes,
        }
    )


def read(content: bytes, contract: Table, name: str = NAME) -> Read:
    found = Read()
    stream = open_plain(io.BytesIO(content))
    for one in READERS[contract.format](stream, contract, name):
        names = list(one.columns)
        values = zip(*(one.columns[name].to_pylist() for name in names), strict=True)
        for row_no, row in zip(one.row_no.to_pylist(), values, strict=True):
            assert row_no not in found.rows
            found.rows[row_no] = dict(zip(names, row, strict=True))
        for line in one.quarantined:
            assert line.row_no not in found.quarantined
            found.quarantined[line.row_no] = (line.reason, line.content)
    return found


@contextmanager
def small_blocks(size: int) -> Iterator[None]:
    """Read in blocks of a few bytes, so that records break off between them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(block, "BLOCK_BYTES", size)
        yield


@contextmanager
def line_by_line() -> Iterator[None]:
    """Read without the fast way."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited._Lines, "_read_fast", lambda *_: None)
        yield
