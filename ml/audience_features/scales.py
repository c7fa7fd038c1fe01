"""Tags as small ordered numbers, and ranges of these as SQL.

A tree cuts every tag at a place that people can write: numbers at round quantiles, days
relative to base_date, texts between groups of values, which stand in the order of how
much each speaks for A (Breiman et al., Classification and Regression Trees, 1984: for
two classes no split of the values is better than one in that order). What a range of
such numbers selects is what its SQL selects, to the person: a missing value is in a
range only where it says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from ml.audience_features.config import ContrastConfig

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

FALSE, TRUE = 0, 1


@dataclass(frozen=True)
class Tag:
    """What a column of the frames is.

    number: floats with `decimals` decimals that count; day: days after base_date as
    floats; flag: 0 and 1; text. Missing is NaN or None. `unnamed` are values that must
    not stand in a rule. `defines`: A's or B's own definition reads it.
    """

    name: str
    kind: Literal["number", "day", "flag", "text"]
    decimals: int = 0
    title: str = ""
    unnamed: frozenset[str] = frozenset()
    defines: bool = False


@dataclass(frozen=True)
class Span:
    """A range of a tag's small numbers, both ends in it, with or without missing."""

    low: int
    high: int
    with_missing: bool

    def holds(self, codes: Floats) -> Mask:
        """Return who is in it; `codes` are NaN where missing."""
        is_missing = np.isnan(codes)
        inside = (codes >= self.low) & (codes <= self.high)
        return np.asarray(np.where(is_missing, self.with_missing, inside), dtype=bool)


class Scale(Protocol):
    """How the values of one tag become small numbers from 0 to `last`."""

    @property
    def tag(self) -> Tag:
        """The tag."""

    @property
    def last(self) -> int:
        """The highest small number."""

    @property
    def has_missing(self) -> bool:
        """Whether the value of somebody in the frames is missing."""

    def codes(self, column: pd.Series) -> Floats:
        """Return the small number of each row, NaN where the value is missing."""

    def within(self, low: int, high: int) -> str:
        """Return the SQL of a range that is not the whole, of known values."""


def clause(scale: Scale, span: Span) -> str:
    """Return a range as a condition over the tag, empty when everybody is in it."""
    name = scale.tag.name
    with_missing = span.with_missing and scale.has_missing
    if span.low > span.high:
        return f"{name} is null"
    if span.low <= 0 and span.high >= scale.last:
        return "" if with_missing or not scale.has_missing else f"{name} is not null"
    within = scale.within(max(0, span.low), min(scale.last, span.high))
    if not with_missing:
        return within
    if scale.tag.kind == "flag":
        return f"{name} is not {'false' if span.low == TRUE else 'true'}"
    if within.startswith(f"{name} <> "):
        return within.replace(" <> ", " is distinct from ", 1)
    return f"({within} or {name} is null)"


@dataclass(frozen=True)
class NumberScale:
    """Numbers and days: number k is above k cuts, each a value times 10^decimals."""

    tag: Tag
    has_missing: bool
    cuts: npt.NDArray[np.int64]

    @property
    def last(self) -> int:
        """The highest small number."""
        return len(self.cuts)

    def codes(self, column: pd.Series) -> Floats:
        """Return how many cuts each value is above."""
        units = _units(column, self.tag)
        found = np.searchsorted(self.cuts, units, side="left").astype(np.float64)
        found[np.isnan(units)] = np.nan
        return found

    def within(self, low: int, high: int) -> str:
        """Return the SQL of a range."""
        name = self.tag.name
        is_whole = self.tag.decimals == 0
        above = int(self.cuts[low - 1]) if low > 0 else None
        up_to = int(self.cuts[high]) if high < self.last else None
        if is_whole and above is not None:
            first = above + 1
            if up_to is None:
                return f"{name} >= {self._written(first)}"
            if first == up_to:
                return f"{name} = {self._written(first)}"
            return f"{name} between {self._written(first)} and {self._written(up_to)}"
        parts = []
        if above is not None:
            parts.append(f"{name} > {self._written(above)}")
        if up_to is not None:
            parts.append(f"{name} <= {self._written(up_to)}")
        return " and ".join(parts)

    def _written(self, units: int) -> str:
        if self.tag.kind == "day":
            sign = "-" if units < 0 else "+"
            return f"base_date {sign} {abs(units)}" if units else "base_date"
        number = Decimal(units).scaleb(-self.tag.decimals)
        return format(number.normalize() if units else Decimal(0), "f")


@dataclass(frozen=True)
class FlagScale:
    """False is 0, true is 1."""

    tag: Tag
    has_missing: bool
    last: int = TRUE

    def codes(self, column: pd.Series) -> Floats:
        """Return 0 and 1."""
        return _floats(column)

    def within(self, low: int, high: int) -> str:
        """Return the SQL of one of the two."""
        return self.tag.name if low == TRUE else f"not {self.tag.name}"


