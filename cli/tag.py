"""`quanyu tag`: what there is, where it comes from, how it is spread, and new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from audience.distribution import Distribution
    from audience.entries import Tag
    from audience.lineage import Lineage
    from audience.rules import Rule

tag = typer.Typer(
    help="Tags: one column each. Example: quanyu tag list", no_args_is_help=True
)
BAR_WIDTH = 40
WIDE = 120


def register(app: typer.Typer) -> None:
    """Add the group to the application."""
    app.add_typer(tag, name="tag")


@tag.callback()
def group() -> None:
    """Tags: one column each. Example: quanyu tag list."""


@tag.command("list")
def list_tags(
    family: Annotated[str, typer.Option(help="Only this family.")] = "",
    path: Annotated[
        str, typer.Option(help="Only below this place of either tree, such as 交易.")
    ] = "",
    entity: Annotated[
        str, typer.Option(help="Only tags about a customer, product, store or guide.")
    ] = "",
) -> None:
    """List the tags; on a wide screen also their places in both trees, and owners.

    Example: quanyu tag list --path 交易/频次
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Column, Table

    from audience.entries import load_tags
    from audience.tag_tree import below
    from warehouse.errors import QuanyuError
    from warehouse.settings import dbt_project_dir

    tags = load_tags(dbt_project_dir())
    chosen = [
        one
        for one in (below(tags, path) if path else tags)
        if family in ("", one.family) and entity in ("", one.entity)
    ]
    if not chosen:
        raise QuanyuError(
            "No tag is there; docs/tags.md shows families and both trees."
        )
    console = Console()
    is_wide = console.width >= WIDE
    columns = ["名称", *(["path", "brand path", "owner"] if is_wide else []), "type"]
    table = Table(
        Column("tag", no_wrap=True),
        *(Column(name, overflow="fold") for name in columns),
        Column("fill", justify="right"),
        box=SIMPLE_HEAD,
    )
    for one in chosen:
        entry = one.entry
        of_wide = [entry.path, entry.brand_path or "", entry.owner] if is_wide else []
        table.add_row(
            one.code,
            entry.name_zh,
            *of_wide,
            entry.type,
            f"{entry.min_fill:.0%}",
        )
    console.print(table)
    console.print(f"{len(chosen)} tags; fill is the least share that has a value.")


@tag.command("show")
def show_tag(code: Annotated[str, typer.Argument(help="Tag code.")]) -> None:
    """Show a tag: definition, lineage, and how it is spread on the newest day.

    Of a tag by configuration it shows the rule.

    Example: quanyu tag show value_tier
    """
    from rich.console import Console

    from audience.entries import find_tag, load_tags
    from audience.lineage import lineage
    from audience.rules import find_rule, load_rules
    from warehouse.dbt import read_manifest
    from warehouse.settings import dbt_project_dir, project_root

    project = dbt_project_dir()
    tags, rules = load_tags(project), load_rules(project)
    if code in {rule.code for rule in rules} - {one.code for one in tags}:
        _print_rule(find_rule(rules, code))
        return
    found = find_tag(tags, code)
    entry = found.entry.model_dump(by_alias=True, exclude_none=True)
    entry["values"] = ", ".join(
        f"{value} {name}" for value, name in found.entry.values.items()
    )
    console = Console()
    _print_fields(
        {
            "tag": found.code,
            "file": found.file.relative_to(project_root()),
            "description": found.description,
            "data_type": found.data_type,
            **entry,
        }
    )
    _print_lineage(lineage(read_manifest(), found))
    _print_distribution(console, found)


@tag.command("drift")
def drift(
    all_tags: Annotated[
        bool, typer.Option("--all", help="Also what has not moved.")
    ] = False,
) -> None:
    """List the tags that have moved since the day before or since a month ago.

    PSI, the population stability index, says how far; seed tag_drift_rules, how far is
    far.

    Example: quanyu tag drift
    """
    from rich.console import Console
    from rich.table import Table

    from audience.distribution import read_drift
    from warehouse.connection import connect

    with connect() as conn:
        rows = read_drift(conn)
    if not rows:
        typer.echo("Only one day of tags is on record: there is nothing to compare.")
        return
    table = Table("tag", "compared with", "", "PSI", "")
    shown = [row for row in rows if all_tags or row["drift"] != "steady"]
    for row in shown:
        table.add_row(
            row["tag_code"],
            row["comparison"],
            str(row["compared_on"]),
            f"{row['psi']:.3f}",
            row["drift"],
        )
    if shown:
        Console().print(table)
    tags = len({(row["entity"], row["tag_code"]) for row in rows})
    typer.echo(f"{tags} tags compared, {len(shown)} comparisons shown.")


