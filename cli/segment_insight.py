"""`quanyu segment estimate | profile | overlap | compare | copy`."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pandas as pd
    from rich.table import Table

    from audience.engine.engine import Engine, Holdout

Condition = Annotated[
    str,
    typer.Argument(
        help="As in a segment's where: tags, segments, saved predicates.",
        show_default=False,
    ),
]
Tags = Annotated[list[str] | None, typer.Option("--tag", help="Only this tag.")]
Top = Annotated[int, typer.Option(help="Rows to show, the surest first.")]
CsvFile = Annotated[Path | None, typer.Option(help="Write all rows to a CSV file.")]
# More audiences than that and a matrix no longer fits a screen.
WIDEST_MATRIX = 6


def add_commands(segment: typer.Typer) -> None:
    """Add the commands to `quanyu segment`."""
    for command in (estimate, profile, overlap, compare):
        segment.command()(command)
    segment.command("copy")(copy_people)


def estimate(
    condition: Condition,
    by: Annotated[str, typer.Option(help="Break down by a tag.")] = "",
    sync: Annotated[str, typer.Option(help="Hold out whom this sync does.")] = "",
) -> None:
    """Count an audience before it is built: selected, reachable, left.

    Left is without who is protected (seg_marketing_suppressed, and the holdout of a
    sync). The day is that of the newest columnar copy.

    Example: quanyu segment estimate "value_tier = 'v5' and not wecom_is_friend"
    """
    from rich.table import Table

    from audience.engine.profile import breakdown

    engine = _engine()
    found = engine.estimate(condition, _holdout(sync))
    rows = breakdown(engine, condition, by) if by else None
    table = Table("", "selected", "left after protection")
    table.add_row("people", f"{found.selected:,}", f"{found.left:,}")
    for channel, people in found.reachable.items():
        left = f"{found.reachable_left[channel]:,}"
        table.add_row(f"reachable by {channel}", f"{people:,}", left)
    _print(engine, table)
    if rows is not None:
        _print_rows(engine, rows.assign(tag=by)[["tag", *rows.columns]], len(rows))


def profile(
    condition: Condition,
    base: Annotated[
        str, typer.Option(help="Beside whom; everybody not excluded without it.")
    ] = "",
    *,
    tag: Tags = None,
    top: Top = 30,
    csv: CsvFile = None,
) -> None:
    """Say who an audience is: TGI of every tag, and whether it is chance.

    TGI is the share in the audience over the share in the base x 100; q is the p value
    corrected for the number of tags and values looked at.

    Example: quanyu segment profile seg_ginseng_vip --base "member_tier is not null"
    """
    from audience.engine.profile import profile as profile_of

    engine = _engine()
    rows = profile_of(engine, condition, base or None, tags=tag)
    _show(engine, rows, top, csv)


def compare(
    one: Condition,
    other: Annotated[str, typer.Argument(help="Another audience.")] = "",
    *,
    public: Annotated[
        Path | None,
        typer.Option(help="Shares an ad platform publishes: CSV of tag,value,share."),
    ] = None,
    tag: Tags = None,
    top: Top = 30,
    csv: CsvFile = None,
) -> None:
    """Compare two audiences, and an ad platform's published shares as a third.

    Example: quanyu segment compare seg_quality seg_sleeping_high_value
    """
    from audience.engine.profile import profile as profile_of
    from audience.engine.public import compare_public
    from warehouse.errors import QuanyuError

    engine = _engine()
    if not other and public is None:
        raise QuanyuError("Name another audience, or a file by --public.")
    if other:
        rows = profile_of(engine, one, other, tags=tag)
        rows = rows.rename(columns={"base": "other", "base_share": "other_share"})
        _show(engine, rows, top, csv if public is None else None)
    if public is not None:
        third = compare_public(engine, one, public)
        if other:
            beside = compare_public(engine, other, public)["share"]
            third.insert(3, "other_share", beside)
        _show(engine, third, top, csv)


def overlap(
    audiences: Annotated[
        list[str] | None,
        typer.Argument(help="Conditions, two or more; all segments without any."),
    ] = None,
    *,
    top: Top = 30,
    csv: CsvFile = None,
) -> None:
    """Say how many people every two audiences share.

    Example: quanyu segment overlap seg_quality seg_run_out_14d "value_tier = 'v5'"
    """
    import numpy as np
    import pandas as pd
    from rich.table import Table

    from warehouse.errors import QuanyuError

    engine = _engine()
    names = audiences or sorted(engine.vocabulary.segments)
    if len(names) < 2:
        raise QuanyuError("An overlap is of two audiences or more.")
    shared = engine.overlap(names)
    sizes = shared.diagonal()
    if csv:
        pd.DataFrame(shared, names, names).to_csv(csv)
    if len(names) <= WIDEST_MATRIX:
        table = Table("", *names)
        for name, row in zip(names, shared, strict=True):
            table.add_row(name, *(f"{people:,}" for people in row))
        _print(engine, table)
        return
    ones, others = np.triu_indices(len(names), 1)
    both = shared[ones, others]
    smaller = np.minimum(sizes[ones], sizes[others])
    table = Table("audience", "people", "audience", "people", "both", "of the smaller")
    for place in np.argsort(-both / np.maximum(smaller, 1), kind="stable")[:top]:
        one, other = ones[place], others[place]
        table.add_row(
            names[one],
            f"{sizes[one]:,}",
            names[other],
            f"{sizes[other]:,}",
            f"{both[place]:,}",
            f"{both[place] / max(smaller[place], 1):.0%}",
        )
    _print(engine, table)


def copy_people() -> None:
    """Make the columnar copy that the others read, of the warehouse as it is.

    `quanyu run` does this after the segments, every day.

    Example: quanyu segment copy
    """
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TimeElapsedColumn

    from audience.engine.build import make_copy
    from warehouse.connection import connect
    from warehouse.settings import dbt_project_dir

    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn())
    bar = Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True))
    with bar, connect(application_name="quanyu-audience") as conn:
        task = bar.add_task("copying customers", total=None)
        copy = make_copy(
            conn,
            dbt_project_dir(),
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    typer.echo(
        f"{copy.people:,} customers of {copy.base_date}, {copy.bytes / 1e6:,.1f} MB, "
        f"digest {copy.digest[:12]}: {copy.folder}"
    )


def _engine() -> Engine:
    from audience.engine.engine import Engine
    from warehouse.settings import dbt_project_dir

    return Engine.open(dbt_project_dir())


def _holdout(sync: str) -> Holdout | None:
    from activation.specs import load_sync
    from audience.engine.engine import Holdout

    spec = load_sync(sync).holdout if sync else None
    return Holdout(spec.salt, spec.percent) if spec else None


def _show(engine: Engine, rows: pd.DataFrame, top: int, csv: Path | None) -> None:
    if csv:
        rows.to_csv(csv, index=False)
        typer.echo(f"wrote {len(rows):,} rows to {csv}")
    _print_rows(engine, rows, top)
    if "is_significant" in rows:
        sure = int(rows["is_significant"].sum())
        typer.echo(f"{sure:,} of {len(rows):,} differ by more than chance (q <= 0.05).")


def _print_rows(engine: Engine, rows: pd.DataFrame, top: int) -> None:
    from rich.table import Column, Table

    shown = [str(name) for name in rows if name not in ("z", "p")]
    # On a narrow screen names are folded: a figure cut short says nothing.
    table = Table(
        *(
            Column(
                "" if name == "is_significant" else name,
                no_wrap=name not in ("tag", "value"),
                overflow="fold",
                justify="left" if name in ("tag", "value") else "right",
            )
            for name in shown
        ),
        box=None,
    )
    for row in rows[shown].head(top).to_dict("records"):
        value = engine.copy.name(f"{row['tag']}={row['value']}")
        row["value"] = f"{row['value']} {value}".strip()
        row["tag"] = f"{row['tag']}\n{engine.copy.name(row['tag'])}".strip()
        table.add_row(*(_cell(name, row[name]) for name in shown))
    _print(engine, table)


def _cell(name: str, value: object) -> str:
    if isinstance(value, float) and math.isnan(value):  # too few people to say
        return ""
    if name == "is_significant":
        return "*" if value else ""
    if isinstance(value, float):
        if name.endswith("share"):
            return f"{value:.1%}"
        return f"{value:.0f}" if name.endswith("tgi") else f"{value:.2g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _print(engine: Engine, table: Table) -> None:
    from rich.console import Console

    table.caption = f"{engine.copy.people:,} customers of {engine.copy.base_date}"
    Console().print(table)
