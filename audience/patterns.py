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
# Of letters in a set; a `-` elsewhere may look like one, and is refused with it.
_RANGES = re.compile(r"([^\[\]\\^-])-([^\[\]\\^-])")
LONGEST = 200
MOST_COUNTED = 200


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
    counts = [(int(low), int(high or low)) for low, high in _COUNTS.findall(pattern)]
    if any(low > high for low, high in counts):
        return "a count goes from the smaller number to the larger"
    if sum(high for _, high in counts) > MOST_COUNTED:
        return f"the counts of a regular expression are {MOST_COUNTED} at most in all"
    if any(first > last for first, last in _RANGES.findall(pattern)):
        return "a range of letters goes from the first to the last"
    return None
