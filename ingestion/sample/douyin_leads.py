"""Contacts that people leave on Douyin before they buy, or instead."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from ingestion.sample import tell
from ingestion.sample.columns import numbered
from ingestion.sample.contents import YEAR_BEGINS, YEAR_ENDS
from ingestion.sample.dice import Ints, Times, only, pick_some, seconds, texts
from ingestion.sample.export import ExportTable, moment, pick, text, versions
from ingestion.sample.people import NEVER, phone_at
from ingestion.sample.shops import DOUYIN, SHOP_CODES, shops_of
from ingestion.sample.world import World

OF_ACCOUNTS = (
    0.06  # of the shops' accounts: asked to be called before their first order
)
OF_OTHERS = 0.01  # of people without an account here: filled in a form under an ad
LOGGED_IN = 0.8  # of the accounts' leads: show who asks; forms never do
VERIFIED = 0.6  # of leads: a code sent to the phone was typed back
OTHERS_PHONE = 0.2  # of unverified phones: somebody else's
SOURCES = ("form", "message", "live", "video")
FORM = 0
STATES = ("new", "following", "converted", "invalid")
NEW, FOLLOWING, CONVERTED, INVALID = range(len(STATES))


def leads(world: World, contents: pd.DataFrame) -> ExportTable:
    """Return the table of leads."""
    told = make_leads(world, contents)
    mine = tell.own(told, "clue_id", "lead")
    item_id = texts(contents["item_id"])
    phone = tell.tick_phones(
        texts(told["phone"]), world.rates.phone_excel, world.dice, "douyin leads"
    )

    def render(row: Ints, at: Times) -> pa.Table:
        item = mine.column("item", row)
        done = mine.column("done_at", row) <= at
        began = mine.column("followed_up_at", row) <= at
        state = np.where(began, FOLLOWING, NEW)
        state = np.where(done, mine.column("outcome", row), state)
        return pa.table(
            {
                "shop_id": pick(SHOP_CODES, mine.column("shop", row)),
                "clue_id": text(mine.column("clue_id", row)),
                "doudian_open_id": text(mine.column("open_id", row)),
                "clue_source": pick(SOURCES, mine.column("source", row)),
                "name": text(mine.column("calls_himself", row)),
                "telephone": text(phone[row]),
                "is_verified": pick(
                    ("0", "1"), mine.column("is_verified", row).astype("int64")
                ),
                "item_id": text(item_id[item], item >= 0),
                "ad_id": text(mine.column("ad_id", row)),
                "clue_status": pick(STATES, state),
                "create_time": moment(mine.column("submitted_at", row)),
                "first_follow_time": moment(
                    tell.happened(mine, "followed_up_at", row, at)
                ),
                "update_time": moment(at),
            }
        )

    return tell.exported(
        world,
        "douyin.leads",
        mine,
        versions(told["submitted_at"], told["followed_up_at"], told["done_at"]),
        render,
        id_column="clue_id",
        faults=tell.faults(("clue_status", "unknown_enum"), "create_time"),
    )


def make_leads(world: World, contents: pd.DataFrame) -> pd.DataFrame:
    """Return the leads in time order; `person` is -1 where nobody can know whose."""
    told = pd.concat([_of_accounts(world), _of_others(world)], ignore_index=True)
    told = told.sort_values(["submitted_at", "asker"], kind="stable", ignore_index=True)
    rng = world.dice.stream("douyin leads")
    count, people = len(told), world.people
    asker = told["asker"].to_numpy()
    at = told["submitted_at"].to_numpy()
    verified = rng.random(count) < VERIFIED
    homes = np.flatnonzero(people["kind"] == "household")
    other = homes[rng.integers(0, len(homes), count)]
    typed = np.where(~verified & (rng.random(count) < OTHERS_PHONE), other, asker)
    answered = rng.random(count) < 0.8
    buys = told["first_at"].notna().to_numpy()
    lost = rng.random(count) < 0.4
    gives_up = at + seconds(48, 15 * 24, rng.random(count))
    converts = told["first_at"].to_numpy() + np.timedelta64(1800, "s")
    by_ad = pd.isna(told["open_id"]).to_numpy()
    shop = told["shop"].to_numpy()
    # the ads of the always-on campaigns, by shop
    ads = numbered("17", shop * 10**7 + rng.integers(1, 5, count), 9)
    title = np.where(people["gender"].to_numpy()[asker] == "M", "先生", "女士")
    return told.assign(
        clue_id=numbered("DL", np.arange(1, count + 1), 9),
        person=np.where(by_ad & ~verified, -1, asker),
        phone=phone_at(people, typed, at),
        is_verified=verified,
        source=np.where(by_ad, FORM, rng.integers(1, len(SOURCES), count)),
        calls_himself=people["name"].str[0].to_numpy()[asker] + texts(title),
        item=np.where(by_ad, -1, _item(contents, shop, at)),
        ad_id=only(by_ad, texts(ads)),
        followed_up_at=np.where(
            answered, at + seconds(0.1, 30, rng.random(count)), NEVER
        ),
        outcome=np.where(buys, CONVERTED, INVALID),
        # whoever buys is done with, whether the shop has answered or not
        done_at=np.where(buys, converts, np.where(lost, gives_up, NEVER)),
    )


def _item(contents: pd.DataFrame, shop: Ints, at: Times) -> Ints:
    """Return the shop's newest content at each time, -1 where there was none yet."""
    item = np.full(len(at), -1)
    for number in shops_of(DOUYIN).tolist():
        place = np.flatnonzero(contents["shop"] == number)
        published = contents["published_at"].to_numpy()[place]
        place = place[np.argsort(published, kind="stable")]
        newest = np.searchsorted(np.sort(published), at, side="right") - 1
        mine = (shop == number) & (newest >= 0)
        item[mine] = place[newest[mine]]
    return item


