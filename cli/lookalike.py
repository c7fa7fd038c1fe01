"""`quanyu lookalike`: who resembles an audience most, and how well that is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from orchestration.lookalike_store import Expansion

# People shown, their ids masked.
SHOWN = 5


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(lookalike)


def lookalike(
    segment: Annotated[str, typer.Argument(help="Whom to resemble: a segment.")],
    *,
    size: Annotated[int, typer.Option(help="How many to find at most.")],
    method: Annotated[
        str,
        typer.Option(help="votes | pu | ensemble | spend, or auto: what finds most."),
    ] = "auto",
    min_votes: Annotated[
        int, typer.Option(help="Of how many seeds one must be similar (votes).")
    ] = 1,
    with_seeds: Annotated[
        bool, typer.Option("--with-seeds", help="Seeds first, within the size.")
    ] = False,
    exclude: Annotated[
        list[str] | None, typer.Option(help="Nobody of this segment; repeatable.")
    ] = None,
    save: Annotated[
        str, typer.Option(help="Write it as a segment of this code: seg_like_vip.")
    ] = "",
) -> None:
    """Find who resembles a segment most, and say how well that works for it.

    Ten times, half of the seeds is held out and looked for among everybody else: lift
    is how many times more of them are in the best 5, 10, 20% than chance would put
    there. Saved by votes, the segment follows its seeds every day; saved by another
    method, it is the list of today.

    Example: quanyu lookalike seg_ginseng_vip --size 300 --min-votes 2
    """
    from rich.console import Console

    from audience.new_lookalike import Lookalike, check_code, write_lookalike
    from orchestration.lookalike_store import Wish, expand, keep
    from warehouse.connection import connect
    from warehouse.settings import project_root

    console = Console()
    wish = Wish(segment, size, method, min_votes, with_seeds, tuple(exclude or ()))
    if save:
        check_code(project_root(), save)
    with connect(application_name="quanyu-lookalike") as conn:
        with Console(stderr=True).status(f"Looking for who resembles {segment}"):
            found = expand(conn, wish)
        print_expansion(console, found)
        if not save:
            return
        by_votes = found.method == "votes"
        if not by_votes:
            keep(conn, save, found)
        written = write_lookalike(
            project_root(),
            Lookalike(
                code=save,
                of=segment,
                size=size,
                by_votes=by_votes,
                min_votes=min_votes,
                with_seeds=with_seeds,
                exclude=wish.exclude,
            ),
        )
    for path in written:
        typer.echo(f"wrote {path}")
    typer.echo(f"`quanyu run --select key:segments/{save}` builds it.")


def print_expansion(console: Console, found: Expansion) -> None:
    """Print counts, the figures of each method, and a few of the people, masked."""
    from rich import box
    from rich.table import Table

    from audience.diff import masked

    counts = ", ".join(f"{name} {count:,}" for name, count in found.counts.items())
    console.print(
        f"[bold]{found.wish.segment}[/bold] by {found.method}, as of "
        f"{found.base_date}: {counts}."
    )
    if not found.figures.empty:
        names = [str(name) for name in found.figures]
        table = Table(
            *(name.replace("_", " ") for name in names),
            title="Held-out seeds found, ten draws (difference: to spend, lift5)",
            box=box.SIMPLE,
            pad_edge=False,
        )
        for row in found.figures.itertuples(index=False):
            table.add_row(row[0], *(f"{figure:.2f}" for figure in row[1:]))
        console.print(table)
        console.print(_verdict(found))
    for note in found.notes:
        console.print(f"Note: {note}")
    if len(found.rows):
        first = found.rows.head(SHOWN)
        people = " ".join(masked(one) for one in first["customer_id"])
        console.print(f"The first: {people} (ids are masked).")


def _verdict(found: Expansion) -> str:
    best = found.figures.iloc[0]
    if best["method"] == "spend":
        return "For this audience no ranking beats spend alone."
    return (
        f"For this audience {best['method']} wins: {best['lift5']:.2f} against "
        f"{best['lift5'] - best['difference']:.2f} by spend in the best 5% "
        f"(difference {best['difference']:+.2f}, sd {best['difference_sd']:.2f})."
    )
