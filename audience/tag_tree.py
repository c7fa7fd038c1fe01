"""Two trees over one store of tags: the retail line's (path) and the brand line's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from audience.entries import Tag

Line = Literal["path", "brand_path"]

LINES: dict[Line, str] = {
    "path": "Retail line (`path`)",
    "brand_path": "Brand line (`brand_path`)",
}


def leaves(tags: Iterable[Tag], line: Line) -> dict[str, list[Tag]]:
    """Return the tags of each place in a line's tree, by place."""
    found: dict[str, list[Tag]] = {}
    for tag in tags:
        place = getattr(tag.entry, line)
        if place:
            found.setdefault(place, []).append(tag)
    return dict(sorted(found.items()))


def below(tags: Iterable[Tag], place: str) -> list[Tag]:
    """Return the tags at a place of either tree or anywhere below it."""
    wanted = f"{place.strip('/')}/"
    return [
        tag
        for tag in tags
        if any(
            f"{path}/".startswith(wanted)
            for path in (tag.entry.path, tag.entry.brand_path)
            if path
        )
    ]


def as_markdown(tags: Iterable[Tag], line: Line) -> list[str]:
    """Return a line's tree as a nested list: branch, then place: its tags."""
    lines: list[str] = []
    branch = ""
    for place, of_place in leaves(tags, line).items():
        first, _, rest = place.partition("/")
        if first != branch:
            lines.append(f"- **{first}**")
            branch = first
        codes = ", ".join(f"`{tag.code}`" for tag in of_place)
        lines.append(f"  - {rest or first}: {codes}")
    return lines or ["None yet."]