def _frame(
    asker: Ints, open_id: object, shop: Ints, at: Times, first_at: Times
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "asker": asker,
            "open_id": texts(open_id),
            "shop": shop,
            "submitted_at": at.astype("datetime64[s]"),
            "first_at": first_at.astype("datetime64[s]"),
        }
    )


def _known_well(world: World) -> np.ndarray:
    """Say who may be told by a phone: no testers, nobody whose number was recycled."""
    people = world.people
    recycled = people["gave_up"] | (people["recycled_from"] >= 0)
    return ((people["kind"] != "test") & ~recycled).to_numpy()


def _of_accounts(world: World) -> pd.DataFrame:
    """Some of the shops' accounts ask in the days before they first order."""
    accounts = world.accounts
    rng = world.dice.stream("douyin leads of accounts")
    here = accounts["channel"].to_numpy() == DOUYIN
    here &= _known_well(world)[accounts["person"]] & (accounts["seq"] == 1).to_numpy()
    mine = np.flatnonzero(here)
    mine = mine[pick_some(rng.random(len(mine)), OF_ACCOUNTS, least=3)]
    first: Times = tell.take(accounts, "first_at", mine)
    at: Times = first - seconds(0.5, 5 * 24, rng.random(len(mine)))
    buys = tell.take(accounts, "orders", mine) > 0
    return _frame(
        tell.take(accounts, "person", mine),
        only(
            rng.random(len(mine)) < LOGGED_IN, tell.take(accounts, "account_id", mine)
        ),
        tell.take(accounts, "shop", mine),
        at,
        np.where(buys, first, NEVER),
    )


def _of_others(world: World) -> pd.DataFrame:
    """Some who have no account here fill in a form under an ad."""
    accounts = world.accounts
    rng = world.dice.stream("douyin leads of others")
    here = accounts["channel"].to_numpy() == DOUYIN
    users = accounts["person"].to_numpy()[here]
    fit = _known_well(world) & ~np.isin(np.arange(len(world.people)), users)
    asker = np.flatnonzero(fit & (rng.random(len(fit)) < OF_OTHERS))
    count = len(asker)
    span = (YEAR_ENDS - YEAR_BEGINS).astype("int64")
    at = YEAR_BEGINS + (rng.random(count) * span).astype("int64").astype(
        "timedelta64[s]"
    )
    shops = shops_of(DOUYIN)
    return _frame(
        asker,
        np.full(count, None),
        shops[rng.integers(0, len(shops), count)],
        at,
        np.full(count, NEVER),
    )
