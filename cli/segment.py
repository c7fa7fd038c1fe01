"""`quanyu segment`: what there is, and what is generated from it."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.segment_insight import add_commands


def register(app: typer.Typer) -> None:
    """Add the commands."""
    segment = typer.Typer(
        help="Audiences: one SQL file each. Example: quanyu segment list",
        no_args_is_help=True,
    )
    segment.command("list")(list_segments)
    segment.command("show")(show_segment)
    segment.command("generate")(generate)
    add_commands(segment)
    app.add_typer(segment, name="segment")


def list_segments() -> None:
    """List the segments. Example: quanyu segment list."""
    from rich.console import Console
    from rich.table import Table

    from audience.entries import load_segments
    from warehouse.settings import dbt_project_dir

    table = Table("segment", "名称", "goal", "kind", "owner", "expected size")
    for one in load_segments(dbt_project_dir()):
        low, high = one.entry.expected_size
        table.add_row(
            one.code,
            one.entry.name_zh,
            one.goal,
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

    from audience.entries import load_segments
    from warehouse.errors import QuanyuError
    from warehouse.settings import dbt_project_dir, project_root

    found = [one for one in load_segments(dbt_project_dir()) if one.code == code]
    if not found:
        raise QuanyuError(
            f"There is no segment {code}; `quanyu segment list` lists them."
        )
    console = Console()
    _print_fields(
        {
            "file": found[0].file.relative_to(project_root()),
            **found[0].entry.model_dump(),
        }
    )
    console.print(Syntax(found[0].sql, "sql", background_color="default"))


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
