"""`quanyu segment`: what there is, and what is generated from it."""

from __future__ import annotations

from itertools import groupby
from typing import Annotated

import typer

from cli.segment_contrast import contrast
from cli.segment_diff import diff
from cli.segment_history import history
from cli.segment_insight import add_commands
from cli.segment_new import new
from cli.segment_why import why


def register(app: typer.Typer) -> None:
    """Add the commands."""
    segment = typer.Typer(
        help="Audiences: one SQL file each. Example: quanyu segment list",
        no_args_is_help=True,
    )
    segment.command("list")(list_segments)
    segment.command("show")(show_segment)
    segment.command("new")(new)
    segment.command("why")(why)
    segment.command("contrast")(contrast)
    segment.command("diff")(diff)
    segment.command("history")(history)
    segment.command("generate")(generate)
    add_commands(segment)
    app.add_typer(segment, name="segment")


def list_segments(
    kind: Annotated[str, typer.Option(help="Only of this kind: snapshot.")] = "",
    goal: Annotated[str, typer.Option(help="Only for this goal: win_back.")] = "",
) -> None:
    """List the segments. Example: quanyu segment list --goal win_back."""
    from rich.console import Console
    from rich.table import Column, Table

    from audience.entries import load_segments
    from warehouse.errors import QuanyuError
    from warehouse.settings import dbt_project_dir

    # Codes are there to be copied: on a narrow screen the others are folded.
    table = Table(Column("segment", no_wrap=True), box=None)
    for name in ("名称", "kind", "owner", "expected size"):
        table.add_column(name, overflow="fold")
    segments = [
        one
        for one in load_segments(dbt_project_dir())
        if kind in ("", one.entry.kind) and goal in ("", one.goal)
    ]
    if not segments:
        raise QuanyuError("No segment is so; `quanyu segment list` lists all.")
    for of_goal, ones in groupby(segments, key=lambda one: one.goal):
        table.add_row(f"[bold]{of_goal}")
        for one in ones:
            low, high = one.entry.expected_size
            table.add_row(
                one.code,
                one.entry.name_zh,
                one.entry.kind,
                one.entry.owner,
                f"{low} - {high}",
            )
    Console().print(table)


def show_segment(code: Annotated[str, typer.Argument(help="Segment code.")]) -> None:
    """Show a segment: who it is for, and its SQL.

    Example: quanyu segment show seg_second_order_due
    """
    from rich.console import Console
    from rich.syntax import Syntax

    from audience.entries import find_segment, load_segments
    from warehouse.settings import dbt_project_dir, project_root

    found = find_segment(load_segments(dbt_project_dir()), code)
    console = Console()
    _print_fields(
        {
            "file": found.file.relative_to(project_root()),
            **found.entry.model_dump(exclude_unset=True, mode="json"),
        }
    )
    console.print(Syntax(found.sql, "sql", background_color="default"))


def generate(
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail when a file is stale.")
    ] = False,
) -> None:
    """Write segment_members.sql, docs/segments.md and docs/tags.md.

    Example: quanyu segment generate
    """
    from audience.generate import stale_files, write_files
    from warehouse.errors import QuanyuError
    from warehouse.settings import project_root

    if check:
        stale = ", ".join(str(path) for path in stale_files(project_root()))
        if stale:
            raise QuanyuError(f"Stale: {stale}; run `quanyu segment generate`.")
        return
    for path in write_files(project_root()):
        typer.echo(f"wrote {path}")


def _print_fields(fields: dict[str, object]) -> None:
    for name, value in fields.items():
        typer.echo(f"{name + ':':16}{value}")
