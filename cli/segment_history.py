"""`quanyu segment history`: who was in a segment on any day, and the proof of it."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

if TYPE_CHECKING:
    from warehouse.connection import Connection

DATES = ["%Y-%m-%d"]


class Identity(StrEnum):
    """Under which ids members are told."""

    then = "then"
    now = "now"


def history(
    segment: Annotated[
        str, typer.Argument(help="Segment code; with --verify, all when left out.")
    ] = "",
    *,
    on: Annotated[
        datetime | None, typer.Option(formats=DATES, help="Tell of this day only.")
    ] = None,
    identity: Annotated[
        Identity, typer.Option(help="Ids the members had then, or have now.")
    ] = Identity.then,
    known_at: Annotated[
        datetime | None, typer.Option(help="Leave out what later runs corrected.")
    ] = None,
    ids: Annotated[
        bool, typer.Option("--ids", help="With --on: print the ids, one a line.")
    ] = False,
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Rebuild every recorded day and compare."),
    ] = False,
) -> None:
    """Tell the days of a segment: members, entered, left, digest; or prove them.

    Example: quanyu segment history seg_quality --on 2017-12-31 --ids | sha256sum
    """
    from audience.entries import find_segment, load_segments
    from audience.history import members_on
    from warehouse.connection import connect
    from warehouse.errors import QuanyuError
    from warehouse.settings import TIME_ZONE, dbt_project_dir

    if on is None and (ids or known_at or identity is not Identity.then):
        raise QuanyuError(
            "--ids, --known-at and --identity tell of a day: name it --on."
        )
    if segment:
        found = find_segment(load_segments(dbt_project_dir()), segment)
        if found.entry.entity != "customer":
            raise QuanyuError(
                f"{segment} is a segment of {found.entry.entity}s: history is kept of "
                "customers."
            )
    with connect() as conn:
        conn.read_only = True
        if verify:
            _verify(conn, segment or None)
        elif not segment:
            raise QuanyuError("Name a segment, or ask for --verify of all.")
        elif on:
            day = on.date()
            at = known_at.replace(tzinfo=ZoneInfo(TIME_ZONE)) if known_at else None
            members = members_on(conn, day, segment, identity.value, at)
            _print_day(segment, day, members.get(segment, set()), ids)
        else:
            _print_days(conn, segment)


def _print_day(segment: str, day: date, members: set[int], ids: bool) -> None:
    from audience.history import digest_of

    if ids:
        for one in sorted(members):
            typer.echo(one)
        return
    typer.echo(f"{segment} on {day}: {len(members):,} members")
    typer.echo(f"digest {digest_of(members)}")


def _print_days(conn: Connection, segment: str) -> None:
    from rich.console import Console
    from rich.table import Table

    from audience.history import days_of
    from warehouse.errors import QuanyuError

    days = days_of(conn, segment)
    if not days:
        raise QuanyuError(f"{segment} has never had a member.")
    table = Table("day", "digest", "recorded at", title=segment)
    for name in ("members", "entered", "left"):
        table.add_column(name, justify="right")
    for one in days:
        counted = one.counted
        table.add_row(
            f"{counted.day}",
            f"{counted.digest[:12]}…",
            f"{counted.recorded_at:%Y-%m-%d %H:%M}",
            f"{counted.member_count:,}",
            f"{one.entered:,}",
            f"{one.left:,}",
        )
    Console().print(table)


def _verify(conn: Connection, segment: str | None) -> None:
    from rich.progress import Progress

    from audience.history import verify
    from warehouse.errors import QuanyuError

    with Progress(transient=True) as bar:
        task = bar.add_task("days", total=None)

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        said, faults = verify(conn, segment, show)
    if faults:
        lines = [
            f"{one.counted.segment} on {one.counted.day}: recorded "
            f"{one.counted.member_count:,} members, digest {one.counted.digest[:12]}…; "
            f"events give {one.member_count:,}, {one.digest[:12]}…"
            for one in faults
        ]
        raise QuanyuError("\n".join(lines))
    days = {one.day for one in said}
    plural = "" if len(days) == 1 else "s"
    typer.echo(
        f"{len(said):,} counts on {len(days):,} day{plural}: members rebuilt from the "
        "events have the recorded digests."
    )
