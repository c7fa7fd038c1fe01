"""The rule layer: what merchandisers decide stands above what a model finds.

Slots and rules are seeds; a row that cannot be followed is refused with its line.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ml.errors import InvalidInputError, MissingColumnError

SLOTS, RULES = "recommendation_slots", "recommendation_rules"
KINDS = ("any", "bought", "new", "launch")
ACTIONS = ("blacklist", "pin", "must_push", "fill")
MATCHES = ("item", "category", "department", "brand")
EVERY_SLOT = "*"
MAX_TOP_N = 50
MAX_RANDOM = 0.5


@dataclass
class Slot:
    """A place that shows items, and the rules that hold in it.

    `kind` says which candidates it takes: any, bought before, new to the customer, or
    launch (new to everybody). `pins` are items by position (1 is the first).
    """

    name: str
    name_zh: str
    kind: str
    top_n: int
    random_share: float
    banned: npt.NDArray[np.bool_]
    pins: dict[int, int] = field(default_factory=dict)
    must_push: list[int] = field(default_factory=list)
    fill: list[int] = field(default_factory=list)

    @property
    def random_count(self) -> int:
        """Return how many positions, the last ones, are drawn by lot."""
        return round(self.top_n * self.random_share)


def read_slots(
    slots: pd.DataFrame, rules: pd.DataFrame, products: pd.DataFrame
) -> list[Slot]:
    """Return the slots with their rules; items are positions in `products`.

    products: item_code, category, department, brand_code, one row per item.
    Raises InvalidInputError, naming file and line, for a row that has no meaning.
    """
    found: dict[str, Slot] = {}
    wanted = ("slot", "name_zh", "candidates", "top_n", "random_share")
    for at, row in _rows(slots, SLOTS, wanted):
        if not row["slot"] or row["slot"] == EVERY_SLOT or row["slot"] in found:
            _refuse(at, f"slot {row['slot']!r} is empty, '*' or there twice")
        if row["candidates"] not in KINDS:
            _refuse(at, f"candidates {row['candidates']!r} is not {_one_of(KINDS)}")
        top_n, share = _number(at, row, "top_n"), _number(at, row, "random_share")
        if top_n != int(top_n) or not 1 <= top_n <= MAX_TOP_N:
            _refuse(at, f"top_n {row['top_n']} is not a number from 1 to {MAX_TOP_N}")
        if not 0 <= share <= MAX_RANDOM:
            _refuse(
                at, f"random_share {row['random_share']} is not from 0 to {MAX_RANDOM}"
            )
        found[row["slot"]] = Slot(
            row["slot"],
            row["name_zh"],
            row["candidates"],
            int(top_n),
            share,
            np.zeros(len(products), dtype=bool),
        )
    if not found:
        raise InvalidInputError(f"{SLOTS} has no row: there is nothing to fill.")
    values = {
        match: products["item_code" if match == "item" else column]
        .astype(str)
        .to_numpy(dtype=object)
        for match, column in zip(
            MATCHES, ("item_code", "category", "department", "brand_code"), strict=True
        )
    }
    for at, row in _rows(
        rules, RULES, ("slot", "action", "match_on", "value", "position")
    ):
        _follow(at, row, found, values)
    for slot in found.values():
        room = slot.top_n - slot.random_count - len(slot.pins)
        if len(slot.must_push) > room:
            raise InvalidInputError(
                f"{RULES}: slot {slot.name} shows {slot.top_n} items, "
                f"{slot.random_count} of them by lot and {len(slot.pins)} pinned: no "
                f"room is left for {len(slot.must_push)} that must be pushed."
            )
        for item in (*slot.pins.values(), *slot.must_push, *slot.fill):
            if slot.banned[item]:
                raise InvalidInputError(
                    f"{RULES}: item {values['item'][item]} is on the blacklist of "
                    f"slot {slot.name} and has a place there."
                )
    return list(found.values())


def _follow(
    at: str,
    row: Mapping[str, str],
    slots: Mapping[str, Slot],
    values: Mapping[str, npt.NDArray[Any]],
) -> None:
    """Write one rule into the slots it holds for."""
    _check_words(at, row, slots)
    matched = np.flatnonzero(values[row["match_on"]] == row["value"])
    if not len(matched) and row["action"] != "blacklist":
        _refuse(at, f"no item has the code {row['value']!r}")
    for slot in slots.values() if row["slot"] == EVERY_SLOT else [slots[row["slot"]]]:
        if row["action"] == "blacklist":
            slot.banned[matched] = True
        else:
            _place(at, row, slot, int(matched[0]))


def _check_words(at: str, row: Mapping[str, str], slots: Mapping[str, Slot]) -> None:
    action, match = row["action"], row["match_on"]
    if row["slot"] != EVERY_SLOT and row["slot"] not in slots:
        _refuse(at, f"there is no slot {row['slot']!r} in {SLOTS}")
    if action not in ACTIONS:
        _refuse(at, f"action {action!r} is not {_one_of(ACTIONS)}")
    if match not in MATCHES:
        _refuse(at, f"match_on {match!r} is not {_one_of(MATCHES)}")
    if action != "blacklist" and match != "item":
        _refuse(at, f"{action} names one item: match_on must be item, not {match}")
    if not row["value"]:
        _refuse(at, "value is empty")
    if (action == "pin") != bool(row["position"]):
        _refuse(at, "a pin has a position, and nothing else has one")


def _place(at: str, row: Mapping[str, str], slot: Slot, item: int) -> None:
    """Give an item its place in a slot, once."""
    if item in (*slot.pins.values(), *slot.must_push, *slot.fill):
        _refuse(at, f"item {row['value']} has a place in slot {slot.name} already")
    if row["action"] == "must_push":
        slot.must_push.append(item)
    elif row["action"] == "fill":
        slot.fill.append(item)
    else:
        position = _number(at, row, "position")
        last = slot.top_n - slot.random_count
        if position != int(position) or not 1 <= position <= last:
            _refuse(at, f"position {row['position']} is not from 1 to {last}")
        if int(position) in slot.pins:
            _refuse(at, f"position {row['position']} is pinned in slot {slot.name}")
        slot.pins[int(position)] = item


def _rows(
    frame: pd.DataFrame, name: str, columns: tuple[str, ...]
) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each row as text with where it stands; the heading is line 1."""
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise MissingColumnError(f"{name} lacks {', '.join(missing)}.")
    for number, row in enumerate(frame[list(columns)].to_dict("records")):
        yield (
            f"{name}.csv line {number + 2}",
            {
                str(key): "" if pd.isna(value) else str(value).strip()
                for key, value in row.items()
            },
        )


def _number(at: str, row: Mapping[str, str], column: str) -> float:
    try:
        number = float(row[column])
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise InvalidInputError(f"{at}: {column} {row[column]!r} is not a number.")
    return number


def _refuse(at: str, why: str) -> None:
    raise InvalidInputError(f"{at}: {why}.")


def _one_of(names: tuple[str, ...]) -> str:
    return f"one of {', '.join(names)}"
