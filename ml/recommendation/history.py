"""Who had bought what by the end of a day, as arrays and one sparse structure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from ml.errors import EmptyInputError, InvalidInputError, MissingColumnError

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
COLUMNS = ("customer_id", "item", "paid_on", "place")


@dataclass(frozen=True)
class Purchases:
    """Every purchase day of an item by a customer, coded: positions instead of ids.

    `customers`, `items` and `places` are the sorted ids that the positions point to;
    place -1 is unknown. `day` counts from 1970-01-01. Rows are sorted by customer, day
    and item, so that the order rows came in changes nothing.
    """

    customers: npt.NDArray[Any]
    items: npt.NDArray[Any]
    places: npt.NDArray[Any]
    customer: Ints
    item: Ints
    day: Ints
    place: Ints

    @classmethod
    def of(cls, frame: pd.DataFrame, items: npt.NDArray[Any], name: str) -> Purchases:
        """Return the coded purchases of `frame` (customer_id, item, paid_on, place).

        Items that are not in `items` are refused: what is recommended must be known.
        """
        missing = [column for column in COLUMNS if column not in frame.columns]
        if missing:
            raise MissingColumnError(f"{name} lacks {', '.join(missing)}.")
        if frame.empty:
            raise EmptyInputError(f"{name} holds no row: nobody has bought anything.")
        for column in ("customer_id", "item", "paid_on"):
            if frame[column].isna().any():
                raise InvalidInputError(f"{name}.{column} is null in some rows.")
        ordered = np.sort(items)
        bought = frame["item"].to_numpy()
        item = np.minimum(np.searchsorted(ordered, bought), len(ordered) - 1)
        unknown = ordered[item] != bought if len(ordered) else np.ones(1, dtype=bool)
        if unknown.any():
            raise InvalidInputError(
                f"{name} has item {bought[unknown][0]}, which no catalogue row names."
            )
        customers, customer = np.unique(
            frame["customer_id"].to_numpy(), return_inverse=True
        )
        place, places = pd.factorize(frame["place"], sort=True)
        day = frame["paid_on"].to_numpy().astype("datetime64[D]").astype(np.int64)
        order = np.lexsort((place, item, day, customer))
        return cls(
            customers,
            ordered,
            np.asarray(places, dtype=object),
            *(
                np.asarray(values, dtype=np.int64)[order]
                for values in (customer, item, day, place)
            ),
        )

    def between(self, first: int | None, last: int) -> npt.NDArray[np.bool_]:
        """Tell which purchases happened after day `first` up to day `last`."""
        inside = self.day <= last
        return inside if first is None else inside & (self.day > first)


@dataclass(frozen=True)
class History:
    """What each customer had bought by `day`: one row of `days` per customer.

    The three matrices (customers x items) share their structure: days with a purchase,
    the same with old days counting less, and days since the last one.
    """

    purchases: Purchases
    day: int
    days: sparse.csr_matrix
    decayed: sparse.csr_matrix
    age: sparse.csr_matrix

    @classmethod
    def until(cls, purchases: Purchases, day: int, half_life: float) -> History:
        """Return the history up to the end of `day`; later purchases are not seen."""
        seen = purchases.between(None, day)
        width = len(purchases.items)
        cell = purchases.customer[seen] * width + purchases.item[seen]
        ago = (day - purchases.day[seen]).astype(np.float64)
        # A day counts once, however many places it was bought at.
        order = np.lexsort((ago, cell))
        cell, ago = cell[order], ago[order]
        first = np.ones(len(cell), dtype=bool)
        first[1:] = (cell[1:] != cell[:-1]) | (ago[1:] != ago[:-1])
        cell, ago = cell[first], ago[first]
        cells, start = np.unique(cell, return_index=True)
        rows, columns = np.divmod(cells, width)
        shape = (len(purchases.customers), width)
        indptr = np.searchsorted(rows, np.arange(shape[0] + 1))

        def matrix(values: npt.NDArray[np.float64]) -> sparse.csr_matrix:
            data = values.astype(np.float32)
            return sparse.csr_matrix((data, columns, indptr), shape=shape)

        count = np.diff(np.append(start, len(cell))).astype(np.float64)
        weight = np.add.reduceat(0.5 ** (ago / half_life), start) if len(cell) else ago
        return cls(purchases, day, matrix(count), matrix(weight), matrix(ago[start]))

    @property
    def buyers(self) -> Ints:
        """Return how many customers have bought each item."""
        return np.bincount(self.days.indices, minlength=self.days.shape[1])

    def held(self, rows: Ints, days: int | None) -> sparse.csr_matrix:
        """Return what customers have bought in the last `days` days, or ever."""
        age = sparse.csr_matrix(self.age[rows])
        bought = age.data < (np.inf if days is None else days)
        held = sparse.csr_matrix(
            (bought.astype(np.float32), age.indices, age.indptr), shape=age.shape
        )
        held.eliminate_zeros()
        return held

    def active(self) -> Ints:
        """Return the positions of customers who have bought anything."""
        return np.flatnonzero(np.diff(self.days.indptr))

    def sold(self, days: int) -> Floats:
        """Return how often each item was bought in the last `days` days."""
        recent = self.purchases.between(self.day - days, self.day)
        counts = np.bincount(
            self.purchases.item[recent], minlength=len(self.purchases.items)
        )
        return counts.astype(np.float32)

    def first_sold(self) -> Ints:
        """Return the first day each item was sold, a day after `day` if never."""
        seen = self.purchases.between(None, self.day)
        first = np.full(len(self.purchases.items), self.day + 1, dtype=np.int64)
        np.minimum.at(first, self.purchases.item[seen], self.purchases.day[seen])
        return first


def drawn(ids: npt.NDArray[Any], size: int) -> npt.NDArray[np.bool_]:
    """Tell which `size` of the ids are drawn, by the hash of each: always the same."""
    if len(ids) <= size:
        return np.ones(len(ids), dtype=bool)
    mixed = mixed_hash(np.asarray(ids).astype(np.int64), 0)
    chosen = np.zeros(len(ids), dtype=bool)
    chosen[np.argsort(mixed, kind="stable")[:size]] = True
    return chosen


def mixed_hash(keys: npt.NDArray[Any], salt: int) -> npt.NDArray[np.uint64]:
    """Return a well-mixed 64-bit number per key (the finalizer of splitmix64)."""
    mixed = keys.astype(np.int64).view(np.uint64) + np.uint64(
        (salt * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15) % 2**64
    )
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))
