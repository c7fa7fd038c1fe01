"""What people do in the mini-shop between orders."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ingestion.sample.columns import numbered, picked
from ingestion.sample.dice import Dice, pick_some
from ingestion.sample.rates import NoiseRates
from ingestion.sample.shops import YOUZAN

BROWSING = 11  # sessions per account and year that end without an order
KEYWORDS = (
    "红参",
    "奶粉",
    "纸尿裤",
    "面膜",
    "维生素",
    "零食",
    "牛奶",
    "洗发水",
    "咖啡",
    "礼盒",
)
VIEW, CART, UNCART, SEARCH, CHECK_IN, SHARE, JOIN = range(7)
NAMES = ("page_view", "add_to_cart", "remove_from_cart", "search",
         "check_in", "share", "join")  # fmt: skip


def make_events(
    orders: pd.DataFrame,
    lines: pd.DataFrame,
    accounts: pd.DataFrame,
    people: pd.DataFrame,
    *,
    rates: NoiseRates,
    dice: Dice,
) -> pd.DataFrame:
    """Return events in time order with the identifiers that each of them shows."""
    rng = dice.stream("events")
    events = pd.concat(
        [
            _before_orders(orders, lines, rng),
            _browsing(lines, orders, accounts, rng),
            _joins(accounts),
        ],
        ignore_index=True,
    )
    events = events[
        (events["at"] >= np.datetime64("2017-01-01"))
        & (events["at"] < np.datetime64("2018-01-01"))
    ]
    order = np.lexsort((events["what"], events["account"], events["at"]))
    events = events.take(order).reset_index(drop=True)
    count = len(events)
    rng = dice.stream("event identifiers")
    device_only = pick_some(rng.random(count), rates.event_device_only)
    anonymous = pick_some(rng.random(count), rates.event_not_logged_in)
    anonymous &= (events["what"] != JOIN).to_numpy()
    device_only &= (events["what"] != JOIN).to_numpy()
    person = accounts["person"].to_numpy()[events["account"]]
    second = people["second_device_id"].to_numpy()[person]
    uses_second = pd.notna(second) & (rng.random(count) < 0.3)
    return events.assign(
        person=person,
        event=picked(NAMES, events["what"].to_numpy()),
        logged_in=~anonymous & ~device_only,
        shows_openid=~device_only,
        shows_unionid=~device_only & (rng.random(count) < 0.6),
        device=np.where(uses_second, second, people["device_id"].to_numpy()[person]),
        keyword=picked(
            KEYWORDS,
            rng.integers(0, len(KEYWORDS), count),
            events["what"].to_numpy() == SEARCH,
        ),
        event_id=numbered("EV", np.arange(1, count + 1), 10),
    )


def _frame(
    account: np.ndarray, what: np.ndarray, at: np.ndarray, product: np.ndarray
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "account": account,
            "what": what,
            "at": at.astype("datetime64[s]"),
            "product_id": product,
        }
    )


def _before_orders(
    orders: pd.DataFrame, lines: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """A look at, and a put into the cart of, a part of what is ordered afterwards."""
    order = lines["order"].to_numpy()
    fit = (
        (orders["channel"] == YOUZAN) & orders["kind"].isin(["", "unpaid"])
    ).to_numpy()[order]
    fit &= (lines["line_no"] <= 6).to_numpy() & (lines["quantity"] > 0).to_numpy()
    rows = np.flatnonzero(fit & (rng.random(len(lines)) < 0.35))
    order = order[rows]
    account = orders["account"].to_numpy()[order]
    created = orders["created_at"].to_numpy()[order]
    product = lines["product_id"].to_numpy()[rows]
    looked = created - rng.integers(120, 3000, len(rows)).astype("timedelta64[s]")
    put = looked + rng.integers(5, 100, len(rows)).astype("timedelta64[s]")
    carted = rng.random(len(rows)) < 0.75
    return pd.concat(
        [
            _frame(account, np.full(len(rows), VIEW), looked, product),
            _frame(
                account[carted],
                np.full(int(carted.sum()), CART),
                put[carted],
                product[carted],
            ),
        ]
    )


def _browsing(
    lines: pd.DataFrame,
    orders: pd.DataFrame,
    accounts: pd.DataFrame,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Sessions without an order: views, some searches, carts, check-ins, shares."""
    mine = np.flatnonzero(accounts["channel"].to_numpy() == YOUZAN)
    keen = rng.gamma(0.9, BROWSING / 0.9, len(mine))
    owner = np.repeat(mine, rng.poisson(keen))
    begin = np.maximum(
        accounts["joined_at"].to_numpy()[owner], np.datetime64("2017-01-01", "s")
    )
    span = np.maximum(
        (np.datetime64("2017-12-31T22:00:00", "s") - begin).astype("int64"), 0
    )
    start = begin + (span * rng.random(len(owner))).astype("int64").astype(
        "timedelta64[s]"
    )
    sold = orders["channel"].to_numpy()[lines["order"].to_numpy()] == YOUZAN
    sold &= (lines["quantity"] > 0).to_numpy()
    items = lines["product_id"].to_numpy()[sold]
    size = 1 + rng.poisson(1.6, len(owner))
    session = np.repeat(np.arange(len(owner)), size)
    step = np.arange(len(session)) - np.repeat(np.cumsum(size) - size, size)
    at = start[session] + (step * 40).astype("timedelta64[s]")
    what = rng.choice(
        [VIEW, CART, SEARCH, CHECK_IN, SHARE],
        len(session),
        p=[0.62, 0.14, 0.1, 0.09, 0.05],
    )
    product = items[rng.integers(0, max(1, len(items)), len(session))]
    product = np.where(np.isin(what, [VIEW, CART, SHARE]), product, -1)
    browsing = _frame(owner[session], what, at, product)
    regretted = browsing[(what == CART) & (rng.random(len(session)) < 0.15)]
    return pd.concat(
        [
            browsing,
            regretted.assign(what=UNCART, at=regretted["at"] + np.timedelta64(20, "s")),
        ]
    )


def _joins(accounts: pd.DataFrame) -> pd.DataFrame:
    """The moment somebody becomes a member of a mini-shop."""
    here = accounts["channel"].to_numpy() == YOUZAN
    rows = np.flatnonzero(here & accounts["is_member"])
    at = accounts["joined_at"].to_numpy()[rows]
    return _frame(rows, np.full(len(rows), JOIN), at, np.full(len(rows), -1))
