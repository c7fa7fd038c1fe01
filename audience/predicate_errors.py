"""What is wrong with a condition, and where."""

from __future__ import annotations

from textwrap import shorten

from warehouse.errors import QuanyuError

MOST_SAID = 300


class PredicateError(QuanyuError):
    """A condition that is refused; line and column count from 1."""

    def __init__(self, text: str, offset: int, fault: str) -> None:
        before = text[:offset]
        self.line = before.count("\n") + 1
        self.column = offset - (before.rfind("\n") + 1) + 1
        # What is quoted of the text is one line, and not a page.
        said = "".join(one if one.isprintable() else " " for one in fault)
        said = shorten(said, MOST_SAID, placeholder=" ...")
        super().__init__(f"line {self.line}, column {self.column}: {said}.")
