"""Who an audience is: all its tags beside a base, counted in one pass.

TGI is the share in the audience over the share in the base, times 100. Whether the two
shares differ by more than chance is a two-proportion z test on the people who are in
only one of them; the answers to all tags together are held to one rate of false
discoveries (Benjamini and Hochberg).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from scipy.special import erfc

from audience.engine.copy import EXCLUDED, STANDING
from audience.engine.engine import Engine
from warehouse.errors import QuanyuError

NO_VALUE = "(none)"
# Fewer people than that expected on a side, and the normal curve is no guide.
LEAST_EXPECTED = 5
FALSE_DISCOVERIES = 0.05

Floats = np.ndarray[Any, np.dtype[np.float64]]
Counts = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Group:
    """People of a group: how many, and by tag how many have each small number."""

    size: int
    counts: dict[str, Counts]


@dataclass(frozen=True)
class Side:
    """People of a group with each value, and all of them."""

    people: Counts
    size: int


def profile(
    engine: Engine,
    audience: str,
    base: str | None = None,
    *,
    tags: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return every value of every tag of an audience beside a base.

    The base is a condition too; without it everybody who is not excluded (employees,
    test accounts, resellers...). Excluded people are never counted. One row per tag and
    value (numbers and days: tenths of everybody not excluded): tag, value, audience,
    base (people), share, base_share, tgi, z, p, q (p corrected for their number; null
    where too few people are expected to say) and is_significant; the surest come first.
    """
    if base is None:
        (first,) = count(engine, [audience], tags)
        second, shared = _everybody(engine, first), first
    else:
        first, second, shared = count(engine, [audience, base], tags)
    return _frame(engine, first, second, shared)


def breakdown(engine: Engine, audience: str, tag: str) -> pd.DataFrame:
    """Return how many of an audience have each value of a tag: value, people, share."""
    (group,) = count(engine, [audience], [tag], with_excluded=True)
    people = group.counts[tag]
    frame = pd.DataFrame(
        {
            "value": _labels(engine, tag),
            "people": people,
            "share": people / max(1, group.size),
        }
    )
    return frame[frame["people"] > 0].reset_index(drop=True)


def count(
    engine: Engine,
    audiences: Sequence[str],
    tags: Sequence[str] | None = None,
    *,
    with_excluded: bool = False,
) -> list[Group]:
    """Count tags of one audience, or of two and of whom they share, in one pass."""
    names = list(engine.copy.about["bins"]) if tags is None else list(tags)
    for name in names:
        if name not in engine.copy.about["bins"]:
            nearest = engine.vocabulary.nearest(name)
            raise QuanyuError(
                f"There is no tag {name}" + (f"; {nearest} is one." if nearest else ".")
            )
    # Bit n: in audience n. Numbers of a tag stand below, so one count tells all apart.
    member = np.zeros(engine.copy.people, np.uint16)
    for number, mask in enumerate(engine.masks(audiences)):
        member |= mask.astype(np.uint16) << number
    kinds = 1 << len(audiences)
    counts = {name: np.zeros((kinds, 256), np.int64) for name in names}
    sizes = np.zeros(kinds, np.int64)
    start = 0
    with pq.ParquetFile(engine.copy.bins_file) as file:
        for group in range(file.num_row_groups):
            end = start + file.metadata.row_group(group).num_rows
            some, start = member[start:end], end
            if not some.any():
                continue
            table = file.read_row_group(group, columns=[STANDING, *names])
            is_counted = some > 0
            if not with_excluded:
                is_counted &= (table.column(STANDING).to_numpy() & EXCLUDED) == 0
            rows = np.flatnonzero(is_counted)
            offsets = some[rows] << 8
            sizes += np.bincount(some[rows], minlength=kinds)
            for name in names:
                codes = table.column(name).to_numpy()[rows] | offsets
                counts[name] += np.bincount(codes, minlength=256 * kinds).reshape(
                    kinds, 256
                )
    return [
        Group(
            int(sizes[inside].sum()),
            {
                name: found[inside].sum(axis=0)[: len(_labels(engine, name))]
                for name, found in counts.items()
            },
        )
        for inside in _memberships(len(audiences))
    ]


def compare_shares(one: Side, other: Side, both: Side) -> tuple[Floats, Floats]:
    """Return z and p of the difference of shares in two groups that share people.

    Under one true share s the difference varies by s (1 - s) (1/n + 1/m - 2b/nm), b of
    them being in both: the two-proportion test where nobody is, audience beside the
    rest where all of it lies within the other. NaN where too few people are expected.
    """
    n, m, b = one.size, other.size, both.size
    smallest = min(size for size in (n, m, n - b, m - b) if size > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled = (one.people + other.people - both.people) / (n + m - b)
        spread = 1 / n + 1 / m - 2 * b / (n * m)
        difference = one.people / n - other.people / m
        z = difference / np.sqrt(pooled * (1 - pooled) * spread)
    expected = smallest * np.minimum(pooled, 1 - pooled)
    z[(expected < LEAST_EXPECTED) | ~np.isfinite(z)] = np.nan
    return z, p_value(z)


def p_value(z: Floats) -> Floats:
    """Return how likely so large a z, either way, is by chance."""
    return np.asarray(erfc(np.abs(z) / np.sqrt(2)))


def corrected(p: Floats) -> Floats:
    """Return p values corrected for their number by Benjamini and Hochberg."""
    q = np.full(len(p), np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known])[::-1]]
    ranks = np.arange(len(order), 0, -1)
    q[order] = np.minimum.accumulate(np.minimum(1, p[order] * len(order) / ranks))
    return q


def _memberships(audiences: int) -> list[list[int]]:
    """Return of which kinds of members each group is made: first, second, both."""
    return [[1]] if audiences == 1 else [[1, 3], [2, 3], [3]]


def _everybody(engine: Engine, of: Group) -> Group:
    """Return the base that was counted when the copy was made."""
    bins = engine.copy.about["bins"]
    counts = {tag: np.array(bins[tag]["counts"], np.int64) for tag in of.counts}
    return Group(engine.copy.about["base"], counts)


def _labels(engine: Engine, tag: str) -> list[str]:
    return [NO_VALUE, *engine.copy.about["bins"][tag]["labels"]]


def _frame(engine: Engine, first: Group, second: Group, both: Group) -> pd.DataFrame:
    if not first.size or not second.size:
        raise QuanyuError("Nobody is in this audience, or in what it stands beside.")
    labels = {tag: _labels(engine, tag) for tag in first.counts}
    people, base, shared = (
        Side(np.concatenate([group.counts[tag] for tag in labels]), group.size)
        for group in (first, second, both)
    )
    z, p = compare_shares(people, base, shared)
    frame = pd.DataFrame(
        {
            "tag": np.repeat(list(labels), [len(one) for one in labels.values()]),
            "value": [value for values in labels.values() for value in values],
            "audience": people.people,
            "base": base.people,
            "share": people.people / people.size,
            "base_share": base.people / base.size,
            "z": z,
            "p": p,
        }
    )
    frame = frame[(frame["audience"] > 0) | (frame["base"] > 0)].copy()
    with np.errstate(divide="ignore"):
        tgi = 100 * frame["share"] / frame["base_share"]
    frame.insert(6, "tgi", tgi.replace(np.inf, np.nan))
    frame["q"] = corrected(frame["p"].to_numpy())
    frame["is_significant"] = frame["q"] <= FALSE_DISCOVERIES
    order = frame["z"].abs().sort_values(ascending=False, kind="stable").index
    return frame.loc[order].reset_index(drop=True)
