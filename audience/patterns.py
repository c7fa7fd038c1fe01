"""Patterns of text that PostgreSQL and DuckDB read alike."""

from __future__ import annotations

import re

# Letters, a dot, a class or a group, each perhaps repeated. Backslashes only before
# signs: \d or \w mean other letters to each engine. Counts small and not nested, since
# they are multiplied out.
_SET = r"\[\^?(?:[^\[\]\\^-](?:-[^\[\]\\^-])?)+\]"
_ONE = rf"(?:[^\\.\[\](){{}}*+?|^$]|\\[.\[\](){{}}*+?|^$/-]|\.|{_SET})"
_TIMES = r"(?:[*+?]|\{\d{1,2}(?:,(?:\d{1,2})?)?\})?"
_BRANCH = rf"(?:{_ONE}{_TIMES})+"
_GROUP = rf"\({_BRANCH}(?:\|{_BRANCH})*\)[*+?]?"
_PART = rf"\^?(?:{_ONE}{_TIMES}|{_GROUP})+\$?"
_REGEX = re.compile(rf"{_PART}(?:\|{_PART})*")
_COUNTS = re.compile(r"\{(\d+)(?:,(\d+))?\}")
LONGEST = 200


def fault_of_like(pattern: str) -> str | None:
    """Return what is wrong with a pattern of `like`, None if nothing is."""
    backslashes = len(pattern) - len(pattern.rstrip("\\"))
    return "a pattern does not end with a single \\" if backslashes % 2 else None


def fault_of_regex(pattern: str) -> str | None:
    """Return what is wrong with a regular expression, None if nothing is."""
    if len(pattern) > LONGEST:
        return f"a regular expression has at most {LONGEST} letters"
    if not _REGEX.fullmatch(pattern):
        return (
            "a regular expression is made of letters, . [] () | ^ $ * + ? {n,m}, one "
            "group deep, with \\ before signs only"
        )
    if any(
        low and high and int(low) > int(high) for low, high in _COUNTS.findall(pattern)
    ):
        return "a count goes from the smaller number to the larger"
    return None
