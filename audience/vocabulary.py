"""The names a condition over customers may use, and what each stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from audience.condition import BASE_DATE, Condition
from audience.entries import Segment, Tag
from audience.rules import TYPED, Rule

_NUMERIC = re.compile(r"numeric\(\s*\d+\s*,\s*(?P<scale>\d+)\s*\)")


@dataclass(frozen=True)
class Kind:
    """What a term is: a PostgreSQL type, and the decimals a number has."""

    name: str
    scale: int = 0

    @property
    def word(self) -> str:
        """How people call it."""
        return _WORDS[self.name]

    @property
    def is_whole(self) -> bool:
        """Whether it is a whole number."""
        return self.name in ("integer", "bigint")

    @classmethod
    def of(cls, data_type: str) -> Kind:
        """Return the kind of a column's data type."""
        numeric = _NUMERIC.fullmatch(data_type)
        return cls("numeric", int(numeric["scale"])) if numeric else cls(data_type)


_WORDS = {
    "integer": "number",
    "bigint": "number",
    "numeric": "number",
    "text": "text",
    "date": "date",
    "timestamp": "date",
    "interval": "span of time",
    "boolean": "condition",
}


@dataclass(frozen=True)
class SavedPredicate:
    """A condition saved by name (收藏)."""

    name: str
    name_zh: str
    owner: str
    condition: Condition


@dataclass
class Vocabulary:
    """Customers' tags, behaviour tags by configuration, segments, saved predicates.

    `has_order_of_text` says whether the warehouse sorts text by code point, as the
    columnar copy does; where it does not, text is compared for equality only. `tags`:
    the entries, when the names were read from a dbt project.
    """

    kinds: dict[str, Kind]
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)  # of enums
    segments: frozenset[str] = frozenset()
    saved: dict[str, SavedPredicate] = field(default_factory=dict)
    has_order_of_text: bool = True
    tags: Mapping[str, Tag] = field(default_factory=dict)

    @classmethod
    def of(cls, tags: Iterable[Tag], rules: Iterable[Rule] = ()) -> Vocabulary:
        """Return a vocabulary of the customers' tags, and of rules that are no tags."""
        own = [tag for tag in tags if tag.entity == "customer"]
        # A wrong rule stops the build, which says why; here it only has no name.
        configured = {
            rule.code: Kind.of(TYPED[rule.measure][0])
            for rule in rules
            if rule.measure in TYPED
        }
        return cls(
            kinds=configured | {tag.code: Kind.of(tag.data_type) for tag in own},
            values={
                tag.code: [str(value) for value in tag.entry.values]
                for tag in own
                if tag.entry.values
            },
            tags={tag.code: tag for tag in own},
        )

    def kind(self, name: str) -> Kind | None:
        """Return what a name stands for; None when there is no such name."""
        if name == BASE_DATE:
            return Kind("date")
        if name in self.saved or name in self.segments:
            return Kind("boolean")
        return self.kinds.get(name)

    def nearest(self, name: str) -> str | None:
        """Return the name that was probably meant."""
        names = [BASE_DATE, *self.kinds, *self.segments, *self.saved]
        found = get_close_matches(name.lower(), names, n=1, cutoff=0.6)
        return found[0] if found else None


def customer_segments(segments: Iterable[Segment]) -> dict[str, str]:
    """Return the codes that customers are members under, with their Chinese names.

    A split has a code of its own and one for each of its groups.
    """
    named: dict[str, str] = {}
    for one in segments:
        if one.entry.entity == "customer":
            groups = [
                f"{one.entry.name_zh}:{group}" for group in one.entry.groups.values()
            ]
            codes = zip(one.member_codes, [one.entry.name_zh, *groups], strict=True)
            named.update(codes)
    return named
