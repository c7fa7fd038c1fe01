"""quanyu oneid: what the identity layer knows, and how good it is."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    import pandas as pd

    from identity.evaluate import Evaluation
    from identity.explain import Explanation, Step
    from identity.quality import Score
    from warehouse.connection import Connection

oneid = typer.Typer(help="OneID: who is who, and how sure.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the group to the application."""
    app.add_typer(oneid, name="oneid")


@oneid.callback()
def group() -> None:
    """OneID: who is who, and how sure."""


@oneid.command()
def evaluate(
    truth: Annotated[Path, typer.Option(help="Truth file of the sample.")],
    examples: Annotated[
        int, typer.Option(min=0, help="Over- and under-merges to show.")
    ] = 5,
    save: Annotated[
        bool, typer.Option("--save", help="Keep the figures in identity.oneid_quality.")
    ] = False,
    without_guards: Annotated[
        bool,
        typer.Option(
            "--without-guards",
            help="Resolve once more without limits and blocked values, and compare.",
        ),
    ] = False,
) -> None:
    """Compare OneID with a known truth: precision and recall over pairs and clusters.

    Example: quanyu oneid evaluate --truth .quanyu/sample_truth/truth.parquet
    """
    from identity import evaluate as evaluation
    from warehouse.connection import connect

    frame = evaluation.read_truth(truth)
    with connect() as conn:
        result = evaluation.evaluate(conn, frame)
        if save:
            evaluation.save(conn, result)
        show(result, examples)
        if without_guards:
            show_without_guards(conn, frame, examples)


def show_without_guards(conn: Connection, truth: pd.DataFrame, examples: int) -> None:
    """Print the same of a OneID that blocks, limits and refuses nothing."""
    from identity import evaluate as evaluation
    from identity.beside import built_beside
    from identity.guards import write_without_guards

    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        write_without_guards(Path(folder))
        with (
            console.status("Resolving OneID without guards ..."),
            built_beside(conn, Path(folder)) as schema,
        ):
            result = evaluation.evaluate(conn, truth, schema)
    console.print("\nWithout guards: no limit, no blocked value, no unique type.")
    show(result, examples)


@oneid.command()
def diff(
    rules: Annotated[
        Path,
        typer.Option(help="Folder of changed seeds.", exists=True, file_okay=False),
    ],
    base_date: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Day, as in `quanyu run`."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="Moves to show.")] = 20,
) -> None:
    """Say who would merge and who would split under other rules; nothing is applied.

    The folder holds the seeds of dbt_project/seeds/identity that differ. All moves are
    in identity.oneid_rules_diff afterwards.

    Example: quanyu oneid diff --rules proposed/
    """
    from identity.diff import diff_rules
    from warehouse.connection import connect

    console = Console()
    with connect() as conn, console.status("Resolving OneID under these rules ..."):
        moves = diff_rules(conn, rules, f"{base_date:%Y-%m-%d}" if base_date else "")
    merged = {move.from_customer_id for move in moves if move.op == "merge"}
    split = {move.from_customer_id for move in moves if move.op == "split"}
    freed = sum(move.node_count for move in moves if move.op == "release")
    console.print(
        f"{len(merged):,} customers would merge, {len(split):,} would split, "
        f"{freed:,} identifiers would belong to nobody."
    )
    if moves:
        table = Table("what", "from", "to", "identifiers", "for example")
        for move in moves[:limit]:
            table.add_row(
                move.op,
                str(move.from_customer_id),
                str(move.to_customer_id or "nobody"),
                f"{move.node_count:,}",
                move.label,
            )
        console.print(table)


@oneid.command()
def weights(
    out: Annotated[
        Path | None, typer.Option(help="CSV file to write, in the seed's columns.")
    ] = None,
) -> None:
    """Estimate the weights of the fuzzy tier on this warehouse, without labels.

    What comes out is a proposal: copy it into the seed oneid_fuzzy_weights with a
    reason per row, and look at it with `oneid diff`.

    Example: quanyu oneid weights --out proposed/oneid_fuzzy_weights.csv
    """
    from identity.weights import propose_weights
    from warehouse.connection import connect

    console = Console()
    with connect() as conn, console.status("Comparing customers ..."):
        found = propose_weights(conn)
    if out:
        found.assign(reason="estimated").to_csv(out, index=False)
        console.print(f"Wrote {len(found)} weights to {out}.")
        return
    table = Table("trait", "agreement", "weight")
    for row in found.itertuples(index=False):
        table.add_row(*map(str, row))
    console.print(table)


