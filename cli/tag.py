"""`quanyu tag`: what tags there are, and rules that become columns."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.segment import list_tags, show_tag

tag = typer.Typer(
    help="Tags: one column each. Example: quanyu tag list", no_args_is_help=True
)
tag.command("list")(list_tags)
tag.command("show")(show_tag)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(tag, name="tag")


@tag.command()
def promote(
    code: Annotated[str, typer.Argument(help="A tag of the seed behaviour_tags.")],
) -> None:
    """Make a behaviour tag by configuration a typed column of its family.

    The rule stays in the seed; `quanyu run` fills the column. Declare its fill rate in
    the entry once it is known.

    Example: quanyu tag promote behaviour_night_view_count_30d
    """
    from audience.generate import write_files
    from audience.promote import promote as promote_rule
    from warehouse.settings import dbt_project_dir, project_root

    changed = promote_rule(dbt_project_dir(), code)
    for path in [*changed, *write_files(project_root())]:
        typer.echo(f"wrote {path}")
