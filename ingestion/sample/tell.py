"""Words and columns that the channels share when they tell the world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from ingestion.sample.accounts import account_phone
from ingestion.sample.dice import Dice, Ints, Mask, Texts, Times, texts
from ingestion.sample.export import (
    ExportTable,
    Fault,
    Render,
    money,
    text,
    versions,
)
from ingestion.sample.records import Nested, Records, of_world
from ingestion.sample.world import World

FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
WAITING, DEPOSITED, PAID, SHIPPED, COMPLETED, CLOSED = range(6)


def take(frame: pd.DataFrame, name: str, row: Ints) -> np.ndarray:
    """Return a column's values for row numbers, without copying the whole column."""
    return frame[name].array.take(row).to_numpy()


def chosen(column: pd.Series, row: Ints, shown: Mask | None = None) -> pa.Array:
    """Return the texts of row numbers, null where not `shown`; no Python in between."""
    return text(column.array.take(np.asarray(row)), shown)


@dataclass(frozen=True)
class Subset:
    """Rows of a frame that belong to one channel, and which records they are."""

    frame: pd.DataFrame
    world_row: Ints
    records: Records

    def column(self, name: str, row: Ints) -> np.ndarray:
        """Return a column's values for row numbers of the subset."""
        return take(self.frame, name, row)

    def texts(self, name: str, row: Ints, shown: Mask | None = None) -> pa.Array:
        """Return a column's texts for row numbers of the subset, null where hidden."""
        return chosen(self.frame[name], row, shown)


def subset(records: Records, mask: np.ndarray | pd.Series) -> Subset:
    """Take the rows where `mask` holds, remembering where they were."""
    rows = np.flatnonzero(mask)
    return Subset(records.frame.iloc[rows].reset_index(drop=True), rows, records)


def own(frame: pd.DataFrame, id_column: str, record_type: str = "") -> Subset:
    """Take a channel's own frame, made in its module, as a whole.

    With a `record_type` the frame says by `person` or `account` whose each row is, and
    the truth knows it. Without, its rows are nobody's: contents, codes, sessions.
    """
    frame = frame.reset_index(drop=True)
    rows = np.arange(len(frame))
    return Subset(frame, rows, Records(frame, id_column, record_type))


def of_channel(world: World, name: str, channel: int) -> Subset:
    """Take the rows of a world's frame whose account is in a shop of the channel."""
    records = of_world(world, name)
    mine = world.accounts["channel"].to_numpy() == channel
    if name != "accounts":
        mine = mine[records.frame["account"].to_numpy()]
    return subset(records, mine)


def members_of(world: World, channel: int) -> Subset:
    """Take the channel's accounts that joined its programme."""
    accounts = world.accounts
    mine = accounts["channel"].to_numpy() == channel
    return subset(of_world(world, "accounts"), mine & accounts["is_member"])


def order_versions(world: World, orders: Subset) -> tuple[Ints, Times]:
    """Return when each order (row of the subset) changes, refunds included."""
    frame = orders.frame
    unpaid = frame["paid_at"].isna() & frame["deposit_at"].isna()
    created = frame["created_at"].where(unpaid)
    row, at = versions(
        created, frame["deposit_at"], frame["paid_at"], frame["shipped_at"],
        frame["completed_at"], frame["closed_at"],
    )  # fmt: skip
    place = np.full(len(world.orders), -1)
    place[orders.world_row] = np.arange(len(frame))
    refunded, refunded_at = world.refund_moments(place >= 0)
    return np.r_[row, place[refunded]], np.r_[at, refunded_at]


def status_at(orders: Subset, row: Ints, at: Times) -> Ints:
    """Return the state (WAITING ... CLOSED) of orders at the given times."""
    state = np.zeros(len(row), dtype="int64")
    for number, name in (
        (DEPOSITED, "deposit_at"), (PAID, "paid_at"), (SHIPPED, "shipped_at"),
        (COMPLETED, "completed_at"), (CLOSED, "closed_at"),
    ):  # fmt: skip
        state = np.where(orders.column(name, row) <= at, number, state)
    return state


