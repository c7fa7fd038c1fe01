"""`quanyu load`: channel files into the raw tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ingestion.report import LoadReport


def register(app: typer.Typer) -> None:
    """Add `load`."""
    app.command("load")(load)


def load(
    directory: Annotated[
        Path,
        typer.Argument(help="Landing directory, or one drop (yyyy-mm-dd) of it."),
    ],
) -> None:
    """Land channel files of DIR/<yyyy-mm-dd>/<channel>/ as they are, each once.

    Files that have landed before are left alone; lines that cannot be read go to
    landing.raw_quarantine with the reason; files that break their contract are refused
    by name, and the command ends with exit code 1.

    Example: quanyu load .quanyu/landing
    """
    from ingestion.report import RefusedFiles

    try:
        report = load_with_progress(directory)
    except RefusedFiles as refused:
        print_report(refused.report)
        raise
    print_report(report)


def load_with_progress(directory: Path) -> LoadReport:
    """Land a directory with a progress bar; return what came of it."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    from ingestion.landing import load_directory
    from ingestion.report import Progress
    from warehouse import migrate
    from warehouse.connection import connect

    columns = (
        TextColumn("landing"),
        BarColumn(),
        DownloadColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
    )
    with (
        Bar(*columns, console=Console(stderr=True)) as bar,
        connect(application_name="quanyu-load") as conn,
    ):
        migrate.apply(conn)
        task = bar.add_task("")

        def show(done: Progress) -> None:
            bar.update(
                task,
                completed=done.bytes_done,
                total=done.bytes_total,
                description=f"{done.rows:,} rows, {done.rows_per_second:,.0f} rows/s",
            )

        return load_directory(conn, directory, show)


def print_report(report: LoadReport) -> None:
    """Print rows per raw table, and every file that did not land."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    console = Console()
    if report.tables:
        table = Table(title="Landed")
        table.add_column("raw table")
        for heading in ("files", "rows", "quarantined", "MB", "rows/s"):
            table.add_column(heading, justify="right")
        for entry in sorted(report.tables.values(), key=lambda one: one.table):
            table.add_row(
                entry.table,
                f"{entry.files:,}",
                f"{entry.rows:,}",
                f"{entry.quarantined:,}",
                f"{entry.bytes / 1e6:,.1f}",
                f"{entry.rows / entry.seconds:,.0f}" if entry.seconds else "",
            )
        console.print(table)
    drops = report.completed_drops
    console.print(
        f"{report.rows:,} rows of {report.files:,} files landed in "
        f"{report.seconds:,.1f} s ({report.rows / max(report.seconds, 1e-9):,.0f} "
        f"rows/s); {report.quarantined:,} lines in quarantine; "
        f"{report.known_files:,} files had landed before; "
        f"{len(drops):,} drops complete"
        + (f", the last of {drops[-1]}." if drops else ".")
    )
    for name in report.unclaimed:
        printable = name.encode(errors="replace").decode()
        console.print(f"[yellow]not claimed by any contract:[/] {escape(printable)}")
    for refusal in report.refused:
        console.print(f"[red]refused:[/] {escape(refusal.reason)}")
