"""Points and coupons: flows that follow the orders, and the real store campaigns."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ingestion.sample.columns import numbered
from ingestion.sample.dice import DAY, Dice, seconds, tokens
from ingestion.sample.shops import POS, TMALL, channels_with
from ingestion.sample.source import Source

REDEEMING = 0.05  # of members' orders: pay a part with points, 100 points = 1 yuan
TMALL_CLEARING = ("2017-01-15", "2018-01-15")  # Tmall points of a year lapse then
VALIDITY = 365 * DAY  # store and mini-shop points live a rolling year
ISSUED_PER_CAMPAIGN = 4
UNUSED_CLAIMS = 2.0  # per online account and year


class Ledger:
    """Amounts by account and time: what had been booked by a moment."""

    def __init__(self, account: np.ndarray, at: np.ndarray, amount: np.ndarray) -> None:
        key = self._key(account, at)
        order = np.argsort(key, kind="stable")
        self._keys = key[order]
        self._sums = np.r_[0, np.cumsum(amount[order])]

    @staticmethod
    def _key(account: np.ndarray, at: np.ndarray) -> np.ndarray:
        return account.astype("int64") * 2**33 + at.astype("datetime64[s]").astype(
            "int64"
        )

    def until(self, account: np.ndarray, at: np.ndarray) -> np.ndarray:
        """Return the sum booked for each account up to and including each time."""
        end = np.searchsorted(self._keys, self._key(account, at), side="right")
        begin = np.searchsorted(
            self._keys, account.astype("int64") * 2**33, side="left"
        )
        return self._sums[end] - self._sums[begin]


def make_points(
    orders: pd.DataFrame, accounts: pd.DataFrame, refunds: pd.DataFrame, dice: Dice
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return (points flow, points used on each order in cents)."""
    rng = dice.stream("points")
    account = orders["account"].to_numpy()
    member = (account >= 0) & accounts["is_member"].to_numpy()[account]
    member &= channels_with("has_points")[orders["channel"].to_numpy()]
    booked_at = orders["completed_at"].fillna(orders["paid_at"]).to_numpy()
    booked_at = booked_at.astype("datetime64[s]")
    earns = (
        member
        & orders["kind"].eq("").to_numpy()
        & orders["closed_at"].isna().to_numpy()
        & (orders["goods"] >= 100).to_numpy()
    )
    earned = np.where(earns, orders["goods"] // 100, 0)
    rows = np.flatnonzero(earns)
    balance = Ledger(account[rows], booked_at[rows], earned[rows])
    paid = orders["paid_at"].to_numpy()
    wishes = (
        earns
        & (rng.random(len(orders)) < REDEEMING)
        & (orders["goods"] >= 1000).to_numpy()
        & orders["deposit_at"].isna().to_numpy()
    )
    payers = np.flatnonzero(wishes)
    payers = payers[np.lexsort((paid[payers], account[payers]))]
    available = balance.until(account[payers], paid[payers])
    same = np.r_[False, account[payers][1:] == account[payers][:-1]]
    since = np.where(same, np.r_[0, available[:-1]], 0)
    most = orders["goods"].to_numpy()[payers] * 0.3
    spend = np.minimum((available - since) * 0.5, most).astype("int64") // 10 * 10
    points = np.zeros(len(orders), dtype="int64")
    points[payers] = spend
    used = np.flatnonzero(points > 0)
    redeemed = Ledger(account[used], paid[used], points[used])
    flows = [
        _flow(account[rows], "earn", earned[rows], rows, booked_at[rows]),
        _flow(account[used], "redeem", -points[used], used, paid[used]),
        *_carried_over(accounts, earned, account=account, redeemed=redeemed, rng=rng),
        _taken_back(orders, refunds, account, earns),
    ]
    flow = pd.concat(flows, ignore_index=True)
    flow = flow[flow["points"] != 0].sort_values(
        ["occurred_at", "account", "action"], kind="stable", ignore_index=True
    )
    channel = accounts["channel"].to_numpy()[flow["account"]]
    at = flow["occurred_at"].to_numpy()
    first, second = (np.datetime64(day, "s") for day in TMALL_CLEARING)
    expires = np.where(
        channel == TMALL, np.where(at < first, first, second), at + VALIDITY
    )
    flow["expires_on"] = np.where(
        flow["action"] == "earn", expires, np.datetime64("NaT")
    ).astype("datetime64[s]")
    flow["flow_id"] = numbered("PT", np.arange(1, len(flow) + 1), 10)
    return flow, points


def _flow(
    account: np.ndarray,
    action: str,
    points: np.ndarray,
    order: np.ndarray | int,
    at: np.ndarray,
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "account": account,
            "action": action,
            "points": points,
            "order": order,
            "occurred_at": at.astype("datetime64[s]"),
        }
    )