def money_came(orders: Subset, row: Ints, at: Times) -> Mask:
    """Say whether a deposit or the whole had been paid at the given times."""
    return (orders.column("deposit_at", row) <= at) | (
        orders.column("paid_at", row) <= at
    )


def happened(orders: Subset, name: str, row: Ints, at: Times) -> Times:
    """Return a time of the orders, NaT where it lies after `at`."""
    value = orders.column(name, row)
    return np.where(value <= at, value, np.datetime64("NaT", "s"))


def order_cents(world: World, orders: Subset, row: Ints, at: Times) -> dict[str, Ints]:
    """Return the headers' amounts by neutral name, as known at the given times."""
    column = {
        name: orders.column(name, row)
        for name in ("list", "shop_discount", "platform_discount", "coupon", "points",
                     "freight", "tax", "goods", "deposit")
    }  # fmt: skip
    full = column["goods"] + column["freight"] + column["tax"] - column["points"]
    paid = orders.column("paid_at", row) <= at
    deposited = orders.column("deposit_at", row) <= at
    column["paid"] = np.where(paid, full, np.where(deposited, column["deposit"], 0))
    column["refunded"] = world.refunded_until(orders.world_row[row], at)
    return column


def order_money(
    world: World, orders: Subset, row: Ints, at: Times
) -> dict[str, pa.Array]:
    """Return the amounts of `order_cents` as yuan."""
    cents = order_cents(world, orders, row, at)
    return {name: money(values) for name, values in cents.items()}


def lines_within(world: World, orders: Subset, row: Ints) -> tuple[Ints, Ints]:
    """Return the lines (rows of world.lines) of each order, and how many each has."""
    order = world.lines["order"].to_numpy()
    begin = np.searchsorted(order, orders.world_row[row])
    count = np.searchsorted(order, orders.world_row[row], side="right") - begin
    starts = np.repeat(begin - np.r_[0, np.cumsum(count)[:-1]], count)
    return starts + np.arange(len(starts)), count


def member_versions(
    world: World, accounts: Subset, *, tells_sms: bool
) -> tuple[Ints, Times]:
    """Return when each account changes: joined, phone, tier, SMS consent, left."""
    frame = accounts.frame
    joined = frame["joined_at"]

    def later(name: str) -> pd.Series:
        return frame[name].where(frame[name] > joined)

    changes = [joined, later("shows_from"), later("bound_at"), later("tier_at"),
               later("left_at")]  # fmt: skip
    if tells_sms:
        changes.append(later("sms_withdrawn_at"))
    return versions(*changes)


def member_phone(world: World, accounts: Subset, row: Ints, at: Times) -> Texts:
    """Return the phone that the accounts show at the given times."""
    return account_phone(world.accounts, world.people, accounts.world_row[row], at)


def tier_at(accounts: Subset, row: Ints, at: Times) -> Texts:
    """Return the tier number as text at the given times."""
    first, last = accounts.column("tier_first", row), accounts.column("tier_last", row)
    rises = accounts.column("tier_at", row)
    tier = np.where(np.isnat(rises) | (at >= rises), last, first)
    return texts(tier.astype(str))


def agrees_to_sms(accounts: Subset, row: Ints, at: Times) -> Mask:
    """Say who lets the shop send marketing SMS at the given times."""
    withdrawn = accounts.column("sms_withdrawn_at", row) <= at
    return accounts.column("sms_consent", row).astype(bool) & ~withdrawn


def tick_phones(values: Texts, rate: float, dice: Dice, topic: str) -> Texts:
    """Write some phones as spreadsheets leave them: a tab, full width, +86, spaces."""
    values = values.copy()
    rng = dice.stream(f"phone excel {topic}")
    hit = np.flatnonzero((rng.random(len(values)) < rate) & ~pd.isna(values))
    style = rng.integers(0, 4, len(hit))
    for place, how in zip(hit.tolist(), style.tolist(), strict=True):
        number = values[place]
        values[place] = (
            number + "\t",
            number.translate(FULL_WIDTH),
            "+86 " + number,
            f"{number[:3]} {number[3:7]} {number[7:]}",
        )[how]
    return values


