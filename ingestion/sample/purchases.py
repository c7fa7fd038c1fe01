"""From baskets to orders: channels, shops, split orders, parcels, pre-sales, money."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.sample.columns import numbered
from ingestion.sample.dice import DAY, Dice, only, seconds, texts
from ingestion.sample.people import NEVER
from ingestion.sample.shops import (
    CHANNELS,
    IS_IMPORTED,
    POS,
    SELLS_WELLNESS,
    SHOPS,
    YOUZAN,
    channel_of,
    choose_shops,
)
from ingestion.sample.source import Source, is_wellness

MONEY = ("list", "shop_discount", "platform_discount", "coupon", "goods")
SPREAD = 2.05  # of a person's mix about the group's: the less, the more of his own
SINGLE_CHANNEL = 0.3  # of people: buy in one channel only
SHIFTED = 0.25  # of people: another mix from some day on
SPLIT, TWO_PARCELS = 0.03, 0.05  # of online orders
MERGED_WHEN_NEAR = 0.12  # of online orders within three days of the one before
PRESALE = 0.35  # of online orders paid in a balance window
# deposits are taken from the first day until the balance opens
PRESALE_WINDOWS = (
    ("2017-05-25", "2017-06-01", "2017-06-03"),
    ("2017-10-20", "2017-11-11", "2017-11-13"),
)


def make_purchases(
    source: Source, people: pd.DataFrame, stores: pd.DataFrame, dice: Dice
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return (orders, lines); lines.order is the row number of their order.

    Money in cents. `lines` are sorted by order, then as in the source.
    """
    lines = source.lines
    person = np.searchsorted(
        people["household_id"].to_numpy()[people["household_id"] >= 0],
        lines["household_id"],
    )
    basket, first = np.unique(lines["basket_id"].to_numpy(), return_inverse=True)
    start = np.full(len(basket), -1)
    start[first[::-1]] = np.arange(len(lines))[::-1]
    channel = _channels(source, person[start], first, people, dice)
    well = np.isin(
        lines["product_id"],
        source.products.loc[is_wellness(source.products), "product_id"],
    )
    line_channel = channel[first]
    draw = dice.stream("shops").random(len(basket))
    shop = choose_shops(line_channel, well, draw[first])
    in_shop = first * len(SHOPS) + shop
    part = _split_parts(in_shop, line_channel, dice)
    order_code, order = np.unique(in_shop * 2 + part, return_inverse=True)
    by_order = np.argsort(order, kind="stable")
    lines = lines.iloc[by_order].reset_index(drop=True)
    order, shop = order[by_order], shop[by_order]
    head = np.flatnonzero(np.r_[True, order[1:] != order[:-1]])
    orders = pd.DataFrame(
        {
            "basket_id": lines["basket_id"].to_numpy()[head],
            "person": person[by_order][head],
            "shop": shop[head],
            "channel": channel_of(shop[head]),
            "store": np.searchsorted(
                stores["store_id"].to_numpy(), lines["store_id"].to_numpy()[head]
            ),
            "paid_at": lines["sold_at"].to_numpy()[head],
            "line_count": np.diff(np.r_[head, len(lines)]),
            "order_type": "sale",
            "kind": "",
        }
    )
    neutral = pd.DataFrame(
        {
            "source_line": lines["source_line"],
            "order": order,
            "line_no": np.arange(len(lines)) - head[order] + 1,
            "product_id": lines["product_id"],
            "quantity": lines["quantity"],
            **{name: lines[name] for name in MONEY},
            "is_gift": (lines["goods"] == 0) & (lines["quantity"] > 0),
        }
    )
    split_group = pd.Series(order_code // 2)
    orders["payment"] = np.where(orders["channel"] == POS, -1, split_group)
    return _stamp_times(orders, dice), neutral


def _channels(
    source: Source,
    person: np.ndarray,
    basket_of_line: np.ndarray,
    people: pd.DataFrame,
    dice: Dice,
) -> np.ndarray:
    """Draw each basket's channel from its person's own mix.

    Fuel (quantities of thousands) and the days of real coupon redemptions stay in the
    stores.
    """
    rng = dice.stream("channels")
    count = int((people["kind"] == "household").sum())

    shares = np.array([channel.share for channel in CHANNELS])
    number = len(CHANNELS)

    def mixes() -> np.ndarray:
        mix = rng.dirichlet(SPREAD * shares, count)
        single = np.flatnonzero(rng.random(count) < SINGLE_CHANNEL)
        mix[single] = np.eye(number)[rng.choice(number, len(single), p=shares)]
        return mix

    early, late = mixes(), mixes()
    shift = np.datetime64("2017-02-01", "s") + rng.integers(0, 300, count) * DAY
    shifts = rng.random(count) < SHIFTED
    sold_at = np.empty(len(person), dtype="datetime64[s]")
    sold_at[basket_of_line] = source.lines["sold_at"].to_numpy()
    use_late = shifts[person] & (sold_at >= shift[person])
    mix = np.where(use_late[:, None], late[person], early[person])
    draw = rng.random(len(person))
    channel = (draw[:, None] > np.cumsum(mix, axis=1)[:, :-1]).sum(axis=1)
    bulky = np.bincount(
        basket_of_line, source.lines["quantity"].to_numpy() > 100, len(person)
    )
    day = sold_at.astype("datetime64[D]")
    redeemed = pd.MultiIndex.from_arrays(
        [
            source.redemptions["household_id"],
            source.redemptions["redemption_date"].to_numpy().astype("datetime64[s]"),
        ]
    )
    here = pd.MultiIndex.from_arrays(
        [people["household_id"].to_numpy()[person], day.astype("datetime64[s]")]
    )
    return np.where((bulky > 0) | here.isin(redeemed), POS, channel)


def _split_parts(code: np.ndarray, line_channel: np.ndarray, dice: Dice) -> np.ndarray:
    """Put the later half of some online orders of four lines or more into a second."""
    groups, group = np.unique(code, return_inverse=True)
    size = np.bincount(group)
    split = (dice.stream("split orders").random(len(groups)) < SPLIT) & (size >= 4)
    by_group = np.argsort(group, kind="stable")
    place = np.empty(len(code), dtype="int64")
    starts = np.r_[0, np.cumsum(size)[:-1]]
    place[by_group] = np.arange(len(code)) - starts[group[by_group]]
    return (
        split[group] & (line_channel != POS) & (place >= (size[group] + 1) // 2)
    ).astype("int64")


def _stamp_times(orders: pd.DataFrame, dice: Dice) -> pd.DataFrame:
    """Add created, deposit, shipped, completed and closed times."""
    rng = dice.stream("order times")
    count = len(orders)
    paid = orders["paid_at"].to_numpy()
    online = orders["channel"].to_numpy() != POS
    # a split order was paid once, so its parts share their course
    _, payment = np.unique(orders["payment"], return_inverse=True)
    draws = rng.random((5, count))
    draws[:, online] = draws[:, payment[online]]
    created = paid - seconds(0.01, 0.3, draws[0])
    shipped = paid + seconds(3, 40, draws[1])
    completed = shipped + seconds(40, 220, draws[2])
    presale_draw, deposit_draw = draws[3], draws[4]
    deposit = np.full(count, NEVER)
    for opens, balance_from, ends in PRESALE_WINDOWS:
        lowest, from_, end = (
            np.datetime64(day, "s") for day in (opens, balance_from, ends)
        )
        hit = online & (paid >= from_) & (paid < end + DAY) & (presale_draw < PRESALE)
        span = (from_ - lowest).astype("int64")
        at = lowest + (deposit_draw * span).astype("int64").astype("timedelta64[s]")
        deposit = np.where(hit, at, deposit)
        created = np.where(hit, at - seconds(0.01, 0.1, presale_draw), created)
    presale = ~np.isnat(deposit)
    return orders.assign(
        order_type=np.where(presale, "presale", orders["order_type"]),
        created_at=np.where(online, created, paid),
        deposit_at=deposit,
        shipped_at=np.where(online, shipped, NEVER),
        completed_at=np.where(online, completed, NEVER),
        closed_at=np.full(count, NEVER),
    )


def price_orders(
    orders: pd.DataFrame, lines: pd.DataFrame, dice: Dice, topic: str
) -> pd.DataFrame:
    """Add the headers' money: sums of lines, freight, tax, deposit; no points yet.

    Some of what the wellness shops sell is imported and taxed, the cross-border shop's
    goods always.
    """
    rng = dice.stream(f"money {topic}")
    count = len(orders)
    order = lines["order"].to_numpy()
    sums = {
        name: np.rint(np.bincount(order, lines[name], count)).astype("int64")
        for name in MONEY
    }
    online = orders["channel"].to_numpy() != POS
    small = sums["goods"] < 3900
    draws = rng.random((count, 2))  # by order, so that noise's orders shift nobody's
    freight = np.where(online & small & (draws[:, 0] < 0.35), 600, 0)
    shop = orders["shop"].to_numpy()
    imported = SELLS_WELLNESS[shop] & (draws[:, 1] < 0.06)
    imported |= IS_IMPORTED[shop]
    tax = np.where(imported, np.rint(sums["goods"] * 0.091), 0).astype("int64")
    nothing = orders["order_type"].isin(["exchange", "reshipment"]).to_numpy()
    presale = ~np.isnat(orders["deposit_at"].to_numpy())
    return orders.assign(
        **sums,
        freight=np.where(nothing | presale, 0, freight),
        tax=np.where(nothing, 0, tax),
        deposit=np.where(presale, np.rint(sums["goods"] * 0.2), 0).astype("int64"),
        points=np.zeros(count, dtype="int64"),
    )


def _order_ids(orders: pd.DataFrame) -> np.ndarray:
    """Return the vendors' order ids, those of one channel counted by themselves."""
    channel = orders["channel"].to_numpy()
    ids = np.full(len(orders), None, dtype=object)
    for number, of_channel in enumerate(CHANNELS):
        if of_channel.order_numbers is None:
            continue
        prefix, first, step = of_channel.order_numbers
        mine = np.flatnonzero(channel == number)
        ids[mine] = texts(numbered(prefix, first + (mine + 1) * step))
    mine = np.flatnonzero(channel == YOUZAN)
    stamp = orders["created_at"].iloc[mine].dt.strftime("%Y%m%d%H%M%S")
    place = pd.Series(np.arange(1, len(mine) + 1) % 10**6).astype(str).str.zfill(6)
    ids[mine] = "E" + texts(stamp) + texts(place)
    return ids


def number_orders(
    orders: pd.DataFrame, lines: pd.DataFrame, stores: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add vendor ids of orders, payments, parcels and lines."""
    channel = orders["channel"].to_numpy()
    receipt = texts(numbered("", orders["basket_id"].to_numpy()))
    order_id = _order_ids(orders)
    till = channel == POS
    store = stores["store_code"].to_numpy()[orders["store"]]
    order_id[till] = store[till] + "-" + receipt[till]
    order = lines["order"].to_numpy()
    at_till = pa.array(channel[order] == POS)
    number = 2_450_000_000_000_000_000 + np.arange(1, len(lines) + 1) * 7_919
    # a million texts: as one arrow column, not as a million Python objects
    line_id = pc.if_else(
        at_till,
        pc.binary_join_element_wise(
            pa.array(order_id, pa.large_string()).take(pa.array(order)),
            pa.array(lines["line_no"].to_numpy()).cast(pa.large_string()),
            pa.scalar("-", pa.large_string()),
        ),
        pa.array(number).cast(pa.large_string()),
    )
    payment = orders["payment"].to_numpy()
    return (
        orders.assign(
            order_id=order_id,
            receipt_no=only(channel == POS, receipt),
            pay_no=only(payment >= 0, texts(numbered("P", payment, 18))),
        ),
        lines.assign(line_id=pd.array(line_id, dtype="str")),
    )


def ship_parcels(orders: pd.DataFrame, lines: pd.DataFrame, dice: Dice) -> pd.DataFrame:
    """Add each online line's parcel: one per order, sometimes two, sometimes shared."""
    rng = dice.stream("parcels")
    count = len(orders)
    online = (orders["channel"] != POS).to_numpy()
    parcel = np.arange(count)
    # merged: ships with the same person's previous order of the same shop
    by_buyer = np.lexsort((orders["paid_at"], orders["shop"], orders["person"]))
    before = np.r_[-1, by_buyer[:-1]]
    here = by_buyer
    same = (
        (before >= 0)
        & (orders["person"].to_numpy()[here] == orders["person"].to_numpy()[before])
        & (orders["shop"].to_numpy()[here] == orders["shop"].to_numpy()[before])
    )
    near = (
        orders["paid_at"].to_numpy()[here] - orders["paid_at"].to_numpy()[before]
    ) < 3 * DAY
    draws = rng.random((count, 2))
    merged = same & near & online[here] & (draws[here, 0] < MERGED_WHEN_NEAR)
    parcel[here[merged]] = before[merged]
    two = online & (orders["line_count"].to_numpy() >= 3)
    two &= draws[:, 1] < TWO_PARCELS
    order = lines["order"].to_numpy()
    second = two[order] & (lines["line_no"] % 2 == 0).to_numpy()
    number = parcel[order] * 2 + second
    digits = pc.utf8_lpad(pa.array(number).cast(pa.large_string()), 12, "0")
    label = pc.replace_substring_regex(digits, "^", "SF")
    shipped = pc.if_else(
        pa.array(online[order]), label, pa.scalar(None, pa.large_string())
    )
    return lines.assign(parcel=pd.array(shipped, dtype="str"))
