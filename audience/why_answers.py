"""An answer of `quanyu segment why`: a part of a segment's SQL, and what it says."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """A clause or a step, and whether it holds; None: it cannot be known.

    `values` are those of the tags a clause reads. `joined` (and, or, not) says how
    `parts` make it up.
    """

    text: str
    result: bool | None
    values: dict[str, str] = field(default_factory=dict)
    joined: str = ""
    parts: list[Answer] = field(default_factory=list)
    note: str = ""
