"""Pictures of a comparison as PNG bytes, drawn without a screen."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from mpl_toolkits.mplot3d import Axes3D

from ml.audience_features.forest import ForestWay
from ml.audience_features.space import SpaceWay
from ml.protocol.pictures import importance_png, png

MOST_POINTS = 1_500
COLOURS = {"A": "#d1495b", "B": "#7a8ca3"}


def space_png(way: SpaceWay, *, title: str) -> bytes:
    """Draw people of A and of B (so many of each at most) in the three axes."""
    people = way.space.people
    some = people.some(MOST_POINTS, seed=0)
    figure = Figure(figsize=(7.2, 6), dpi=110)
    axes = figure.add_subplot(projection="3d")
    assert isinstance(axes, Axes3D)  # noqa: S101 - tells the type checker
    for side, colour in reversed(COLOURS.items()):
        inside = some & (people.is_a if side == "A" else ~people.is_a)
        axes.scatter(*way.space.points[inside].T, s=8, c=colour, label=side, alpha=0.6)
    axes.set_title(title)
    for place, set_label in enumerate(
        (axes.set_xlabel, axes.set_ylabel, axes.set_zlabel)
    ):
        set_label(_axis(way, place), fontsize=8)
    axes.legend()
    return png(figure)


def tags_png(importance: dict[str, float], *, title: str) -> bytes:
    """Draw the strongest tags of the forest."""
    table = pd.DataFrame(
        {"feature": list(importance), "gain_share": list(importance.values())}
    )
    return importance_png(table, title=title)


def _axis(way: SpaceWay, place: int) -> str:
    if place >= len(way.space.axes):
        return f"axis {place + 1}"
    share, names = way.space.explained[place], way.space.axes[place]
    return f"{place + 1}: {', '.join(names[:2])} ({share:.0%})"


def pictures(
    space: SpaceWay | None, forest: ForestWay | None, *, title: str
) -> dict[str, bytes]:
    """Return the pictures of the ways that were gone, by file name."""
    found = {}
    if space is not None:
        found["space.png"] = space_png(space, title=title)
    if forest is not None:
        found["importance.png"] = tags_png(forest.importance, title=title)
    return found
