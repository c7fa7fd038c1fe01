"""`quanyu campaign`: what was planned, how it stands, what it changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from audience.campaigns import Report

SPARKS = "▁▂▃▄▅▆▇█"
VERDICTS = {
    "higher": "[green]higher[/]",
    "lower": "[red]lower[/]",
    "alike": "no difference shown",
    "too_small": "[dim]too few people[/]",
}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    campaign = typer.Typer(
        help="Campaigns beside their control. Example: quanyu campaign list",
        no_args_is_help=True,
    )
    campaign.command("list")(list_campaigns)
    campaign.command("show")(show_campaign)
    app.add_typer(campaign, name="campaign")


def list_campaigns() -> None:
    """List the campaigns of the sheet: where each stands by the KPI agreed before.

    Example: quanyu campaign list
    """
    from rich.console import Console
    from rich.table import Column, Table

    from audience.campaigns import read_campaigns
    from warehouse.connection import connect

    with connect() as conn:
        rows = read_campaigns(conn)
    table = Table(
        Column("campaign", no_wrap=True),
        "days",
        Column("status", overflow="fold"),
        Column("KPI", overflow="fold"),
        Column("treated", justify="right", min_width=7),
        Column("control", justify="right", min_width=7),
        Column("95% interval", justify="right", overflow="fold"),
        Column("verdict", overflow="fold"),
        box=None,
    )
    for row in rows:
        table.add_row(
            f"{row['campaign_code']}\n{row['play_name_zh']}: {row['name_zh']}",
            f"{row['starts_on']:%m-%d}\n{row['ends_on']:%m-%d}",
            f"{row['status']}\n{row['population']}",
            row["kpi"],
            figure(row["kpi"], row["treated_estimate"]),
            figure(row["kpi"], row["control_estimate"]),
            interval(row),
            VERDICTS.get(row["verdict"], ""),
        )
    Console().print(table if rows else "The sheet seeds/campaigns has no campaign yet.")


def show_campaign(
    code: Annotated[str, typer.Argument(help="Campaign code.")],
    days: Annotated[int, typer.Option(min=0, help="Days to list, the last ones.")] = 7,
) -> None:
    """Show a campaign: what was agreed, every KPI beside the control, its days.

    Example: quanyu campaign show bakery-2017 --days 14
    """
    from rich.console import Console

    from audience.campaigns import read_report
    from warehouse.connection import connect

    with connect() as conn:
        report = read_report(conn, code)
    console = Console()
    _print_sheet(report)
    for warning in report.warnings():
        console.print(f"[yellow]![/] {warning}")
    for standing in report.standing:
        if standing["read_on"]:
            _print_lift(console, report, standing)
            _print_days(console, report, standing, days)


def figure(kpi: str, number: Any) -> str:
    """Return a KPI as people read it: shares in percent, the rest with two digits."""
    if number is None:
        return ""
    return f"{number:.1%}" if kpi.endswith("_rate") else f"{number:,.2f}"


def interval(row: dict[str, Any], prefix: str = "") -> str:
    """Return the bounds of a difference; those of shares are percentage points."""
    low, high = row[f"{prefix}lower_bound"], row[f"{prefix}upper_bound"]
    if low is None or high is None:
        return ""
    if row["kpi"].endswith("_rate"):
        return f"{100 * low:+.1f} to {100 * high:+.1f} pp"
    return f"{low:+,.2f} to {high:+,.2f}"


def sparkline(numbers: Iterable[Any], most: float) -> str:
    """Return a bar per number, the highest for `most`; a gap where there is none."""
    top = len(SPARKS) - 1
    return "".join(
        " " if number is None else SPARKS[round(top * float(number) / (most or 1))]
        for number in numbers
    )


def _print_sheet(report: Report) -> None:
    sheet = report.sheet
    base = sheet["base_segment_code"]
    fields = {
        "campaign": f"{sheet['campaign_code']} {sheet['name_zh']}",
        "play": f"{sheet['play_name_zh']}, decided by {sheet['kpi']}",
        "segment": f"{sheet['segment_code']}, {sheet['kind']}",
        "base": base or "the audience itself",
        "mechanism": sheet["mechanism"],
        "channel": sheet["channel"],
        "days": f"{sheet['starts_on']} to {sheet['ends_on']}, {sheet['status']}"
        f" (restated until {sheet['settles_on']})",
        "control": f"{sheet['control_percent']:g}%, {_held_back(sheet)}",
        "goal": sheet["goal"],
        "owner": sheet["owner"],
    }
    for name, text in fields.items():
        typer.echo(f"{name + ':':16}{text}")


def _held_back(sheet: dict[str, Any]) -> str:
    """Say which syncs of the segment leave the control alone, and which do not."""
    from activation.specs import load_syncs

    code, percent = sheet["campaign_code"], float(sheet["control_percent"])
    syncs = [one for one in load_syncs() if one.segment == sheet["segment_code"]]
    if not syncs:
        return f"no sync sends {sheet['segment_code']}"
    told = [
        one.name
        if one.holdout and (one.holdout.salt, one.holdout.percent) == (code, percent)
        else f"NOT by {one.name}: holdout: {{percent: {percent:g}, salt: {code}}}"
        for one in syncs
    ]
    return f"held back by {', '.join(told)}"


def _print_lift(console: Console, report: Report, standing: dict[str, Any]) -> None:
    from rich.table import Column, Table

    population = standing["population"]
    table = Table(
        "",
        Column("treated", justify="right"),
        Column("control", justify="right"),
        Column("95% interval", justify="right"),
        "",
        Column("before the start", justify="right"),
        title=f"{population}: {standing['treated_count']:,} treated beside "
        f"{standing['control_count']:,} as of {standing['read_on']}",
        title_justify="left",
        box=None,
    )
    for row in report.lift:
        if row["population"] != population:
            continue
        kpi = row["kpi"]
        table.add_row(
            f"{'★ ' if kpi == standing['kpi'] else '  '}{row['name_zh']} {kpi}",
            figure(kpi, row["treated_estimate"]),
            figure(kpi, row["control_estimate"]),
            interval(row),
            VERDICTS[row["verdict"]],
            f"[yellow]{interval(row, 'before_')}[/]"
            if row["is_unlike_before"]
            else interval(row, "before_"),
        )
    console.print()
    console.print(table)
    total = standing["incremental_total"]
    if total is not None and standing["verdict"] in ("higher", "lower"):
        console.print(f"In all, by {standing['kpi']}: {total:+,.0f}")


def _print_days(
    console: Console, report: Report, standing: dict[str, Any], last: int
) -> None:
    from rich.table import Column, Table

    population, kpi = standing["population"], standing["kpi"]
    series = report.series(population, kpi)
    most = max(
        (float(n) for _, *two in series for n in two if n is not None), default=0
    )
    console.print(f"\n{kpi} by day, of that day's members, up to {figure(kpi, most)}")
    for place, name in enumerate(("treated", "control"), start=1):
        bars = sparkline((day[place] for day in series), most)
        console.print(f"  {name} {bars}", no_wrap=True)
    columns = ("members", "in", "out", "buyers", "orders", "sales", "net sales")
    names = (
        "count", "entered_count", "left_count", "buyer_count", "order_count",
        "sales_amount", "net_amount",
    )  # fmt: skip
    table = Table("day", *(Column(name, justify="right") for name in columns), box=None)
    for day in [one for one in report.days if one["population"] == population][
        len(series) - last :
    ]:
        table.add_row(
            str(day["day_on"]),
            *(
                f"{day[f'treated_{name}']:,} | {day[f'control_{name}']:,}"
                for name in names
            ),
        )
    if last:
        console.print(table)
