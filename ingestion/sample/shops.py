"""Channels that take orders and their shops: one more is one more row here.

A row gives the channel its part of the world: baskets, accounts, ids, points, coupons.
What it exports is told by its module, which `registry` lists.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ingestion.sample.dice import Floats, Ints, Mask, Texts, texts

POS, TMALL, YOUZAN, DOUYIN, XIAOHONGSHU, KUAISHOU = range(6)


@dataclass(frozen=True)
class Channel:
    """What a channel is to the world; which tables it exports is its module's matter.

    `share` is of the baskets that are free to go anywhere, `prefix` stands before item
    numbers in its product codes, `account_prefix` before its account ids;
    `order_numbers` are the letter, first number and step of order ids that count up.
    """

    code: str
    share: float
    prefix: str = ""
    account_prefix: str = ""
    order_numbers: tuple[str, int, int] | None = None
    has_points: bool = False
    has_coupons: bool = False
    has_touches: bool = False
    has_consents: bool = False


@dataclass(frozen=True)
class Shop:
    """One shop: what it sells (all, market or wellness), and who comes to it.

    `share` is of its channel's baskets of what it sells; `prospects` of the people who
    only look around, `joiners` of the buyers who join one more online shop.
    """

    code: str
    channel: int
    sells: str
    share: float = 1.0
    prospects: float = 0.0
    joiners: float = 0.0
    is_imported: bool = False


# in the order of their numbers
CHANNELS = (
    Channel("pos", 0.43, has_points=True, has_coupons=True, has_touches=True,
            has_consents=True),
    Channel("tmall", 0.21, "T", "AAH", ("", 1_230_000_000_000_000_000, 104_729),
            has_points=True, has_coupons=True, has_touches=True),
    Channel("youzan", 0.155, "Y", "yz", has_points=True, has_coupons=True,
            has_touches=True, has_consents=True),
    Channel("douyin", 0.1, "D", "dy", ("", 6_920_000_000_000_000_000, 130_363),
            has_points=True, has_coupons=True),
    Channel("xiaohongshu", 0.0525, "X", "5e0c", ("P", 610_000_000_000_000_000, 86_413)),
    Channel("kuaishou", 0.0525, "K", "ks", ("", 2_430_000_000_000_000, 7_907)),
)  # fmt: skip
SHOPS = (
    Shop("pos_retail", POS, "all", prospects=0.08),
    Shop("tmall_market", TMALL, "market", prospects=0.12),
    Shop("tmall_wellness", TMALL, "wellness", prospects=0.08, joiners=0.3),
    Shop("youzan_market", YOUZAN, "market", prospects=0.26),
    Shop("youzan_wellness", YOUZAN, "wellness", 0.8, prospects=0.18, joiners=0.3),
    Shop("youzan_crossborder", YOUZAN, "wellness", 0.2, prospects=0.03, joiners=0.05,
         is_imported=True),
    Shop("douyin_exclusive", DOUYIN, "market", prospects=0.1, joiners=0.1),
    Shop("douyin_flagship", DOUYIN, "wellness", prospects=0.05, joiners=0.1),
    Shop("xiaohongshu_store", XIAOHONGSHU, "all", prospects=0.06, joiners=0.1),
    Shop("kuaishou_store", KUAISHOU, "all", prospects=0.04, joiners=0.05),
)  # fmt: skip

SHOP_CODES = tuple(shop.code for shop in SHOPS)
CHANNEL_CODES: Texts = texts([channel.code for channel in CHANNELS])
SELLS_WELLNESS: Mask = np.array([shop.sells == "wellness" for shop in SHOPS])
IS_IMPORTED: Mask = np.array([shop.is_imported for shop in SHOPS])
_CHANNEL_OF_SHOP: Ints = np.array([shop.channel for shop in SHOPS])


def channel_of(shop: Ints) -> Ints:
    """Return the channel numbers (POS, TMALL ...) of shop numbers."""
    return _CHANNEL_OF_SHOP[shop]


def shops_of(channel: int) -> Ints:
    """Return the shop numbers of a channel."""
    return np.flatnonzero(channel == _CHANNEL_OF_SHOP)


def channels_with(trait: str) -> Mask:
    """Say by channel number which have a trait: has_points, has_coupons ..."""
    return np.array([getattr(channel, trait) for channel in CHANNELS], dtype=bool)


def weights(name: str) -> Floats:
    """Return a weight of all shops (prospects or joiners), adding up to one."""
    found = np.array([getattr(shop, name) for shop in SHOPS])
    return found / found.sum()


def choose_shops(channel: Ints, well: Mask, draw: Floats) -> Ints:
    """Return the shop of each line, by its channel and by whether it is wellness.

    Where several shops of the channel sell it, `draw` decides by their shares.
    """
    shop = np.zeros(len(channel), dtype="int64")
    for number in range(len(CHANNELS)):
        for sells, is_well in (("market", False), ("wellness", True)):
            fit = [place for place in shops_of(number).tolist()
                   if SHOPS[place].sells in ("all", sells)]  # fmt: skip
            mine = np.flatnonzero((channel == number) & (well == is_well))
            edges = np.cumsum([SHOPS[place].share for place in fit])
            which = np.searchsorted(edges[:-1], draw[mine] * edges[-1], side="right")
            shop[mine] = np.array(fit)[which]
    return shop
