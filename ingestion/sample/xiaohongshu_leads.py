"""Contacts that people leave at Xiaohongshu's shop before they buy, or instead."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from ingestion.sample import tell
from ingestion.sample.contents import ANY, meet
from ingestion.sample.dice import Ints, Times, only, seconds, texts
from ingestion.sample.export import ExportTable, moment, pick, text, versions
from ingestion.sample.people import NEVER, phone_at
from ingestion.sample.shops import SHOP_CODES, XIAOHONGSHU
from ingestion.sample.world import World

SHOP = SHOP_CODES.index("xiaohongshu_store")
OF_USERS = 0.1  # of the shop's users: asked to be called before their first order
OF_OTHERS = 0.015  # of people without an account here: filled in a form
LOGGED_IN = 0.85  # of the users' leads: show who asks; forms never do
VERIFIED = 0.55  # of leads: a code sent to the phone was typed back
OTHERS_PHONE = 0.2  # of unverified phones: somebody else's
STATES = ("新线索", "跟进中", "已转化", "无效")
NEW, FOLLOWING, CONVERTED, INVALID = range(len(STATES))
TITLES = {"F": "女士", "M": "先生", "U": "同学"}


def leads(world: World, notes: pd.DataFrame) -> ExportTable:
    """Return the table of leads."""
    told = make_leads(world, notes)
    mine = tell.own(told, "lead_id", "lead")
    note_id = texts(notes["note_id"])
    phone = tell.tick_phones(
        texts(told["phone"]), world.rates.phone_excel, world.dice, "xiaohongshu leads"
    )

    def render(row: Ints, at: Times) -> pa.Table:
        note = mine.column("note", row)
        user = mine.column("user_id", row)
        done = mine.column("done_at", row) <= at
        began = mine.column("followed_up_at", row) <= at
        state = np.where(began, FOLLOWING, NEW)
        state = np.where(done, mine.column("outcome", row), state)
        return pa.table(
            {
                "店铺ID": pick(SHOP_CODES, np.full(len(row), SHOP)),
                "线索ID": text(mine.column("lead_id", row)),
                "用户ID": text(user),
                "留资方式": pick(("私信", "表单"), pd.isna(user).astype("int64")),
                "称呼": text(mine.column("calls_himself", row)),
                "手机号": text(phone[row]),
                "手机号已验证": pick(
                    ("否", "是"), mine.column("is_verified", row).astype("int64")
                ),
                "来源笔记ID": text(note_id[note], note >= 0),
                "广告计划ID": text(mine.column("ad_plan", row)),
                "线索状态": pick(STATES, state),
                "留资时间": moment(mine.column("submitted_at", row)),
                "首次跟进时间": moment(tell.happened(mine, "followed_up_at", row, at)),
                "更新时间": moment(at),
            }
        )

    return tell.exported(
        world,
        "xiaohongshu.leads",
        mine,
        versions(told["submitted_at"], told["followed_up_at"], told["done_at"]),
        render,
        id_column="线索ID",
        has_totals=True,
        faults=tell.faults(("线索状态", "missing_required"), "留资时间"),
    )


def make_leads(world: World, notes: pd.DataFrame) -> pd.DataFrame:
    """Return the leads in time order; `person` is -1 where nobody can know whose."""
    told = pd.concat([_of_users(world), _of_others(world)], ignore_index=True)
    told = told.sort_values(["submitted_at", "asker"], kind="stable", ignore_index=True)
    rng = world.dice.stream("xiaohongshu leads")
    count = len(told)
    people = world.people
    asker = told["asker"].to_numpy()
    at = told["submitted_at"].to_numpy()
    verified = rng.random(count) < VERIFIED
    homes = np.flatnonzero(people["kind"] == "household")
    other = homes[rng.integers(0, len(homes), count)]
    typed = np.where(~verified & (rng.random(count) < OTHERS_PHONE), other, asker)
    answered = rng.random(count) < 0.85
    followed = at + seconds(0.1, 30, rng.random(count))
    converts = told["first_at"].to_numpy() + np.timedelta64(1800, "s")
    lost = rng.random(count) < 0.4
    gives_up = at + seconds(48, 15 * 24, rng.random(count))
    buys = ~np.isnat(converts)
    surname = texts([name[0] for name in people["name"].to_numpy()[asker]])
    title = texts([TITLES[sign] for sign in people["gender"].to_numpy()[asker]])
    plans = texts([f"AD{number:04d}" for number in range(1, 21)])
    hidden = pd.isna(told["user_id"]).to_numpy() & ~verified
    return told.assign(
        lead_id=texts(np.char.mod("XL%09d", np.arange(1, count + 1))),
        person=np.where(hidden, -1, asker),
        phone=phone_at(people, typed, at),
        is_verified=verified,
        calls_himself=surname + title,
        note=meet(notes, np.full(count, ANY), at, rng.random(count)),
        ad_plan=only(rng.random(count) < 0.3, plans[rng.integers(0, 20, count)]),
        followed_up_at=np.where(answered, followed, NEVER),
        outcome=np.where(buys, CONVERTED, INVALID),
        # whoever buys is done with, whether the shop has answered or not
        done_at=np.where(buys, converts, np.where(lost, gives_up, NEVER)),
    )


def _frame(asker: Ints, user_id: object, at: Times, first_at: Times) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "asker": asker,
            "user_id": texts(user_id),
            "submitted_at": at.astype("datetime64[s]"),
            "first_at": first_at.astype("datetime64[s]"),
        }
    )


def _known_well(world: World) -> np.ndarray:
    """Say who may be told by a phone: no testers, nobody whose number was recycled."""
    people = world.people
    recycled = people["gave_up"] | (people["recycled_from"] >= 0)
    return ((people["kind"] != "test") & ~recycled).to_numpy()


def _of_users(world: World) -> pd.DataFrame:
    """Some of the shop's users ask in the days before they first order."""
    accounts = world.accounts
    rng = world.dice.stream("xiaohongshu leads of users")
    here = accounts["channel"].to_numpy() == XIAOHONGSHU
    here &= _known_well(world)[accounts["person"]] & (accounts["seq"] == 1).to_numpy()
    mine = np.flatnonzero(here)
    mine = mine[rng.random(len(mine)) < OF_USERS]
    first = accounts["first_at"].iloc[mine]
    at = (first - seconds(0.5, 5 * 24, rng.random(len(mine)))).to_numpy()
    buys = accounts["orders"].to_numpy()[mine] > 0
    user = only(rng.random(len(mine)) < LOGGED_IN, accounts["account_id"].array[mine])
    return _frame(
        accounts["person"].to_numpy()[mine],
        user,
        at,
        np.where(buys, first.to_numpy(), NEVER),
    )


def _of_others(world: World) -> pd.DataFrame:
    """Some who have no account here fill in a form under a note or an ad."""
    accounts = world.accounts
    rng = world.dice.stream("xiaohongshu leads of others")
    here = accounts["channel"].to_numpy() == XIAOHONGSHU
    users = accounts["person"].to_numpy()[here]
    fit = _known_well(world) & ~np.isin(np.arange(len(world.people)), users)
    asker = np.flatnonzero(fit & (rng.random(len(fit)) < OF_OTHERS))
    span = np.timedelta64(364 * 86_400, "s").astype("int64")
    at = np.datetime64("2017-01-01T08:00:00", "s") + (
        rng.random(len(asker)) * span
    ).astype("int64").astype("timedelta64[s]")
    return _frame(asker, np.full(len(asker), None), at, np.full(len(asker), NEVER))
