"""`quanyu segment diff`: who enters and leaves, between days or revisions."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from audience.diff import Difference
    from audience.revisions import Version
    from warehouse.connection import Connection


class Format(StrEnum):
    """How the answer is written."""

    table = "table"
    markdown = "markdown"


def diff(
    before: Annotated[str, typer.Argument(help="A day (2017-12-30) or a revision.")],
    after: Annotated[
        str,
        typer.Argument(help="As before; the newest day or the working tree if absent."),
    ] = "",
    segment: Annotated[
        list[str] | None, typer.Option(help="Only this segment; can be repeated.")
    ] = None,
    written_as: Annotated[
        Format, typer.Option("--format", help="markdown is fit for a pull request.")
    ] = Format.table,
) -> None:
    """Tell who enters and who leaves each segment.

    Between two days: their recorded members, under the ids of now. Between two git
    revisions: both versions of the segments asked of this warehouse as it is, without
    changing it.

    Example: quanyu segment diff main --format markdown
    """
    from audience.diff import as_markdown
    from warehouse.connection import connect
    from warehouse.errors import QuanyuError

    days = _day(before), _day(after)
    if after and bool(days[0]) != bool(days[1]):
        raise QuanyuError("Compare two days or two revisions, not one with the other.")
    with connect() as conn:
        conn.read_only = True
        if days[0]:
            title, found, notes = _between_days(conn, days[0], days[1], segment)
        else:
            title, found, notes = _between_revisions(conn, before, after, segment)
    if written_as is Format.markdown:
        typer.echo(as_markdown(title, found))
    else:
        _print(title, found)
    for note in notes:
        typer.echo(note)


Answer = tuple[str, list["Difference"], list[str]]


def _between_days(
    conn: Connection, before: date, after: date | None, segments: list[str] | None
) -> Answer:
    from audience.diff import differences
    from audience.history import last_day, members_on

    last = after or last_day(conn) or before
    found = differences(
        members_on(conn, before, identity="now"),
        members_on(conn, last, identity="now"),
        segments,
    )
    return f"{before} → {last}", found, []


def _between_revisions(
    conn: Connection, before: str, after: str, segments: list[str] | None
) -> Answer:
    from rich.console import Console

    from audience.diff import differences
    from audience.revisions import commit_of, members_of, other_changes, versions
    from warehouse.settings import project_root

    root = project_root()
    for revision in filter(None, (before, after)):
        commit_of(root, revision)  # before dbt compiles the other one for nothing
    with (
        tempfile.TemporaryDirectory(prefix="quanyu-diff-") as folder,
        Console(stderr=True).status("") as status,
    ):
        status.update("dbt compiles both versions")

        def side(revision: str | None) -> dict[str, Version]:
            place = Path(tempfile.mkdtemp(dir=folder))
            return versions(conn, root, revision, place)

        with ThreadPoolExecutor() as pool:
            old, new = pool.map(side, (before, after or None))
        # Those that read the same have the same members.
        same = {code for code, one in old.items() if new.get(code) == one}
        status.update("The segments that differ are asked of the warehouse")
        answers = [
            members_of(conn, {c: one for c, one in asked.items() if c not in same})
            for asked in (old, new)
        ]
    (was, was_faults), (is_now, now_faults) = answers
    found = differences(was, is_now, segments, {**was_faults, **now_faults})
    others = other_changes(root, before, after or None)
    notes = [f"{len(same)} segments read the same in both."]
    if others:
        notes.append(
            f"{len(others)} other models or seeds differ as well, such as "
            f"{others[0]}: tags are taken as this warehouse has them."
        )
    return f"{before} → {after or 'working tree'}", found, notes


def _print(title: str, found: Iterable[Difference]) -> None:
    from rich.console import Console
    from rich.table import Table

    from audience.diff import cells

    changes = [one for one in found if one.is_change]
    if not changes:
        typer.echo(f"{title}: nobody enters or leaves any segment.")
        return
    table = Table("segment", title=title)
    for name in ("before", "after", "enter", "leave"):
        table.add_column(name, justify="right")
    table.add_column("enter, e.g.")
    table.add_column("leave, e.g.")
    for one in changes:
        table.add_row(*cells(one))
    Console().print(table)
    for one in changes:
        if one.fault:
            typer.echo(f"{one.segment}: {one.fault}")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
