"""quanyu erase: the right to be forgotten."""

from __future__ import annotations

from typing import Annotated, Any

import typer


def register(app: typer.Typer) -> None:
    """Add the command `erase`."""
    app.command()(erase)


def erase(
    identifier: Annotated[
        str, typer.Argument(help="Phone, e-mail, account id or customer_id.")
    ],
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it; without, only count.")
    ] = False,
) -> None:
    """Erase a person (PIPL 47): counts what would go, and with --yes does it.

    Asked again after the syncs have been applied, it completes the certificate.

    Example: quanyu erase 13800000001 --yes
    """
    from orchestration import erasure
    from warehouse.connection import connect

    with connect(application_name="quanyu-erase") as conn:
        done = erasure.erase(conn, identifier, do_it=yes)
    rows: list[tuple[Any, ...]] = [
        (place, action, count)
        for action, places in (
            ("erased", done.erased),
            ("redacted", done.redacted),
            ("removal pending", done.pending),
        )
        for place, count in sorted(places.items())
        if count
    ]
    if rows:
        _table(("place", "what", "rows"), rows)
    if not yes:
        typer.echo("This is what --yes would do; nothing was changed.")
        return
    if done.files:
        typer.echo(
            f"{len(done.files)} channel files held the person: delete or redact them "
            f"where they are kept ({', '.join(done.files[:5])}"
            f"{', ...' if len(done.files) > 5 else ''})."
        )
    typer.echo(f"Certificate {done.certificate_id} of erasure.certificates.")
    if done.pending:
        typer.secho(
            "Channels still hold the person. Apply, then erase again to complete: "
            + ", ".join(f"quanyu sync apply {name}" for name in done.pending),
            fg=typer.colors.YELLOW,
        )
    elif done.is_done:
        typer.echo("Complete: nothing here and no channel holds the person.")


def _table(columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title="Erasure", title_justify="left")
    for name in columns:
        table.add_column(name, justify="right" if name == "rows" else "left")
    for row in rows:
        table.add_row(*map(str, row))
    Console().print(table)
