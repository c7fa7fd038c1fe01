"""Contents, and what people do with them before they buy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ingestion.sample import tell
from ingestion.sample.dice import Floats, Ints, Mask, Texts, Times, texts, tokens
from ingestion.sample.shops import CHANNELS
from ingestion.sample.world import World

YEAR_BEGINS = np.datetime64("2017-01-01T00:00:00", "s")
YEAR_ENDS = np.datetime64("2018-01-01T00:00:00", "s")
STRANGERS = 0.03  # of people: as many more who only look at contents, known to nobody
STRANGERS_KEEN = 0.4  # of an account's sessions: how many a stranger has
ANONYMOUS = 0.12  # of views outside journeys to an order: not logged in
TOPICS = {
    "GROCERY": "家常好物",
    "DRUG GM": "健康个护",
    "COSMETICS": "护肤心得",
    "NUTRITION": "养生食补",
    "PRODUCE": "新鲜蔬果",
    "MEAT": "下厨记",
    "PASTRY": "烘焙甜点",
}
OTHER_TOPIC = "逛超市"
ANY = -2  # no department in particular; -1 is that of unknown items


@dataclass(frozen=True)
class Viewers:
    """Whoever looks at a channel's contents: its accounts, then strangers.

    `account` and `person` are row numbers of the world, -1 for strangers; `orders` and
    `joined_at` are the account's.
    """

    account: Ints
    person: Ints
    user_id: Texts
    orders: Ints
    joined_at: Times

    @property
    def is_stranger(self) -> Mask:
        """Say who has no account."""
        return self.account < 0

    def of_accounts(self, account: Ints) -> Ints:
        """Return the viewers that rows of world.accounts are, -1 for no account."""
        known = np.flatnonzero(~self.is_stranger)
        place = np.searchsorted(self.account[known], account)
        place = known[np.minimum(place, len(known) - 1)]
        return np.where(self.account[place] == account, place, -1)


def viewers(world: World, channel: int) -> Viewers:
    """Return the accounts of a channel and the strangers that its contents find."""
    accounts = world.accounts
    mine = np.flatnonzero(accounts["channel"].to_numpy() == channel)
    count = max(3, round(len(world.people) * STRANGERS))
    nobody = np.full(count, -1)
    rng = world.dice.stream(f"strangers {CHANNELS[channel].code}")
    ids = tokens(rng, count, CHANNELS[channel].account_prefix)
    never = np.full(count, np.datetime64("NaT", "s"))
    return Viewers(
        np.r_[mine, nobody],
        np.r_[accounts["person"].to_numpy()[mine], nobody],
        np.r_[texts(accounts["account_id"])[mine], ids],
        np.r_[accounts["orders"].to_numpy()[mine], 0 * nobody],
        np.r_[accounts["joined_at"].to_numpy()[mine], never],
    )


def departments(world: World, product_id: Ints) -> Ints:
    """Return numbers of the products' departments, -1 where the item is unknown."""
    known = world.products["product_id"].to_numpy()
    number, _ = pd.factorize(world.products["department"], sort=True)
    place = np.clip(np.searchsorted(known, product_id), 0, len(known) - 1)
    return np.where(known[place] == product_id, number[place], -1)


def topics(world: World, product_id: Ints) -> Texts:
    """Return the topic under which contents about products are filed."""
    names = np.sort(world.products["department"].dropna().unique())
    words = texts([TOPICS.get(name, OTHER_TOPIC) for name in names] + [OTHER_TOPIC])
    return words[departments(world, product_id)]


def some_sold(world: World, channel: int, draw: Floats) -> Ints:
    """Draw products by how often the channel sells them; -1 where it sold nothing."""
    lines = tell.lines_of(world, channel).frame
    sold = lines["product_id"].to_numpy()[lines["quantity"].to_numpy() > 0]
    if not len(sold):
        return np.full(len(draw), -1)
    return sold[(draw * len(sold)).astype("int64")]


def bought(world: World, channel: int) -> pd.DataFrame:
    """Return what people came to order: order, account, product and time.

    The product is that of the first line; trials, exchanges and the like are left out.
    """
    orders = tell.orders_of(world, channel)
    meant = orders.frame["kind"].isin(["", "unpaid"])
    fit = (meant & orders.frame["order_type"].isin(["sale", "presale"])).to_numpy()
    row = orders.world_row[fit]
    line = np.searchsorted(world.lines["order"].to_numpy(), row)
    return pd.DataFrame(
        {
            "order": row,
            "account": orders.frame["account"].to_numpy()[fit],
            "product_id": world.lines["product_id"].to_numpy()[line],
            "at": orders.frame["created_at"].to_numpy()[fit].astype("datetime64[s]"),
        }
    )


def sessions(people: Viewers, mean: float, rng: np.random.Generator) -> Ints:
    """Return the viewer of each look around in the year; buyers look more often."""
    keen = np.where(people.is_stranger, STRANGERS_KEEN, 1 + 0.1 * people.orders)
    rate = rng.gamma(0.8, mean / 0.8, len(keen)) * np.minimum(keen, 4)
    return np.repeat(np.arange(len(keen)), rng.poisson(rate))


def repeats(count: Ints) -> tuple[Ints, Ints]:
    """Return (owner, step): each of `count` owners repeated, and its steps from 0."""
    owner = np.repeat(np.arange(len(count)), count)
    return owner, np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)


def meet(contents: pd.DataFrame, department: Ints, at: Times, draw: Floats) -> Ints:
    """Return the content met at each time: of the department if there is one yet.

    `contents` are sorted by department and published_at. New ones are met more often
    than old ones; -1 where none had been published.
    """
    group = contents["department"].to_numpy()
    time = contents["published_at"].to_numpy()
    every = np.argsort(time, kind="stable")
    place, count = _newest(group, time, department, at)
    last = np.searchsorted(time[every], at, side="right")
    back = draw**2
    own = place - (back * count).astype("int64")
    other = every[np.maximum(last - 1 - (back * last).astype("int64"), 0)]
    return np.where(count > 0, own, np.where(last > 0, other, -1))


def _newest(group: Ints, time: Times, of: Ints, at: Times) -> tuple[Ints, Ints]:
    """Return (place, count): how many of each group there are, and the newest's place.

    Contents are sorted by (group, time); only those up to the given times count.
    """
    whole = np.int64(1) << 40

    def key(group: Ints, time: Times) -> Ints:
        return group * whole + time.astype("datetime64[s]").astype("int64")

    place = np.searchsorted(key(group, time), key(of, at), side="right") - 1
    first = np.searchsorted(group, of, side="left")
    return place, np.maximum(place - first + 1, 0)


def in_time_order(parts: list[pd.DataFrame], prefix: str) -> pd.DataFrame:
    """Join interactions of the year in time order and number them."""
    told = pd.concat(parts, ignore_index=True)
    within = (told["at"] >= YEAR_BEGINS) & (told["at"] < YEAR_ENDS)
    told = told[within].sort_values(
        ["at", "viewer", "action"], kind="stable", ignore_index=True
    )
    number = np.arange(1, len(told) + 1)
    return told.assign(interaction_id=texts(np.char.mod(prefix + "%011d", number)))
