"""quanyu inventory: what has landed, how fresh, how full, and what is used of it."""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from ingestion.inventory import TableEntry

console = Console()


def register(app: typer.Typer) -> None:
    """Add `inventory`."""
    app.command("inventory")(inventory)


def inventory(
    channel: Annotated[
        str | None, typer.Option(help="Show every column of one channel.")
    ] = None,
    unused: Annotated[
        bool, typer.Option("--unused", help="List the columns that nothing uses.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="All figures as one JSON list.")
    ] = False,
) -> None:
    """Show landed tables and columns: rows, freshness, fill rates, use downstream.

    A column is read when a model after staging names what it becomes, checked when it
    only decides which rows are staged, and unused otherwise.

    Example: quanyu inventory --channel tmall
    """
    from ingestion.contract import load_contracts
    from ingestion.inventory import take
    from warehouse.connection import connect
    from warehouse.dbt import read_manifest
    from warehouse.errors import QuanyuError

    channels = load_contracts()
    if channel is not None and channel not in channels:
        raise QuanyuError(f"no channel {channel}: there are {', '.join(channels)}")
    with connect(application_name="quanyu-inventory") as conn:
        tables = take(conn, read_manifest(), channels)
    if channel is not None:
        tables = [one for one in tables if one.channel == channel]
    if as_json:
        typer.echo(json.dumps([one.as_json() for one in tables], ensure_ascii=False))
    elif unused:
        for one in tables:
            for column in one.unused:
                typer.echo(f"raw_{one.channel}.{one.table}.{column}")
    elif channel is not None:
        for one in tables:
            _print_columns(one)
    else:
        _print_channels(tables)


def _print_channels(tables: list[TableEntry]) -> None:
    shown = Table(title="Landed", box=box.SIMPLE_HEAD, title_justify="left")
    shown.add_column("channel", no_wrap=True)
    for heading in ("files", "rows", "last drop", "days", "read", "checked", "unused"):
        shown.add_column(heading, justify="right")
    for name, group in groupby(tables, key=lambda one: one.channel):
        entries = list(group)
        last = max(entries, key=lambda one: str(one.last_drop or ""))
        usage = [
            column.usage
            for one in entries
            for column in one.columns
            if column.is_in_contract
        ]
        unused = usage.count("unused")
        shown.add_row(
            name,
            f"{sum(one.files for one in entries):,}",
            f"{sum(one.rows for one in entries):,}",
            str(last.last_drop or ""),
            "" if last.days_since is None else f"{last.days_since:,}",
            f"{usage.count('read'):,}",
            f"{usage.count('checked'):,}",
            f"{unused:,} ({unused / len(usage):.0%})",
        )
    console.print(shown)
    for one in tables:
        for column in one.unknown:
            console.print(
                f"[yellow]in no contract:[/] {one.channel}.{one.table} brings "
                f"{escape(column)}"
            )
    console.print("Columns: quanyu inventory --channel <channel>; names: --unused.")


def _print_columns(one: TableEntry) -> None:
    from ingestion.inventory import percent

    since = "" if one.days_since is None else f", {one.days_since} days ago"
    shown = Table(
        title=f"{one.channel}.{one.table}: {one.rows:,} rows of {one.files:,} files, "
        f"last drop {one.last_drop or 'none'}{since}",
        caption=f"fill rates of {one.measured_rows:,} rows"
        if one.measured_rows < one.rows
        else None,
        title_justify="left",
    )
    shown.add_column("column")
    shown.add_column("usage")
    shown.add_column("filled", justify="right")
    for column in one.columns:
        known = "" if column.is_in_contract else " [yellow](in no contract)[/]"
        shown.add_row(
            escape(column.column) + known, column.usage, percent(column.fill_rate)
        )
    console.print(shown)
