"""From ranked candidates and rules to the items a slot shows, each with its source."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ml.recommendation.blend import NOBODY, Candidates
from ml.recommendation.collaborative import Floats
from ml.recommendation.history import Ints, mixed_hash
from ml.recommendation.rules import Slot
from ml.recommendation.sources import NAMES

# Sources beside those of the model: what the rule layer has put there.
RULE_SOURCES = ("pin", "must_push", "random", "fill")
ALL_SOURCES = (*NAMES, *RULE_SOURCES)
PIN, MUST, RANDOM, FILL = range(len(NAMES), len(ALL_SOURCES))


@dataclass(frozen=True)
class Lists:
    """What a slot shows: customers x positions; item -1 is an empty position.

    `source` is a position in ALL_SOURCES; `score` is the model's, 0 for what a rule
    has put there without the model having found it.
    """

    items: Ints
    source: Ints
    score: Floats


def compose(
    slot: Slot,
    found: Candidates,
    weights: Floats,
    *,
    popular: Ints,
    customers: npt.NDArray[np.int64],
    salt: int,
) -> Lists:
    """Return the slot's lists for customers, from candidates and rules.

    Pins stand at their positions. The others are, in this order, the best candidates,
    with what must be pushed in place of the last ones if it is not among them; items
    drawn by lot from the remaining candidates; and where those run out the items to
    fill with, then `popular` ones. Nothing stands twice in a list and no banned item in
    any; the draw depends on customer, item and `salt` alone.
    """
    ranked = _allowed(slot, found).ranked(weights)
    total = ranked.total(weights)
    why = np.argmax(ranked.scores * weights, axis=2)
    count = slot.top_n - slot.random_count - len(slot.pins)
    lists = _first(ranked, total, why, count)
    _push(lists, slot.must_push)
    drawn = _by_lot(slot, ranked, total, lists, customers=customers, salt=salt)
    lists = _joined(lists, drawn)
    lists = _pinned(lists, slot.pins)
    _fill(lists, [*slot.fill, *(one for one in popular if not slot.banned[one])])
    return lists


def _allowed(slot: Slot, found: Candidates) -> Candidates:
    """Return the candidates without those the slot does not show or a pin shows."""
    out = slot.banned[np.maximum(found.items, 0)]
    out |= np.isin(found.items, list(slot.pins.values()))
    if slot.kind == "bought":
        out |= ~found.is_own
    if slot.kind == "new":
        out |= found.is_own
    items = np.where(out, NOBODY, found.items)
    return Candidates(found.rows, items, found.is_own, found.scores)


def _first(ranked: Candidates, total: Floats, why: Ints, count: int) -> Lists:
    """Return the best `count` candidates, empty positions where there are fewer."""
    missing = ((0, 0), (0, max(count - ranked.items.shape[1], 0)))
    items = np.pad(ranked.items[:, :count], missing, constant_values=NOBODY)
    source = np.pad(why[:, :count], missing)
    score = np.pad(total[:, :count], missing)
    return Lists(items, source, np.where(items >= 0, score, 0).astype(np.float32))


def _push(lists: Lists, must: list[int]) -> None:
    """Put what must be pushed in place of the last items that need not be there."""
    for item in reversed(must):
        absent = np.flatnonzero(~(lists.items == item).any(axis=1))
        free = ~np.isin(lists.items[absent], must)
        last = free.shape[1] - 1 - np.argmax(free[:, ::-1], axis=1)
        lists.items[absent, last] = item
        lists.source[absent, last] = MUST
        lists.score[absent, last] = 0


def _by_lot(
    slot: Slot,
    ranked: Candidates,
    total: Floats,
    lists: Lists,
    *,
    customers: npt.NDArray[np.int64],
    salt: int,
) -> Lists:
    """Draw from the candidates that are not shown, the same ones every time."""
    count = slot.random_count
    key = mixed_hash(ranked.items, salt) ^ mixed_hash(customers, salt + 1)[:, None]
    lot = mixed_hash(key.view(np.int64), salt) >> np.uint64(1)
    is_shown = (ranked.items[:, :, None] == lists.items[:, None, :]).any(axis=2)
    lot[is_shown | (ranked.items < 0)] = np.iinfo(np.uint64).max
    order = np.argsort(lot, axis=1, kind="stable")[:, :count]
    is_out = np.take_along_axis(lot, order, 1) == np.iinfo(np.uint64).max
    items = np.where(is_out, NOBODY, np.take_along_axis(ranked.items, order, 1))
    score = np.where(is_out, 0, np.take_along_axis(total, order, 1))
    missing = ((0, 0), (0, count - items.shape[1]))
    items = np.pad(items, missing, constant_values=NOBODY)
    return Lists(
        items, np.full(items.shape, RANDOM), np.pad(score, missing).astype(np.float32)
    )


def _joined(first: Lists, second: Lists) -> Lists:
    return Lists(
        np.concatenate([first.items, second.items], axis=1),
        np.concatenate([first.source, second.source], axis=1),
        np.concatenate([first.score, second.score], axis=1),
    )


def _pinned(lists: Lists, pins: dict[int, int]) -> Lists:
    for position, item in sorted(pins.items()):
        at = position - 1
        lists = Lists(
            np.insert(lists.items, at, item, axis=1),
            np.insert(lists.source, at, PIN, axis=1),
            np.insert(lists.score, at, 0, axis=1),
        )
    return lists


def _fill(lists: Lists, reserve: list[int]) -> None:
    """Close gaps with the reserve in its order, each item once per list."""
    for item in reserve:
        rows = np.flatnonzero((lists.items < 0).any(axis=1))
        if not len(rows):
            return
        rows = rows[~(lists.items[rows] == item).any(axis=1)]
        at = np.argmax(lists.items[rows] < 0, axis=1)
        lists.items[rows, at] = item
        lists.source[rows, at] = FILL
        lists.score[rows, at] = 0