def _carried_over(
    accounts: pd.DataFrame,
    earned: np.ndarray,
    *,
    account: np.ndarray,
    redeemed: Ledger,
    rng: np.random.Generator,
) -> list[pd.DataFrame]:
    """Points of 2016 that older members bring along, and what lapses of them."""
    yearly = np.bincount(account[account >= 0], earned[account >= 0], len(accounts))
    before = np.datetime64("2016-12-31", "s")
    joined = accounts["joined_at"].to_numpy()
    old = np.flatnonzero((joined < before) & (yearly >= 20))
    at = np.maximum(joined[old], np.datetime64("2016-01-20", "s"))
    span = (before - at).astype("int64")
    at = at + (span * rng.random(len(old))).astype("int64").astype("timedelta64[s]")
    lot = (yearly[old] * (0.1 + 0.5 * rng.random(len(old)))).astype("int64")
    channel = accounts["channel"].to_numpy()[old]
    lapse = np.where(
        channel == TMALL, np.datetime64(TMALL_CLEARING[0], "s"), at + VALIDITY
    ).astype("datetime64[s]") + np.timedelta64(5, "s")
    rest = np.maximum(lot - redeemed.until(old, lapse), 0)
    return [
        _flow(old, "earn", lot, -1, at),
        _flow(old, "expire", -rest, -1, lapse),
    ]


