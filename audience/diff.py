"""Who enters and who leaves, by segment: between two days, or versions of the SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

EXAMPLES = 3


@dataclass(frozen=True)
class Difference:
    """What differs in one segment. `before` or `after` is None where it does not exist.

    `entered` and `left` are keys of members; `fault` says why it cannot be compared.
    """

    segment: str
    before: int | None
    after: int | None
    entered: list[Any]
    left: list[Any]
    fault: str = ""

    @property
    def is_change(self) -> bool:
        """Whether there is anything to tell."""
        is_other = self.before is None or self.after is None
        return bool(self.entered or self.left or self.fault or is_other)


def differences(
    before: Mapping[str, set[Any]],
    after: Mapping[str, set[Any]],
    segments: Iterable[str] | None = None,
    faults: Mapping[str, str] | None = None,
) -> list[Difference]:
    """Compare the members of segments, in order of their codes.

    `segments` limits the answer to these; a segment that is missing on one side does
    not exist there. `faults` are segments that could not be asked, and why.
    """
    faults = faults or {}
    codes = set(before) | set(after) | set(faults)
    found = []
    for code in sorted(codes & set(segments) if segments else codes):
        old, new = before.get(code), after.get(code)
        found.append(
            Difference(
                code,
                None if old is None else len(old),
                None if new is None else len(new),
                sorted((new or set()) - (old or set())),
                sorted((old or set()) - (new or set())),
                faults.get(code, ""),
            )
        )
    return found


def masked(key: Any) -> str:
    """Return a key as an example: enough to tell two apart, too little to find one."""
    text = str(key)
    shown = len(text) // 3
    return f"***{text[-shown:] if shown else ''}"


def as_markdown(title: str, found: Iterable[Difference]) -> str:
    """Return the segments that differ as Markdown for a pull request."""
    changes = [one for one in found if one.is_change]
    lines = [f"### Segments: {title}", ""]
    if not changes:
        return "\n".join([*lines, "Nobody enters or leaves any segment.", ""])
    lines += [
        "| segment | before | after | enter | leave | enter, e.g. | leave, e.g. |",
        "|---|--:|--:|--:|--:|---|---|",
    ]
    lines += [
        "| " + " | ".join([f"`{row[0]}`", *row[1:]]) + " |"
        for row in map(cells, changes)
    ]
    entered = sum(len(one.entered) for one in changes)
    left = sum(len(one.left) for one in changes)
    lines += [
        "",
        f"{len(changes)} segment{'s differ' if len(changes) > 1 else ' differs'}: "
        f"{entered:,} enter, {left:,} leave. "
        "Ids are masked.",
    ]
    lines += ["", *(f"- `{one.segment}`: {one.fault}" for one in changes if one.fault)]
    return "\n".join(lines).rstrip() + "\n"


def cells(one: Difference) -> list[str]:
    """Return a difference as the cells of a table."""
    if one.fault:
        return [one.segment, *_sizes(one), "?", "?", "", ""]
    return [
        one.segment,
        *_sizes(one),
        f"+{len(one.entered):,}",
        f"-{len(one.left):,}",
        _examples(one.entered),
        _examples(one.left),
    ]


def _sizes(one: Difference) -> list[str]:
    return ["none" if n is None else f"{n:,}" for n in (one.before, one.after)]


def _examples(keys: list[Any]) -> str:
    return " ".join(masked(key) for key in keys[:EXAMPLES])
