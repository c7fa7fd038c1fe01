"""`quanyu sync`: list, plan, apply and look after the syncs of activation."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from warehouse.errors import QuanyuError

if TYPE_CHECKING:
    from activation.explain import Preview
    from activation.results import ApplyResult, PlanResult
    from warehouse.connection import Connection

BLOCKED = 3
SOME_REJECTED = 4
WAITING = 5

app = typer.Typer(
    no_args_is_help=True,
    help="Push segments to channels: plan, apply, approve, status, retry, explain.\n\n"
    "Example: quanyu sync plan second_order_due_to_file",
)

SyncName = Annotated[str, typer.Argument(help="A file of activation/syncs/, no .yml.")]
BaseDate = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Default: the last complete landed day."),
]


def register(root: typer.Typer) -> None:
    """Add the group to the root command."""
    root.add_typer(app, name="sync")


@app.command("list")
def list_syncs() -> None:
    """List the syncs: who goes where, under which consent.

    Example: quanyu sync list
    """
    from activation.specs import load_syncs

    rows = [
        (
            sync.name,
            sync.segment,
            sync.destination.type,
            f"{sync.consent.purpose}, {sync.consent.channel}",
            f"{sync.holdout.percent:g}%" if sync.holdout else "none",
            ", ".join(sync.missing_environment()) or "nothing",
        )
        for sync in load_syncs()
    ]
    _table(
        "Syncs", ("sync", "segment", "destination", "consent", "holdout", "unset"), rows
    )


@app.command()
def plan(name: SyncName, base_date: BaseDate = None) -> None:
    """Show what apply would send, and send nothing.

    Exit code 3: a guard would block it.

    Example: quanyu sync plan second_order_due_to_file --base-date 2017-11-30
    """
    from activation import engine
    from activation.specs import load_sync
    from warehouse.connection import connect

    sync = load_sync(name)
    with connect(application_name=f"quanyu-sync-{name}") as conn:
        result = engine.plan(conn, sync, _day(conn, base_date))
    _show_plan(result)
    if result.blocked:
        hint = " Add --approve to send all the same." if result.approvable else ""
        typer.secho(f"Blocked: {result.blocked}{hint}", fg=typer.colors.YELLOW)
        raise typer.Exit(BLOCKED)


@app.command()
def apply(
    name: SyncName,
    base_date: BaseDate = None,
    approve: Annotated[
        bool, typer.Option("--approve", help="Send though a guard finds it unusual.")
    ] = False,
) -> None:
    """Plan from fresh data and send it; safe to repeat, safe to kill.

    Exit codes: 1 sending stopped, 3 a guard blocked it, 4 some rows were rejected or
    are unknown, 5 it waits for the channel and goes on with a later apply.

    Example: quanyu sync apply second_order_due_to_file
    """
    from activation import engine
    from activation.specs import load_sync
    from warehouse.connection import connect

    sync = load_sync(name)
    with connect(application_name=f"quanyu-sync-{name}") as conn:
        result = engine.apply(conn, sync, _day(conn, base_date), approve=approve)
    _show_apply(result)
    if result.status == "blocked":
        raise typer.Exit(BLOCKED)
    if result.status == "waiting":
        raise typer.Exit(WAITING)
    if result.rejected or result.unknown:
        raise typer.Exit(SOME_REJECTED)


@app.command()
def approve(name: SyncName, base_date: BaseDate = None) -> None:
    """Approve what blocks a sync, as its plan is now; the next apply then sends it.

    It holds for that very sentence: with other figures the guard asks again.

    Example: quanyu sync approve second_order_due_to_file
    """
    import getpass

    from activation import operate
    from activation.specs import load_sync
    from warehouse.connection import connect

    sync = load_sync(name)
    with connect(application_name=f"quanyu-sync-{name}") as conn:
        day = _day(conn, base_date)
        sentence = operate.approve(conn, sync, day, getpass.getuser())
    typer.echo(f"Approved: {sentence} `quanyu sync apply {name}` sends it.")


@app.command()
def retry(
    name: SyncName,
    unknown: Annotated[
        bool,
        typer.Option(
            "--unknown",
            help="Also messages of unknown outcome: who did get one gets another.",
        ),
    ] = False,
) -> None:
    """Let the next apply send again what was refused too often to be tried.

    Example: quanyu sync retry second_order_due_to_file
    """
    from activation import operate
    from activation.specs import load_sync
    from warehouse.connection import connect

    sync = load_sync(name)
    with connect(application_name=f"quanyu-sync-{name}") as conn:
        released = operate.retry(conn, sync, unknown)
        left = operate.unknown_count(conn, sync)
    typer.echo(
        f"The next `quanyu sync apply {name}` sends again: {released.rejected} "
        f"refused, {released.unknown} of unknown outcome."
    )
    if left:
        typer.echo(f"{left} messages stay unknown: --unknown sends them again.")


@app.command("test-row")
def test_row(name: SyncName, customer_id: int, base_date: BaseDate = None) -> None:
    """Show what would be sent for one customer, contact points masked; sends nothing.

    Example: quanyu sync test-row second_order_due_to_file 88
    """
    from activation.explain import preview
    from activation.specs import load_sync
    from warehouse.connection import connect

    sync = load_sync(name)
    with connect(application_name=f"quanyu-sync-{name}") as conn:
        row = preview(conn, sync, _day(conn, base_date), customer_id)
    _show_row(row)


@app.command()
def explain(name: SyncName, customer_id: int, base_date: BaseDate = None) -> None:
    """Tell all of one customer in a sync: row, rules, what was sent, channel records.

    Example: quanyu sync explain repurchase_mid_low_to_webhook 88
    """
    from activation.explain import explain
    from activation.specs import load_sync
    from warehouse.connection import connect

    sync = load_sync(name)
    with connect(application_name=f"quanyu-sync-{name}") as conn:
        found = explain(conn, sync, _day(conn, base_date), customer_id)
    _show_row(found.row)
    if found.held:
        run, is_acked, at = found.held
        known = "acknowledged" if is_acked else "of unknown outcome"
        typer.echo(f"The destination holds them: run {run}, {known}, {at:%Y-%m-%d}.")
    else:
        typer.echo("The destination does not hold them.")
    if found.rules:
        _table("Kept back by", ("reason", "channel", "company", "brand"), found.rules)
    if found.log:
        sent = ("run", "day", "op", "status", "code", "message")
        _table("What was sent", sent, found.log)
    if found.sources:
        whence = ("for", "channel", "kind", "record", "last seen")
        _table("Where it comes from", whence, found.sources)


@app.command()
def status(name: SyncName) -> None:
    """Show what the destination holds, the last runs, and what was rejected.

    Example: quanyu sync status repurchase_mid_low_to_webhook
    """
    from activation.specs import load_sync
    from activation.status import REJECT_COLUMNS, RUN_COLUMNS, read_status
    from warehouse.connection import connect

    sync = load_sync(name)
    with connect(application_name=f"quanyu-sync-{name}") as conn:
        found = read_status(conn, sync.name)
    typer.echo(f"{sync.name}: the destination holds {found.held} people.")
    if found.disabled_reason:
        typer.secho(f"Disabled: {found.disabled_reason}", fg=typer.colors.YELLOW)
    _table("Last runs", tuple(RUN_COLUMNS.values()), found.runs)
    if found.rejects:
        columns = tuple(REJECT_COLUMNS.values())
        _table("Rejected, to be sent again", columns, found.rejects)


def _day(conn: Connection, given: datetime | None) -> date:
    if given is not None:
        return given.date()
    row = conn.execute(
        "select last_complete_day from landing.last_complete_day"
    ).fetchone()
    if row is None or row[0] is None:
        raise QuanyuError(
            "No day has been landed completely yet: load one or give --base-date."
        )
    day: date = row[0]
    return day


def _show_plan(result: PlanResult) -> None:
    figures = result.figures
    typer.echo(f"{result.sync} as of {figures.base_date}: a plan, nothing is sent.")
    if result.interrupted_rows:
        typer.echo(
            f"An earlier run was interrupted: apply first settles the "
            f"{result.interrupted_rows} people it had sent without an answer."
        )
    _table(
        "Plan",
        ("", "people"),
        [
            ("in the segment", figures.source_rows),
            *((f"kept back: {why}", count) for why, count in result.suppressed.items()),
            ("may be sent", figures.eligible),
            ("add", figures.adds),
            ("update", figures.updates),
            ("remove", figures.removes),
            ("unchanged", figures.unchanged),
        ],
    )
    if result.sample:
        columns = tuple(dict.fromkeys(name for row in result.sample for name in row))
        rows = [tuple(row.get(name) for name in columns) for row in result.sample]
        _table("Sample, contact points masked", columns, rows)


def _show_row(row: Preview) -> None:
    why = f"kept back: {row.reason}" if row.reason else "may be sent"
    typer.echo(f"Customer {row.customer_id}: {why}.")
    rows = [("key", row.dest_key), *row.fields.items()]
    _table("Row, contact points masked", ("field", "value"), rows)


def _show_apply(result: ApplyResult) -> None:
    if result.status == "blocked":
        typer.secho(f"Blocked: {result.reason}", fg=typer.colors.YELLOW)
        typer.echo("Nothing was sent. `quanyu sync plan` shows more.")
        return
    if result.status == "waiting":
        typer.secho(f"Waiting: {result.reason}.", fg=typer.colors.YELLOW)
    _table(
        f"{result.sync}: run {result.run_id} {result.status.replace('_', ' ')}",
        ("", "people"),
        [
            *([("settled for an earlier run", result.resumed)] * bool(result.resumed)),
            ("added", result.added),
            ("updated", result.updated),
            ("removed", result.removed),
            ("unchanged", result.unchanged),
            ("rejected", result.rejected),
            *([("of unknown outcome", result.unknown)] * bool(result.unknown)),
            *((f"kept back: {why}", count) for why, count in result.suppressed.items()),
        ],
    )


def _table(title: str, columns: tuple[str, ...], rows: list[Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for number, name in enumerate(columns):
        table.add_column(name, no_wrap=not number)
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    Console().print(table)
