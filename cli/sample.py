"""The `sample` and `sample-check` commands: the sample group and its reckoning."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the commands of the sample group."""
    app.command("sample")(sample)
    app.command("sample-check")(sample_check)


def sample(
    *,
    out: Annotated[
        Path, typer.Option(help="Folder of the drops; the truth lies beside it.")
    ],
    source: Annotated[
        str, typer.Option(help="complete_journey (real) or synthetic.")
    ] = ("complete_journey"),
    first_day: Annotated[
        dt.datetime,
        typer.Option("--from", formats=["%Y-%m-%d"], help="Day of the opening export."),
    ] = dt.datetime(2017, 12, 29),
    last_day: Annotated[
        dt.datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last drop.")
    ] = dt.datetime(2017, 12, 31),
    seed: Annotated[int, typer.Option(help="Same seed, same world.")] = 7,
    noise: Annotated[str, typer.Option(help="Profile of noise.yml.")] = "default",
    households: Annotated[
        int | None, typer.Option(help="So many households only; all by default.")
    ] = None,
    people: Annotated[
        int | None, typer.Option(help="So many people, with --source synthetic.")
    ] = None,
) -> None:
    """Write the sample group's daily channel drops from real or made-up purchases.

    Example: quanyu sample --from 2017-12-29 --to 2017-12-31 --seed 7 --out drops
    Example: quanyu sample --source synthetic --people 100000 --out drops
    """
    from rich.console import Console

    from ingestion.sample.generate import SampleOptions, generate

    options = SampleOptions(
        first_day=first_day.date(),
        last_day=last_day.date(),
        seed=seed,
        noise=noise,
        out=out,
        households=households,
        source=source,
        people=people,
    )
    with Console(stderr=True).status("sample group") as status:
        report = generate(options, progress=status.update)
    print(
        f"{report.drops} drops in {out}: {sum(report.rows.values()):,} rows, "
        f"{report.source_lines:,} source lines, {report.injected:,} rows beyond the "
        f"source; truth in {report.truth}"
    )


def sample_check(
    out: Annotated[Path, typer.Option(help="Folder of the drops given to `sample`.")],
) -> None:
    """Account for every source line and added row in the warehouse, else exit 1.

    Example: quanyu sample-check --out drops
    """
    from rich.console import Console
    from rich.table import Table

    from ingestion.sample.check import reconcile
    from warehouse.connection import connect

    with connect() as connection:
        findings = reconcile(connection, out)
    table = Table(title="Sample group against the warehouse")
    for name in ("what", "expected", "found", "unaccounted"):
        table.add_column(name, justify="left" if name == "what" else "right")
    for row in findings:
        cells = (row.what, row.expected, row.found, str(row.unaccounted))
        table.add_row(*cells, style="red" if row.unaccounted else "")
    Console().print(table)
    if any(row.unaccounted for row in findings):
        raise typer.Exit(1)
