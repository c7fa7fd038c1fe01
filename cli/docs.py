"""`quanyu docs`: write every generated file of the tree anew."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add `docs`."""
    app.command("docs")(docs)


def docs() -> None:
    """Write what is generated and committed: channel, tag and segment pages, exposures.

    Example: quanyu docs && git diff --stat
    """
    from activation import exposures
    from audience.generate import write_files
    from ingestion import docs as channel_pages
    from warehouse.settings import project_root

    channel_pages.write()
    exposures.main()
    write_files(project_root())
    typer.echo("docs/channels, docs/tags.md, docs/segments.md, segment_members.sql")
    typer.echo("and activation_exposures.yml are current.")