def tab_ids(values: Texts, row: Ints, rate: float, dice: Dice, topic: str) -> Texts:
    """Add a trailing tab to some ids; one order is written the same way every time."""
    marked = dice.stream(f"id excel {topic}").random(int(row.max(initial=0)) + 1) < rate
    return np.where(marked[row], values + "\t", values)


def merchant_codes(product_id: np.ndarray, prefix: str) -> Texts:
    """Return a channel's own code of items."""
    return prefix + texts(product_id.astype(str))


def titles(world: World, product_id: np.ndarray) -> Texts:
    """Return the items' names; what is not in the item master has no better name."""
    known = world.products["product_id"].to_numpy()
    place = np.clip(np.searchsorted(known, product_id), 0, len(known) - 1)
    name = texts(world.products["name"])[place]
    return np.where(known[place] == product_id, name, "未建档商品")


def merchandise(
    world: World, product_id: Ints, prefix: str
) -> tuple[pa.Array, pa.Array]:
    """Return a channel's codes and the titles of items, each item told once."""
    known, which = np.unique(product_id, return_inverse=True)

    def of_product(values: Texts) -> pa.Array:
        return pa.DictionaryArray.from_arrays(which, pa.array(values, pa.string()))

    return of_product(merchant_codes(known, prefix)), of_product(titles(world, known))


def orders_of(world: World, channel: int) -> Subset:
    """Return the orders of a channel."""
    return subset(of_world(world, "orders"), world.orders["channel"] == channel)


def lines_of(world: World, channel: int) -> Subset:
    """Return the lines of a channel's orders."""
    of_order = world.orders["channel"].to_numpy() == channel
    return subset(of_world(world, "lines"), of_order[world.lines["order"]])


def refunds_of(world: World, channel: int) -> Subset:
    """Return the refunds on a channel's orders."""
    of_order = world.orders["channel"].to_numpy() == channel
    return subset(of_world(world, "refunds"), of_order[world.refunds["order"]])


def nested_lines(world: World, table: str) -> Nested:
    """Return the lines of orders whose rows tell them; `table` is their own name."""
    owner = world.lines["order"].to_numpy()
    return Nested(table, of_world(world, "lines"), owner)


def refund_state(refunds: Subset, row: Ints, at: Times) -> tuple[Ints, Mask]:
    """Return (0 applied, 1 done, 2 closed; whether it was decided by then)."""
    decided = refunds.column("decided_at", row) <= at
    refused = refunds.column("is_refused", row)
    return np.where(decided, np.where(refused, 2, 1), 0), decided


def exported(
    world: World,
    name: str,
    mine: Subset,
    changes: tuple[Ints, Times],
    render: Render,
    *,
    id_column: str,
    **more: Any,
) -> ExportTable:
    """Return the export table `name` (channel.table) of the rows of a subset.

    Rows are late by the noise rate and recorded by their id, unless `more` says else.
    """
    channel, table = name.split(".")
    more.setdefault("late", world.lateness(name, len(mine.frame)))
    more.setdefault("record_columns", (id_column,))
    row, at = changes
    return ExportTable(
        channel,
        table,
        row,
        at,
        render,
        world_row=mine.world_row,
        records=mine.records,
        id_column=id_column,
        **more,
    )


def faults(
    blank: tuple[str, str] | None = None,
    date: str | None = None,
    amount: str | None = None,
    less: str = "-9.90",
) -> dict[str, Fault]:
    """Return the faults a table's copies may have; `blank` is (column, reason).

    An amount of nothing becomes `less` than nothing: whole where money is in fen.
    """
    found = {}
    if blank is not None:
        found["missing_required_row"] = Fault(*blank, lambda value: None)
    if date is not None:
        found["bad_date_row"] = Fault(
            date, "bad_timestamp", lambda value: "2017-02-30 25:61:00"
        )
    if amount is not None:
        found["negative_amount_row"] = Fault(
            amount,
            "negative_amount",
            lambda value: f"-{value}" if float(value or 0) else less,
        )
    return found
