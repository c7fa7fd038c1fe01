"""quanyu model list | report | backtest | train: what models say, and how well."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from orchestration.model_store import Run

console = Console()


def register(app: typer.Typer) -> None:
    """Add the group `model`."""
    group = typer.Typer(no_args_is_help=True)
    group.command("list")(list_runs)
    group.command()(report)
    group.command()(backtest)
    group.command()(train)
    app.add_typer(group, name="model", help="Models: runs, reports, training.")


def list_runs() -> None:
    """List the models: their newest runs, how good, and whether they are in use.

    Example: quanyu model list
    """
    from ml.catalogue import MODELS
    from orchestration.model_store import model_runs
    from warehouse.connection import connect

    with connect() as conn:
        runs = model_runs(conn)
    table = Table(
        "model",
        "base date",
        "run",
        "figure",
        "model's",
        "best baseline",
        "scores",
        box=box.SIMPLE,
        pad_edge=False,
    )
    for run in runs:
        figure = _main_figure(run)
        table.add_row(
            run["model"],
            f"{run['base_date']}",
            str(run["run_id"]),
            figure,
            _shown(figure, run["metrics"].get("overall", {}).get(figure)),
            _best_baseline(run, figure),
            _fate(run),
        )
    if runs:
        console.print(table)
    for model in MODELS.values():
        if model.name not in {run["model"] for run in runs}:
            console.print(f"{model.name} has not run yet: `quanyu run` trains it.")


def report(
    model: Annotated[str, typer.Argument(help="Model, see `quanyu model list`.")],
    out: Annotated[
        Path | None,
        typer.Option(help="Folder to write the trees and the pictures to."),
    ] = None,
) -> None:
    """Show the newest run of a model: figures beside baselines, bands, drift.

    Example: quanyu model report repurchase --out report
    """
    from orchestration.model_store import artefacts, latest_run, past_outcomes
    from warehouse.connection import connect

    with connect() as conn:
        run = latest_run(conn, model)
        files = artefacts(conn, run) if out else {}
        past = past_outcomes(conn, model)
    print_report(run)
    if past:
        rows = [list(row.values()) for row in past]
        _print_table("What was said and what happened", list(past[0]), rows)
    if out:
        _write(files, out)


def backtest(
    model: Annotated[str, typer.Argument(help="Model, see `quanyu model list`.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder to write the pictures to.")
    ] = None,
) -> None:
    """Back-test a model on the features as they stand; nothing is kept or published.

    Example: quanyu model backtest repurchase
    """
    from ml.errors import ModelError
    from orchestration.model_store import backtest_model, model_named
    from warehouse.connection import connect
    from warehouse.errors import QuanyuError

    chosen = model_named(model)
    with connect() as conn, console.status(f"Back-testing {model}"):
        try:
            result = backtest_model(conn, chosen)
        except ModelError as error:
            raise QuanyuError(str(error)) from error
    found = result.report
    opens = "opens" if found.verdict.is_published else "stays shut"
    console.print(
        f"[bold]{model}[/bold], {chosen.title_zh}: the gate {opens}. "
        + " ".join(found.verdict.reasons)
    )
    _print_figures(found.as_metrics())
    if out:
        _write(result.artefacts, out)


def train(
    model: Annotated[str, typer.Argument(help="Model, see `quanyu model list`.")],
    base_date: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="The day the features were built for; that of the features if absent.",
        ),
    ] = None,
    refreeze: Annotated[
        bool,
        typer.Option("--refreeze", help="Replace scores already frozen for the month."),
    ] = False,
) -> None:
    """Train a model on the features as they stand; publish if it passes its gate.

    Example: quanyu model train repurchase --refreeze
    """
    from orchestration.model_store import model_named, run_model
    from warehouse.connection import connect

    chosen = model_named(model)
    with (
        connect(application_name="quanyu-model") as conn,
        console.status(f"Training {model}"),
    ):
        as_of = base_date.date() if base_date else None
        outcome = run_model(conn, chosen, as_of, refreeze=refreeze)
    said = {
        "trained": "Trained.",
        "kept": "Kept: this month's scores are frozen (--refreeze replaces them).",
        "repeated": "Nothing to do: the same inputs and code have run already.",
        "skipped": "Skipped.",
    }
    console.print(said[outcome.status])
    if outcome.run:
        print_report(outcome.run)
    else:
        console.print(outcome.reason)


def print_report(run: Run) -> None:
    """Print one registered run."""
    next_month = _next_month(run["base_date"])
    console.print(
        f"[bold]{run['model']}[/bold], data up to {run['base_date']}, "
        f"about {next_month:%Y-%m}: {_fate(run)}. {run['verdict']}"
    )
    _print_figures(run["metrics"])


def _print_figures(metrics: Mapping[str, Any]) -> None:
    for one in metrics.get("tables", []):
        _print_table(one["title"], one["columns"], one["rows"])
    if metrics.get("importance"):
        strongest = ", ".join(
            f"{one['name_zh']} {one['gain_share']:.0%}"
            for one in metrics["importance"][:5]
        )
        console.print(f"Strongest features: {strongest}.")
    for note in metrics.get("notes", []):
        console.print(f"Note: {note}")


def _print_table(title: str, columns: list[str], rows: list[list[Any]]) -> None:
    table = Table(
        *(name.replace("_", " ") for name in columns),
        title=title,
        box=box.SIMPLE,
        pad_edge=False,
    )
    for row in rows:
        table.add_row(*map(_shown, columns, row))
    console.print(table)


def _write(files: Mapping[str, bytes], out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (out / name).write_bytes(content)
    console.print(f"Wrote {', '.join(files) or 'nothing'} to {out}.")


def _best_baseline(run: Run, figure: str) -> str:
    known = {
        name: figures[figure]
        for name, figures in run["baseline_metrics"].items()
        if figures.get(figure) is not None
    }
    if not known:
        return "-"
    best = max(known, key=lambda name: known[name])
    return f"{best} {_shown(figure, known[best])}"


def _main_figure(run: Run) -> str:
    from orchestration.model_store import main_figure

    return main_figure(run["model"])


def _fate(run: Run) -> str:
    if not run["is_published"]:
        return "not published"
    return "retired" if run["retired_at"] else "published"


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _shown(name: str, cell: Any) -> str:
    """Return a figure as people read it: shares as percent, counts with commas."""
    if cell is None:
        return "-"
    if isinstance(cell, bool | str):
        return str(cell)
    if name == "share" or name.endswith(("_share", "_rate")):
        return f"{cell:.1%}"
    return f"{cell:,}" if isinstance(cell, int) else f"{cell:,.4f}"
