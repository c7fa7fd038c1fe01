"""What is wrong with a condition, and where."""

from __future__ import annotations

from warehouse.errors import QuanyuError


class PredicateError(QuanyuError):
    """A condition that is refused; line and column count from 1."""

    def __init__(self, text: str, offset: int, fault: str) -> None:
        before = text[:offset]
        self.line = before.count("\n") + 1
        self.column = offset - (before.rfind("\n") + 1) + 1
        super().__init__(f"line {self.line}, column {self.column}: {fault}.")
