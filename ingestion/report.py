"""What a load did."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from warehouse.errors import QuanyuError


@dataclass
class TableReport:
    """Landed in one raw table; `seconds` of work, reading and COPY together."""

    table: str
    files: int = 0
    rows: int = 0
    quarantined: int = 0
    bytes: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Refusal:
    """A file of which nothing landed, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Progress:
    """How far a load is: bytes of files read of all, rows landed so far."""

    bytes_done: int
    bytes_total: int
    rows: int
    seconds: float

    @property
    def rows_per_second(self) -> float:
        """Rows landed per second so far."""
        return self.rows / self.seconds if self.seconds else 0.0


@dataclass
class LoadReport:
    """What one load did, per raw table and in all; `seconds` of wall time."""

    directory: Path
    load_id: int | None = None
    tables: dict[str, TableReport] = field(default_factory=dict)
    known_files: int = 0
    refused: list[Refusal] = field(default_factory=list)
    unclaimed: list[str] = field(default_factory=list)
    completed_drops: list[date] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def files(self) -> int:
        """Files landed."""
        return sum(table.files for table in self.tables.values())

    @property
    def rows(self) -> int:
        """Rows landed."""
        return sum(table.rows for table in self.tables.values())

    @property
    def quarantined(self) -> int:
        """Rows in quarantine."""
        return sum(table.quarantined for table in self.tables.values())

    def table(self, name: str) -> TableReport:
        """Entry of a raw table "schema.table", made when it is new."""
        return self.tables.setdefault(name, TableReport(name))

    def metadata(self, schema: str, table: str) -> dict[str, int | float]:
        """Figures of one raw table, zeros when nothing landed in it."""
        entry = self.tables.get(f"{schema}.{table}", TableReport(""))
        return {
            "files": entry.files,
            "rows": entry.rows,
            "quarantined": entry.quarantined,
            "bytes": entry.bytes,
            "seconds": round(entry.seconds, 3),
        }


class RefusedFiles(QuanyuError):
    """Some files were refused; all others landed, as `report` says."""

    def __init__(self, report: LoadReport) -> None:
        reasons = " ".join(refusal.reason for refusal in report.refused[:5])
        more = len(report.refused) - 5
        super().__init__(
            f"{len(report.refused)} of the files did not land: {reasons}"
            + (f" And {more} more (landing.refused_files)." if more > 0 else "")
        )
        self.report = report
