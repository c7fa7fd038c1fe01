"""`quanyu run` and `quanyu dev`: the daily job in the terminal and in the UI."""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stdout
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn
from rich.table import Table

if TYPE_CHECKING:
    from orchestration.run import RunSummary

console = Console()


def register(app: typer.Typer) -> None:
    """Add `run` and `dev`."""
    app.command("run")(run)
    app.command("dev")(dev)


def run(
    base_date: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="The day to run for; the last complete landed day when left out.",
        ),
    ] = None,
    select: Annotated[
        str | None, typer.Option(help="Assets to run, as the Dagster UI selects them.")
    ] = None,
    landing_dir: Annotated[
        Path | None, typer.Option(help="Directory of daily drops to land first.")
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Push audiences; without it syncs plan.")
    ] = False,
) -> None:
    """Run the daily job: land, resolve OneID, score, tag, select, plan pushes.

    Example: quanyu run --base-date 2017-12-31 --select group:tags
    """
    summary = run_with_progress(
        base_date=base_date, select=select, landing_dir=landing_dir, apply=apply
    )
    print_summary(summary)
    if not summary.success:
        raise typer.Exit(1)


def run_with_progress(
    *,
    base_date: datetime | None = None,
    select: str | None = None,
    landing_dir: Path | None = None,
    apply: bool = False,
) -> RunSummary:
    """Run the job with a progress bar; return what it did."""
    from orchestration.run import Progress as RunProgress
    from orchestration.run import run_day
    from warehouse.settings import state_dir

    # dbt tells every model on stdout; that goes to a file, progress to stderr.
    log = state_dir() / "logs" / "run.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("w", encoding="utf-8") as told,
        redirect_stdout(told),
        Progress(
            "{task.description}",
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            redirect_stdout=False,
        ) as bar,
    ):
        task = bar.add_task("starting", total=None)

        def show(progress: RunProgress) -> None:
            bar.update(
                task,
                total=progress.total,
                completed=progress.done,
                description=progress.label,
            )

        return run_day(
            base_date=base_date.date() if base_date else None,
            select=select,
            landing_dir=landing_dir,
            apply_syncs=apply,
            on_progress=show,
        )


def print_summary(summary: RunSummary) -> None:
    """Print rows, seconds and checks per layer, then what failed."""
    from orchestration.run import LAYERS

    table = Table(title="Run" if summary.success else "Run failed")
    table.add_column("layer")
    for heading in ("assets", "rows written", "seconds", "checks passed", "failed"):
        table.add_column(heading, justify="right")
    for name in [*LAYERS, *sorted(set(summary.layers) - set(LAYERS))]:
        layer = summary.layers.get(name)
        if layer:
            table.add_row(
                name,
                f"{layer.assets:,}",
                f"{layer.rows:,.0f}",
                f"{layer.seconds:,.1f}",
                f"{layer.checks_passed:,}",
                f"{len(layer.checks_failed):,}",
            )
    console.print(table)
    for name, layer in summary.layers.items():
        for check in layer.checks_failed:
            console.print(f"[red]check failed[/] {name}: {check}")
    for error in summary.errors:
        console.print(f"[red]error[/] {escape(error)}")
    if not summary.success:
        console.print(
            "What dbt said: .quanyu/logs/run.log; the run itself: `make dev`."
        )


def dev(
    port: Annotated[int, typer.Option(help="Port of the Dagster UI.")] = 3000,
) -> None:
    """Open the Dagster UI on this project's warehouse.

    Example: quanyu dev --port 3001
    """
    from orchestration.instance import dagster_home
    from warehouse.connection import database_url

    database_url()  # says what to do when the warehouse is not up
    os.environ["DAGSTER_HOME"] = str(dagster_home())
    console.print(f"Dagster UI: [bold]http://127.0.0.1:{port}[/]  (Ctrl+C ends it)")
    dagster = Path(sys.executable).with_name("dagster")
    os.execv(  # noqa: S606  # the UI takes over this process and its signals
        dagster,
        [
            str(dagster),
            "dev",
            "--module-name=orchestration.definitions",
            "--host=127.0.0.1",
            f"--port={port}",
        ],
    )