@tag.command("new")
def new(
    family: Annotated[str, typer.Argument(help="Family, such as purchase.")],
    name: Annotated[str, typer.Argument(help="What follows the family in its code.")],
    *,
    name_zh: Annotated[str, typer.Option(help="Chinese name.")] = "",
    description: Annotated[str, typer.Option(help="Chinese definition.")] = "",
    path: Annotated[str, typer.Option(help="Place in the retail line's tree.")] = "",
    values: Annotated[
        str, typer.Option(help="Values of an enum: high=高,low=低.")
    ] = "",
    entity: Annotated[str, typer.Option(help="What the tag is about.")] = "customer",
) -> None:
    """Write a new tag: its column, entry and unit test, as a stub that builds.

    Example: quanyu tag new purchase order_count_60d --name-zh 近60天有效订单数
    """
    from audience.new_tag import Wish, new_tag, read_values
    from warehouse.settings import project_root

    wish = Wish(
        family=family,
        name=name,
        entity=entity,
        name_zh=name_zh,
        description=description,
        path=path,
        values=read_values(values),
    )
    for file in new_tag(project_root(), wish):
        typer.echo(f"wrote {file}")
    typer.echo(
        "Next: its SQL and description, rows of the unit test, min_fill, and a "
        f"definition in tests/integration/tags/definitions/{family}.py."
    )


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

    project, root = dbt_project_dir(), project_root()
    changed = [project / path for path in promote_rule(project, code)]
    for file in [*changed, *(root / path for path in write_files(root))]:
        typer.echo(f"wrote {file.relative_to(root)}")
    typer.echo(
        "Next: `quanyu run --select group:tags`, then min_fill in its entry by what "
        f"`quanyu tag show {code}` says."
    )


def _print_fields(fields: Mapping[str, object]) -> None:
    for name, value in fields.items():
        if value != "":
            typer.echo(f"{name + ':':16}{value}")


def _print_rule(rule: Rule) -> None:
    from audience.rules import SEED

    _print_fields({"rule": f"{SEED.name} line {rule.line}", **rule.row})
    typer.echo(
        "\nIts values are rows of tags.customer_behaviour_tags; "
        f"`quanyu tag promote {rule.code}` makes it a column."
    )


def _print_lineage(found: Lineage) -> None:
    _print_fields(
        {
            "family reads": ", ".join(found.sources),
            "read by tags": ", ".join(found.tags) or "none",
            "segments": ", ".join(found.segments) or "none",
            **({"other models": ", ".join(found.others)} if found.others else {}),
            "syncs": ", ".join(found.syncs) or "none",
        }
    )


def _print_distribution(console: Console, found: Tag) -> None:
    """Print the newest distribution; a tag can be shown before it was ever built."""
    from audience.distribution import read_distribution
    from warehouse.connection import connect
    from warehouse.errors import QuanyuError

    try:
        with connect() as conn:
            spread = read_distribution(conn, found)
    except QuanyuError as error:
        console.print(f"\nNo distribution: {error}", style="dim")
        return
    if spread is None:
        console.print("\nNo distribution: the tag is new, `quanyu run` measures it.")
        return
    figures = spread.figures
    console.print(
        f"\nOn {spread.base_date}: {figures['filled_count']:,} of "
        f"{figures['row_count']:,} have a value ({figures['fill_rate']:.1%}, at least "
        f"{found.entry.min_fill:.0%} declared), "
        f"{figures['distinct_count']:,} different.",
        soft_wrap=True,
    )
    _print_bars(console, found, spread)
    _print_quantiles(console, found, spread)
    for row in spread.drift:
        console.print(
            f"{row['drift']} since {row['compared_on']} ({row['comparison']}): "
            f"PSI {row['psi']:.3f}, {row['chance_psi']:.3f} by chance"
        )


def _print_bars(console: Console, found: Tag, spread: Distribution) -> None:
    from rich.table import Table

    whole = found.data_type in ("bigint", "integer", "date")
    bars = spread.bars(whole=whole)
    if not bars:
        return
    most = max(rows for _, rows in bars)
    unit = {"date": "days before", "number": "from"}.get(found.entry.type, "value")
    table = Table(unit, "", "rows", "", box=None)
    names = found.entry.values
    for label, rows in bars:
        share = rows / spread.figures["filled_count"]
        table.add_row(
            f"{label} {names.get(label, '')}".strip(),
            "█" * max(1, round(BAR_WIDTH * rows / most)),
            f"{rows:,}",
            f"{share:.1%}",
        )
    console.print(table)


def _print_quantiles(console: Console, found: Tag, spread: Distribution) -> None:
    from audience.distribution import QUANTILES

    figures = spread.figures
    if figures["p50"] is None:
        return
    shown = "  ".join(f"{name} {figures[name]:,.6g}" for name in QUANTILES)
    of_dates = " (days before the day)" if found.entry.type == "date" else ""
    console.print(
        f"{shown}{of_dates}; of {figures['sample_size']:,} rows", soft_wrap=True
    )