@dataclass(frozen=True)
class TextScale:
    """Values in the order of how much they speak for A; None is all that are rare."""

    tag: Tag
    has_missing: bool
    values: tuple[str | None, ...]
    # Whether somebody in the frames has one of the rare values.
    has_rare: bool

    @property
    def last(self) -> int:
        """The highest small number."""
        return len(self.values) - 1

    def codes(self, column: pd.Series) -> Floats:
        """Return the place of each value in the order."""
        places = {value: place for place, value in enumerate(self.values)}
        found = _floats(column.astype(object).map(places))
        found = np.where(np.isnan(found), places[None], found)
        return np.where(column.isna(), np.nan, found)

    def within(self, low: int, high: int) -> str:
        """Return the SQL of some of the values."""
        name = self.tag.name
        inside = self.values[low : high + 1]
        named = [value for value in inside if value is not None]
        if None not in inside or (named and not self.has_rare):
            return _listed(name, named, "=", "in")
        outside = [one for one in self.values if one is not None and one not in named]
        return _listed(name, outside, "<>", "not in")


def _listed(name: str, values: Sequence[str], one: str, many: str) -> str:
    written = sorted("'" + value.replace("'", "''") + "'" for value in values)
    if len(written) == 1:
        return f"{name} {one} {written[0]}"
    return f"{name} {many} ({', '.join(written)})"


def fit_scale(
    tag: Tag, column: pd.Series, is_a: Mask, learns: Mask, config: ContrastConfig
) -> Scale:
    """Return the scale of a tag, with the cuts and orders of who is learnt from.

    `column` holds everybody's values.
    """
    has_missing = bool(column.isna().any())
    if tag.kind == "flag":
        return FlagScale(tag, has_missing)
    if tag.kind == "text":
        return _text_scale(tag, column, is_a, learns, config)
    return NumberScale(tag, has_missing, _cuts(tag, column, is_a, learns, config))


def _cuts(
    tag: Tag, column: pd.Series, is_a: Mask, learns: Mask, config: ContrastConfig
) -> npt.NDArray[np.int64]:
    units = _units(column, tag)
    shares = np.arange(1, config.cuts) / config.cuts
    found = []
    for side in (is_a & learns, ~is_a & learns):
        known = units[side]
        known = known[~np.isnan(known)]
        if len(known):
            found.append(np.quantile(known, shares, method="inverted_cdf"))
    if not found:
        return np.empty(0, np.int64)
    cuts = np.concatenate(found)
    if tag.kind == "number":
        size = np.floor(np.log10(np.maximum(1, np.abs(cuts)))) + 1
        step = 10.0 ** np.maximum(0, size - config.digits)
        cuts = np.round(cuts / step) * step
    known = units[learns & ~np.isnan(units)]
    cuts = np.unique(cuts.astype(np.int64))
    return cuts[(cuts >= known.min()) & (cuts < known.max())]


def _text_scale(
    tag: Tag, column: pd.Series, is_a: Mask, learns: Mask, config: ContrastConfig
) -> TextScale:
    known = column[learns].astype("str").where(column[learns].notna())
    least = max(config.least_of_value, config.least_share * int(learns.sum()))
    in_a = known[is_a[learns]].value_counts()
    in_b = known[~is_a[learns]].value_counts()
    counts = pd.DataFrame({"a": in_a, "b": in_b}).fillna(0)
    can_be_named = np.array(
        [_can_be_named(str(one), tag) for one in counts.index], dtype=bool
    )
    named = counts[(counts.sum(axis=1).to_numpy() >= least) & can_be_named]
    rare = counts.drop(named.index).sum()
    shares: dict[str | None, float] = {None: _speaks_for_a(rare, is_a, learns)}
    for value, row in named.iterrows():
        shares[str(value)] = _speaks_for_a(row, is_a, learns)
    order = sorted(shares, key=lambda value: (shares[value], value or ""))
    others = column[column.notna() & ~column.isin(named.index)]
    return TextScale(tag, bool(column.isna().any()), tuple(order), len(others) > 0)


def _speaks_for_a(row: pd.Series, is_a: Mask, learns: Mask) -> float:
    a = (row["a"] + 0.5) / int((is_a & learns).sum())
    b = (row["b"] + 0.5) / int((~is_a & learns).sum())
    return float(a / (a + b))


def _can_be_named(value: str, tag: Tag) -> bool:
    return value.isprintable() and bool(value) and value not in tag.unnamed


def _floats(column: pd.Series) -> Floats:
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan))


def _units(column: pd.Series, tag: Tag) -> Floats:
    """Return values times 10^decimals: whole, so that every comparison is exact."""
    return np.rint(_floats(column) * 10.0**tag.decimals)