def _taken_back(
    orders: pd.DataFrame, refunds: pd.DataFrame, account: np.ndarray, earns: np.ndarray
) -> pd.DataFrame:
    """Points earned on goods that were given back."""
    done = refunds[~refunds["is_refused"] & (refunds["amount"] >= 100)]
    done = done[earns[done["order"].to_numpy()]]
    order = done["order"].to_numpy()
    completed = orders["completed_at"].to_numpy()[order]
    at = done["decided_at"].to_numpy()
    at = np.where(at < completed, completed + np.timedelta64(60, "s"), at)
    return _flow(
        account[order], "return", -(done["amount"].to_numpy() // 100), order, at
    )


def make_coupons(
    source: Source,
    orders: pd.DataFrame,
    accounts: pd.DataFrame,
    people: pd.DataFrame,
    dice: Dice,
) -> pd.DataFrame:
    """Return the coupon flow of all channels, one row per coupon and step."""
    flow = pd.concat(
        [
            _store_coupons(source, orders, accounts, people, dice),
            _used_online(orders, dice),
            _unused_online(accounts, dice),
        ],
        ignore_index=True,
    )
    return flow.sort_values(
        ["occurred_at", "coupon_id", "action"], kind="stable", ignore_index=True
    )


def _store_coupons(
    source: Source,
    orders: pd.DataFrame,
    accounts: pd.DataFrame,
    people: pd.DataFrame,
    dice: Dice,
) -> pd.DataFrame:
    """Issue the real campaigns' coupons to those targeted; use, claim, expire them."""
    coupons = source.coupons.sort_values(["campaign_id", "coupon_upc"])
    coupons["place"] = coupons.groupby("campaign_id").cumcount()
    size = coupons.groupby("campaign_id").size()
    pairs = source.campaign_pairs.loc[
        source.campaign_pairs.index.repeat(ISSUED_PER_CAMPAIGN)
    ]
    rank = np.arange(len(pairs)) % ISSUED_PER_CAMPAIGN
    held = size.loc[pairs["campaign_id"]].to_numpy()
    pairs = pairs.assign(place=(pairs["household_id"] * 7 + rank) % held)[rank < held]
    issued = pairs.merge(coupons, on=["campaign_id", "place"])
    issued = issued[["household_id", "campaign_id", "coupon_upc"]]
    used = source.redemptions.sort_values(
        ["redemption_date", "household_id", "coupon_upc", "campaign_id"]
    )
    key = ["household_id", "campaign_id", "coupon_upc"]
    issued = pd.concat([used[[*key, "redemption_date"]], issued], ignore_index=True)
    issued = issued[issued["redemption_date"].notna() | ~issued.duplicated(key)]
    issued = issued.merge(source.campaigns, on="campaign_id")
    household = people["household_id"]
    person = pd.Series(people.index, index=household)[lambda s: s.index >= 0]
    cards = accounts[(accounts["channel"] == POS) & accounts["is_member"]]
    cards = cards[cards["seq"] == 1]
    card = pd.Series(cards.index, index=cards["person"])
    issued["person"] = issued["household_id"].map(person)
    issued["account"] = issued["person"].map(card)
    issued = issued[issued["account"].notna()].sort_values(key, ignore_index=True)
    issued["account"] = issued["account"].astype("int64")
    serial = issued.groupby(key).cumcount() + 1
    rng = dice.stream("store coupons")
    count = len(issued)
    # a coupon redeemed before the member joined was handed over the counter that day
    joined = accounts["joined_at"].to_numpy()[issued["account"]]
    opens = issued["start_date"].to_numpy().astype("datetime64[s]")
    ends = issued["end_date"].to_numpy().astype("datetime64[s]")
    at = np.maximum(opens + seconds(8, 11, rng.random(count)), joined)
    redeemed = issued["redemption_date"].notna().to_numpy()
    order = _receipts(issued, orders)
    sold_at = orders["paid_at"].to_numpy()[order]
    used_at = np.where(
        order >= 0,
        sold_at,
        issued["redemption_date"].to_numpy().astype("datetime64[s]")
        + np.timedelta64(12, "h"),
    )
    at = np.where(redeemed, np.minimum(at, used_at - np.timedelta64(1, "h")), at)
    live = redeemed | (at < ends)
    face = 50 + issued["coupon_upc"].to_numpy() % 10 * 50
    base = pd.DataFrame(
        {
            "account": issued["account"],
            "coupon_id": "C"
            + issued["campaign_id"].astype(str).str.zfill(2)
            + "-" + issued["coupon_upc"].astype(str)
            + "-" + issued["household_id"].astype(str)
            + "-" + serial.astype(str),
            "template": issued["coupon_upc"].astype(str),
            "campaign": "C" + issued["campaign_id"].astype(str).str.zfill(2),
            "face": face,
            "threshold": face * (issued["coupon_upc"].to_numpy() % 3) * 5,
            "valid_from": opens,
            "valid_to": ends,
        }
    )  # fmt: skip
    claims = live & (redeemed | (rng.random(count) < 0.4))
    claimed_at = np.where(
        redeemed,
        at + (used_at - at) / 2,
        at + (np.maximum(ends, at) - at) * rng.random(count) / 2,
    ).astype("datetime64[s]")
    none = np.full(count, -1)
    steps = [
        (live, "issue", at, none),
        (claims, "claim", claimed_at, none),
        (redeemed, "use", used_at, order),
        (live & ~redeemed, "expire", ends + DAY + np.timedelta64(5, "s"), none),
    ]
    return pd.concat(
        [
            base.assign(action=action, occurred_at=when, order=use)[mask]
            for mask, action, when, use in steps
        ]
    )


def _receipts(issued: pd.DataFrame, orders: pd.DataFrame) -> np.ndarray:
    """Return the store receipt of each redemption's day, couponed ones first, or -1."""
    real = orders[(orders["channel"] == POS) & (orders["kind"] == "")]
    day = real["paid_at"].dt.normalize()
    ranked = real.assign(day=day, row=real.index, bare=real["coupon"] == 0).sort_values(
        ["person", "day", "bare", "row"]
    )
    first = ranked.drop_duplicates(["person", "day"]).set_index(["person", "day"])
    wanted = pd.MultiIndex.from_arrays([issued["person"], issued["redemption_date"]])
    return first["row"].reindex(wanted).fillna(-1).to_numpy().astype("int64")


def _used_online(orders: pd.DataFrame, dice: Dice) -> pd.DataFrame:
    """Shop coupons that paid a part of an online order; given back if it was undone."""
    told = channels_with("has_coupons")[orders["channel"].to_numpy()]
    told &= (orders["channel"] != POS).to_numpy()
    rows = np.flatnonzero(told & (orders["kind"] == "") & (orders["coupon"] > 0))
    rng = dice.stream("online coupons")
    used_at = orders["created_at"].to_numpy()[rows] + np.timedelta64(10, "s")
    claimed = used_at - seconds(0.05, 70, rng.random(len(rows)))
    start = claimed.astype("datetime64[D]").astype("datetime64[s]")
    coupon = orders["coupon"].to_numpy()[rows]
    base = pd.DataFrame(
        {
            "account": orders["account"].to_numpy()[rows],
            "coupon_id": tokens(rng, len(rows), "Q"),
            "template": numbered("A", 100 + coupon // 100),
            "campaign": None,
            "face": coupon,
            "threshold": np.minimum(
                coupon * 3, (orders["goods"].to_numpy()[rows] + coupon) // 100 * 100
            ),
            "valid_from": start,
            "valid_to": start + 15 * DAY,
        }
    )
    closed = orders["closed_at"].to_numpy()[rows]
    return pd.concat(
        [
            base.assign(action="claim", occurred_at=claimed, order=-1),
            base.assign(action="use", occurred_at=used_at, order=rows),
            base.assign(action="return", occurred_at=closed, order=rows)[
                ~np.isnat(closed)
            ],
        ]
    )


def _unused_online(accounts: pd.DataFrame, dice: Dice) -> pd.DataFrame:
    """Coupons claimed and left to lapse, some of them still valid at new year."""
    rng = dice.stream("unused coupons")
    told = channels_with("has_coupons")[accounts["channel"].to_numpy()]
    told &= (accounts["channel"] != POS).to_numpy()
    online = np.flatnonzero(told & accounts["is_member"] & (accounts["seq"] == 1))
    owner = np.repeat(online, rng.poisson(UNUSED_CLAIMS, len(online)))
    count = len(owner)
    begin = np.maximum(
        accounts["joined_at"].to_numpy()[owner], np.datetime64("2017-01-01", "s")
    )
    span = (np.datetime64("2017-12-31T23:00:00", "s") - begin).astype("int64")
    draw = rng.random(count)
    # the year-end campaign gives more of them
    draw = np.where(rng.random(count) < 0.15, 0.97 + draw * 0.03, draw)
    claimed = begin + (span * draw).astype("int64").astype("timedelta64[s]")
    start = claimed.astype("datetime64[D]").astype("datetime64[s]")
    ends = start + rng.choice([3, 7, 15, 30], count) * DAY
    face = rng.choice([300, 500, 1000, 2000], count)
    base = pd.DataFrame(
        {
            "account": owner,
            "coupon_id": tokens(rng, count, "Q"),
            "template": numbered("A", 100 + face // 100),
            "campaign": None,
            "face": face,
            "threshold": face * 10,
            "valid_from": start,
            "valid_to": ends,
        }
    )
    return pd.concat(
        [
            base.assign(action="claim", occurred_at=claimed, order=-1),
            base.assign(
                action="expire",
                occurred_at=ends + DAY + np.timedelta64(5, "s"),
                order=-1,
            ),
        ]
    )
