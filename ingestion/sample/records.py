"""Which records a table's rows are: what truth and reckoning must know of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ingestion.sample.dice import Ints, Texts, texts
from ingestion.sample.world import World

# frames of the world with one person a row: record type in the truth, column of the id
OF_PEOPLE = {
    "accounts": ("member", "account_id"),
    "points": ("points", "flow_id"),
    "coupons": ("coupon", "coupon_id"),
    "touches": ("touch", "touch_id"),
    "consents": ("consent", "consent_id"),
    "events": ("event", "event_id"),
}


@dataclass(frozen=True)
class Records:
    """The frame that rows of a table are told from, and how to find them again.

    A frame says whose a row is by a column `person` (row of world.people, -1: nobody's)
    or `account` (row of world.accounts). With a `record_type` its rows are in
    truth.parquet; without, they are nobody's in particular. `why` says of rows of the
    frame why they are there although the source does not have them, "" where it does;
    such rows must be found again in `staged_in` of the channel, as in
    `orders.order_id` for stg_<channel>__orders, column order_id; or, with a reason in
    `refused`, among those that staging rejects for it.
    """

    frame: pd.DataFrame
    id_column: str
    record_type: str = ""
    staged_in: str = ""
    why: Callable[[Ints], Texts] | None = None
    refused: str = ""

    def ids(self, rows: Ints) -> Texts:
        """Return the ids of rows of the frame."""
        return texts(self.frame[self.id_column].array.take(rows))

    def persons(self, rows: Ints, owners: Ints) -> Ints:
        """Return the person of each row; `owners` are the persons of accounts."""
        if "person" in self.frame:
            return self.frame["person"].to_numpy()[rows]
        account = self.frame["account"].to_numpy()[rows]
        return np.where(account >= 0, owners[account], -1)


@dataclass(frozen=True)
class Nested:
    """Records told within the rows of a table: its lines within a trade.

    `owner` says by row of the nested frame which row of the table's frame tells it;
    `table` is the name that staging rejects them under, with a dot.
    """

    table: str
    records: Records
    owner: Ints

    def rows(self, told: Ints, count: int) -> Ints:
        """Return the nested rows told by the rows `told` of the outer frame."""
        outer = np.zeros(count, dtype=bool)
        outer[told] = True
        return np.flatnonzero(outer[self.owner])


@dataclass(frozen=True)
class Written:
    """Rows of a frame that the files hold, under the table that tells them."""

    channel: str
    table: str
    records: Records
    rows: Ints


def of_world(world: World, name: str) -> Records:
    """Return the records of a frame of the world that channels share."""
    frame = getattr(world, name)
    if name == "orders":
        kind = texts(frame["kind"])
        return Records(
            frame, "order_id", "order", "orders.order_id", lambda rows: kind[rows]
        )
    if name == "lines":
        return _lines(world)
    if name == "refunds":
        why = texts(frame["refund_type"])
        return Records(
            frame,
            "refund_id",
            staged_in="refunds.refund_id",
            why=lambda rows: why[rows],
        )
    record_type, id_column = OF_PEOPLE[name]
    return Records(frame, id_column, record_type)


def _lines(world: World) -> Records:
    """Lines are the orders' and nobody's themselves; added with what they belong to."""
    order = world.lines["order"].to_numpy()
    source_line = world.lines["source_line"].to_numpy()
    kind = texts(world.orders["kind"])

    def why(rows: Ints) -> Texts:
        return np.where(source_line[rows] < 0, kind[order[rows]], "")

    return Records(world.lines, "line_id", staged_in="order_lines.line_id", why=why)
