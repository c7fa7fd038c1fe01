"""Ads that Douyin shows to devices: some to people who join soon after."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from ingestion.sample import tell
from ingestion.sample.columns import numbered
from ingestion.sample.contents import YEAR_BEGINS, YEAR_ENDS, repeats
from ingestion.sample.devices import hashed, some_device
from ingestion.sample.dice import Floats, Ints, Times, seconds, texts, tokens
from ingestion.sample.export import ExportTable, moment, money, pick, text, versions
from ingestion.sample.shops import DOUYIN, SHOP_CODES, shops_of
from ingestion.sample.world import World

AUDIENCE = 0.3  # of people: in the audience of some campaign
SHOWINGS = 6  # per person in the audience and year
STRANGERS = 0.4  # of people: as many devices that no channel has ever seen
LED_BY_ADS = 0.35  # of accounts: an ad was shown in the two weeks before they joined
CLICKED = (0.02, 0.25)  # of showings: any, and those that led to a join
PLACEMENTS = ("feed", "search", "live")
# name, first and last day of the year, weight
CAMPAIGNS = (
    ("日常拉新", 1, 365, 5.0),
    ("直播间引流", 1, 365, 3.0),
    ("年货节", 8, 26, 4.0),
    ("38女神节", 60, 67, 4.0),
    ("618大促", 145, 171, 8.0),
    ("双11预热", 293, 315, 10.0),
    ("双12返场", 338, 346, 5.0),
)
ADS_PER_CAMPAIGN = 4


def ad_exposures(world: World) -> ExportTable:
    """Return the ad log."""
    told = make_exposures(world)
    mine = tell.own(told, "exposure_id", "ad_exposure")
    campaign_id = texts(
        [
            f"17{shop:02d}{number:06d}"
            for shop in range(len(SHOP_CODES))
            for number in range(len(CAMPAIGNS))
        ]
    )
    names = tuple(name for name, *_ in CAMPAIGNS)

    def render(row: Ints, at: Times) -> pa.Table:
        shop, campaign = mine.column("shop", row), mine.column("campaign", row)
        campaign_of = campaign_id[shop * len(CAMPAIGNS) + campaign]
        return pa.table(
            {
                "shop_id": pick(SHOP_CODES, shop),
                "exposure_id": text(mine.column("exposure_id", row)),
                "action": pick(
                    ("impression", "click"),
                    mine.column("is_click", row).astype("int64"),
                ),
                "ad_id": text(campaign_of + texts(mine.column("ad", row).astype(str))),
                "campaign_id": text(campaign_of),
                "campaign_name": pick(names, campaign),
                "placement": pick(PLACEMENTS, mine.column("placement", row)),
                "device_hash": hashed(mine.column("device", row)),
                "os": pick(
                    ("android", "ios"), mine.column("is_ios", row).astype("int64")
                ),
                "cost": money(mine.column("cost", row)),
                "occurred_at": moment(at),
            }
        )

    return tell.exported(
        world,
        "douyin.ad_exposures",
        mine,
        versions(told["at"]),
        render,
        id_column="exposure_id",
        kind="parquet",
    )


def make_exposures(world: World) -> pd.DataFrame:
    """Return showings and clicks in time order.

    `person` is whose the device is, -1 for strangers; `cost` is in hundredths of a fen,
    all of it on the showing.
    """
    rng = world.dice.stream("douyin ads")
    shown = pd.concat(
        [
            _to_audience(world, rng),
            _before_joins(world, rng),
            _to_strangers(world, rng),
        ],
        ignore_index=True,
    )
    at = shown["at"].to_numpy()
    shown = shown[(at >= YEAR_BEGINS) & (at < YEAR_ENDS)]
    shown = shown.sort_values("at", kind="stable", ignore_index=True)
    count = len(shown)
    shown = shown.assign(
        is_click=False,
        exposure_id=numbered("EX", np.arange(1, count + 1), 12),
        campaign=_campaigns(shown["at"].to_numpy(), rng.random(count)),
        ad=rng.integers(1, ADS_PER_CAMPAIGN + 1, count),
        placement=rng.choice(len(PLACEMENTS), count, p=[0.72, 0.12, 0.16]),
        is_ios=_is_ios(shown["device"]),
        cost=100 + (rng.gamma(2.0, 150, count)).astype("int64"),
    )
    led = shown["leads"].to_numpy().astype("int64")
    clicked = rng.random(count) < np.array(CLICKED)[led]
    clicks = shown[clicked].assign(is_click=True, cost=0)
    soon = rng.integers(1, 20, len(clicks)).astype("timedelta64[s]")
    clicks["at"] = clicks["at"].to_numpy() + soon
    return pd.concat([shown, clicks]).sort_values(
        ["at", "exposure_id", "is_click"], kind="stable", ignore_index=True
    )


def _is_ios(device: pd.Series) -> np.ndarray:
    """Say which devices are iPhones: a device is the same kind every time."""
    return device.str[2].isin(list("012345")).to_numpy()


def _frame(
    person: Ints, device: object, shop: Ints, at: Times, *, leads: bool
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "person": person,
            "device": texts(device),
            "shop": shop,
            "at": at.astype("datetime64[s]"),
            "leads": leads,
        }
    )


def _some_time(draw: Floats) -> Times:
    """Return moments of the year."""
    span = (YEAR_ENDS - YEAR_BEGINS).astype("int64")
    return YEAR_BEGINS + (draw * span).astype("int64").astype("timedelta64[s]")


def _some_shop(count: int, rng: np.random.Generator) -> Ints:
    shops = shops_of(DOUYIN)
    return shops[rng.integers(0, len(shops), count)]


def _to_audience(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """Whoever fits an audience sees ads all year, customer or not."""
    real = np.flatnonzero(world.people["kind"] != "test")
    chosen = real[rng.random(len(real)) < AUDIENCE]
    owner, _ = repeats(rng.poisson(rng.gamma(1.0, SHOWINGS, len(chosen))))
    person = chosen[owner]
    return _frame(
        person,
        some_device(world, person, rng.random(len(person))),
        _some_shop(len(person), rng),
        _some_time(rng.random(len(person))),
        leads=False,
    )


def _before_joins(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """Some who join a shop had seen its ads in the two weeks before."""
    accounts = world.accounts
    fit = accounts["channel"].to_numpy() == DOUYIN
    mine = np.flatnonzero(fit & (accounts["seq"] == 1).to_numpy())
    mine = mine[rng.random(len(mine)) < LED_BY_ADS]
    owner, _ = repeats(1 + rng.poisson(2.0, len(mine)))
    account = mine[owner]
    ahead = seconds(0.1, 14 * 24, rng.random(len(account)) ** 2)
    joined: Times = tell.take(accounts, "joined_at", account)
    at: Times = joined - ahead
    person = tell.take(accounts, "person", account)
    return _frame(
        person,
        some_device(world, person, rng.random(len(person))),
        tell.take(accounts, "shop", account),
        at,
        leads=True,
    )


def _to_strangers(world: World, rng: np.random.Generator) -> pd.DataFrame:
    """Most devices of an audience are of people whom the group never meets."""
    count = max(3, round(len(world.people) * STRANGERS))
    owner, _ = repeats(1 + rng.poisson(1.5, count))
    return _frame(
        np.full(len(owner), -1),
        texts(tokens(rng, count, "d-"))[owner],
        _some_shop(len(owner), rng),
        _some_time(rng.random(len(owner))),
        leads=False,
    )


def _campaigns(at: Times, draw: Floats) -> Ints:
    """Return the campaign of each showing, among those that ran on its day."""
    day = (at.astype("datetime64[D]") - YEAR_BEGINS.astype("datetime64[D]")).astype(int)
    first, last, weight = (np.array(column) for column in zip(*[
        row[1:] for row in CAMPAIGNS], strict=True))  # fmt: skip
    days = np.arange(1, 367)[:, None]
    edges = np.cumsum(weight * ((days >= first) & (days <= last)), axis=1)
    mine = edges[day]
    return (mine <= (draw * mine[:, -1])[:, None]).sum(axis=1)
