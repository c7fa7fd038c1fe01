"""`quanyu segment new`: a segment file with its unit test."""

from __future__ import annotations

from typing import Annotated

import typer


def new(
    goal: Annotated[str, typer.Argument(help="Folder of the segment: win_back.")],
    code: Annotated[str, typer.Argument(help="seg_<who>.")],
    where: Annotated[str, typer.Option(help="Condition over customers' tags.")],
    *,
    kind: Annotated[
        str, typer.Option(help="attributes, events, flow or snapshot.")
    ] = "attributes",
    name_zh: Annotated[str, typer.Option(help="Chinese name.")] = "",
    description: Annotated[str, typer.Option(help="Who it is, in a sentence.")] = "",
    owner: Annotated[str, typer.Option(help="Group that owns it.")] = "crm",
    snapshot_on: Annotated[
        str, typer.Option(help="Day a snapshot is frozen, such as 2018-10-20.")
    ] = "",
) -> None:
    """Write a segment's file with front matter, and a unit test to fill in.

    Example: quanyu segment new win_back seg_lost_vip --where "value_tier = 'v5' and
    lifecycle_stage = 'lost'"
    """
    from audience.new_segment import Wish, new_segment
    from warehouse.settings import project_root

    wish = Wish(goal, code, where, kind, name_zh, description, owner, snapshot_on)
    for path in new_segment(project_root(), wish):
        typer.echo(f"wrote {path}")
    typer.echo(
        "Next: play, kpi and expected_size in its front matter, rows in its unit test; "
        f"quanyu run --select key:segments/{code}"
    )