@oneid.command()
def top(
    by: Annotated[
        Literal["suspicion", "size"], typer.Option(help="What to look at first.")
    ] = "suspicion",
    limit: Annotated[int, typer.Option(min=1, help="Customers to show.")] = 10,
) -> None:
    """Show the customers worth a look: may they be several people?

    Example: quanyu oneid top --by size --limit 20
    """
    from identity.scrutiny import top_customers
    from warehouse.connection import connect

    with connect() as conn:
        found = top_customers(conn, by, limit)
    table = Table("customer", "suspicion", "signs", "identifiers", "phones")
    for row in found:
        table.add_row(*("" if cell is None else str(cell) for cell in row.values()))
    Console().print(table if found else "No customer shows a sign of several people.")


@oneid.command()
def explain(
    first: Annotated[str, typer.Argument(help="value, type:value or type:scope:value")],
    second: Annotated[str | None, typer.Argument(help="another identifier")] = None,
) -> None:
    """Say why two identifiers are one customer, or what keeps them apart.

    One identifier alone: everything that ties its customer together, and what was
    refused. Personal values are masked.

    Example: quanyu oneid explain phone:13912345678 tmall_ouid:AAHx3
    """
    from identity import explain as explanation
    from warehouse.connection import connect

    console = Console()
    with connect() as conn:
        if second is None:
            found, steps = explanation.explain_one(conn, first)
            _print_steps(console, f"Ties of {found.label}", steps)
            return
        result = explanation.explain_pair(conn, first, second)
    console.print(_verdict(result))
    _print_steps(console, "The shortest chain of evidence", result.steps)


def _verdict(result: Explanation) -> str:
    names = f"{result.left.label} and {result.right.label}"
    if result.is_one_customer:
        customer = result.steps[0].left.customer_id
        return f"{names} are one customer ({customer})."
    if not result.steps:
        return f"{names} are not one customer: no record ties them."
    rules = ", ".join(sorted({step.rule for step in result.steps if step.is_refused}))
    return f"{names} are not one customer: refused by {rules}."


def _print_steps(console: Console, title: str, steps: list[Step]) -> None:
    if not steps:
        return
    table = Table(
        "from", "to", "rule", "records", "first", "last", "for example", title=title
    )
    for step in steps:
        rule = f"[red]{step.rule}[/red]" if step.is_refused else step.rule
        cells = [
            (
                f"{one.record_count:,} {one.channel_code} {one.record_type}"
                + (f" ({one.role})" if one.role != "account" else ""),
                f"{one.first_seen_at:%Y-%m-%d}",
                f"{one.last_seen_at:%Y-%m-%d}",
                one.record_id or "",
            )
            for one in step.evidence
        ] or [("", "", "", "")]
        for number, row in enumerate(cells):
            ends = ("", "", "") if number else (step.left.label, step.right.label, rule)
            table.add_row(*ends, *row)
    console.print(table)


def show(result: Evaluation, examples: int) -> None:
    """Print scores and the worst examples."""
    console = Console()
    quality = result.quality
    scores = Table("OneID against truth", "precision", "recall", "F1", "right")
    for name, score in (
        ("pairs of records", quality.pairs),
        ("whole customers", quality.clusters),
    ):
        scores.add_row(name, *_score_cells(score))
    console.print(scores)
    console.print(
        f"{quality.records:,} records of {quality.persons:,} persons in "
        f"{quality.customers:,} customers; {result.unlinked_records:,} records hold no "
        "identifier that may link."
    )
    _print_examples(
        console, "Over-merged: several persons", quality.over_merged, examples
    )
    _print_examples(
        console, "Under-merged: several customers", quality.under_merged, examples
    )


def _score_cells(score: Score) -> list[str]:
    return [
        f"{score.precision:.5f}",
        f"{score.recall:.5f}",
        f"{score.f1:.5f}",
        f"{score.right:,} of {score.claimed:,} claimed, {score.true:,} true",
    ]


def _print_examples(
    console: Console, title: str, cases: pd.DataFrame, examples: int
) -> None:
    if cases.empty or examples == 0:
        return
    table = Table(*cases.columns, title=f"{title} ({len(cases):,} in all)")
    for row in cases.head(examples).itertuples(index=False):
        table.add_row(*(str(value)[:60] for value in row))
    console.print(table)
