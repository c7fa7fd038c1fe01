"""`quanyu segment why`: each clause of a segment with one customer's value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from audience.why_answers import Answer

SIGNS = {True: "[green]✓[/]", False: "[red]✗[/]", None: "[yellow]?[/]"}
JOINED = {"and": "all of", "or": "any of", "not": "not"}


def why(
    segment: Annotated[str, typer.Argument(help="Segment code.")],
    customer: Annotated[
        str, typer.Argument(help="customer_id; product_key, store_code for theirs.")
    ],
    unmask: Annotated[
        bool, typer.Option("--unmask", help="Show values that need a consent.")
    ] = False,
) -> None:
    """Explain why somebody is in a segment or not: clause, value, true or false.

    Example: quanyu segment why seg_second_order_due 4711
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from audience.entries import find_segment, load_segments, load_tags
    from audience.saved_predicates import load_vocabulary
    from audience.why import explain
    from warehouse.connection import connect
    from warehouse.settings import dbt_project_dir

    project = dbt_project_dir()
    found = find_segment(load_segments(project), segment)
    tags = {one.code: one for one in load_tags(project)}
    with connect() as conn:
        conn.read_only = True
        vocabulary = load_vocabulary(project)
        told = explain(conn, found, customer, vocabulary, tags, unmask=unmask)
    is_in = (
        f"is in {', '.join(told.codes)}" if told.codes else f"is not in {found.code}"
    )
    console = Console()
    console.print(
        f"{found.entry.entity} {told.member} {is_in} ({found.entry.name_zh}), "
        f"as built for {told.day}.",
        highlight=False,
    )
    for note in told.notes:
        console.print(note, highlight=False)
    table = Table("", "clause", "value", box=None, header_style="dim")
    for depth, one in _lines(told.answers):
        values = ", ".join(f"{name} = {value}" for name, value in one.values.items())
        text = JOINED.get(one.joined, "") or one.text
        table.add_row(
            SIGNS[one.result],
            escape("  " * depth + text),
            escape(", ".join(filter(None, (values, one.note)))),
        )
    console.print(table)


def _lines(answers: list[Answer], depth: int = 0) -> Iterator[tuple[int, Answer]]:
    for one in answers:
        yield depth, one
        yield from _lines(one.parts, depth + 1)
