"""quanyu model list | report | train: what the models say, and how well."""

from __future__ import annotations

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
    group.command()(train)
    app.add_typer(group, name="model", help="Models: runs, reports, training.")


def list_runs() -> None:
    """List the registered runs: what was scored, how well, and whether it is in use.

    Example: quanyu model list
    """
    from orchestration.model_store import model_runs
    from warehouse.connection import connect

    with connect() as conn:
        runs = model_runs(conn)
    table = Table(
        "model",
        "base date",
        "run",
        "AUC",
        "best baseline",
        "ECE",
        "scores",
        box=box.SIMPLE,
        pad_edge=False,
    )
    for run in runs:
        overall = run["metrics"].get("overall", {})
        table.add_row(
            run["model"],
            f"{run['base_date']}",
            str(run["run_id"]),
            _figure(overall.get("auc")),
            _best_baseline(run),
            _figure(overall.get("ece")),
            _fate(run),
        )
    console.print(table if runs else "No model has run yet: `quanyu run` trains them.")


def report(
    model: Annotated[str, typer.Argument(help="Model, see `quanyu model list`.")],
    out: Annotated[
        Path | None,
        typer.Option(help="Folder to write the trees and the pictures to."),
    ] = None,
) -> None:
    """Show the newest run of a model: figures beside baselines, bands, reasons.

    Example: quanyu model report repurchase --out report
    """
    from orchestration.model_store import artefacts, latest_run
    from warehouse.connection import connect

    with connect() as conn:
        run = latest_run(conn, model)
        files = artefacts(conn, run) if out else {}
    print_report(run)
    if out:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (out / name).write_bytes(content)
        console.print(f"Wrote {', '.join(files) or 'nothing'} to {out}.")


def train(
    model: Annotated[str, typer.Argument(help="Model; so far: repurchase.")],
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
    from orchestration.model_store import REPURCHASE, run_repurchase
    from warehouse.connection import connect
    from warehouse.errors import QuanyuError

    if model != REPURCHASE:
        raise QuanyuError(f"There is no model {model}; there is {REPURCHASE}.")
    with connect(application_name="quanyu-model") as conn:
        as_of = base_date.date() if base_date else None
        outcome = run_repurchase(conn, as_of, refreeze=refreeze)
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
    if not run["metrics"]:
        return
    console.print(_brand_table(run))
    console.print(_band_table(run["metrics"]["bands"]))
    strongest = ", ".join(
        f"{one['name_zh']} {one['gain_share']:.0%}"
        for one in run["metrics"]["importance"][:5]
    )
    console.print(f"Strongest features: {strongest}.")
    for note in run["metrics"]["notes"]:
        console.print(f"Note: {note}")


def _brand_table(run: Run) -> Table:
    table = Table(
        "brand",
        "rows",
        "bought",
        "AUC",
        *(name.replace("_", " ") for name in run["baseline_metrics"]),
        "ECE",
        title=f"Back-test on {', '.join(run['metrics']['by_origin'])}: AUC of model"
        " and baselines",
        box=box.SIMPLE,
        pad_edge=False,
    )
    for brand, figures in run["metrics"]["by_brand"].items():
        baselines = (
            _figure(figures["baseline_auc"][name]) for name in run["baseline_metrics"]
        )
        table.add_row(*_row(brand, figures, baselines))
    means = (_figure(one["auc"]) for one in run["baseline_metrics"].values())
    table.add_section()
    table.add_row(*_row("all, mean", run["metrics"]["overall"], means))
    return table


def _row(name: str, figures: dict[str, Any], baselines: Any) -> list[str]:
    return [
        name,
        f"{figures['rows']:,}",
        f"{figures['rate']:.1%}",
        _figure(figures["auc"]),
        *baselines,
        _figure(figures["ece"]),
    ]


def _band_table(bands: list[dict[str, Any]]) -> Table:
    table = Table(
        "brand",
        "band",
        "share",
        "predicted",
        "observed",
        title="Bands over the tested rows",
        box=box.SIMPLE,
        pad_edge=False,
    )
    for one in bands:
        table.add_row(
            one["brand_code"],
            one["band"],
            f"{one['share']:.1%}",
            _rate(one["predicted_rate"]),
            _rate(one["observed_rate"]),
        )
    return table


def _best_baseline(run: Run) -> str:
    known = {
        name: figures["auc"]
        for name, figures in run["baseline_metrics"].items()
        if figures["auc"] is not None
    }
    if not known:
        return "-"
    best = max(known, key=lambda name: known[name])
    return f"{best} {known[best]:.4f}"


def _fate(run: Run) -> str:
    if not run["is_published"]:
        return "not published"
    return "retired" if run["retired_at"] else "published"


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _rate(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"
