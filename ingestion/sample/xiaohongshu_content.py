"""Xiaohongshu's notes, and what users do with them before they buy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from ingestion.sample import tell
from ingestion.sample.contents import (
    ANONYMOUS,
    ANY,
    YEAR_BEGINS,
    YEAR_ENDS,
    Viewers,
    bought,
    departments,
    in_time_order,
    meet,
    repeats,
    sessions,
    some_sold,
    topics,
    viewers,
)
from ingestion.sample.dice import Ints, Times, only, seconds, texts, tokens
from ingestion.sample.export import ExportTable, moment, pick, text, versions
from ingestion.sample.names import given_names
from ingestion.sample.shops import SHOP_CODES, XIAOHONGSHU
from ingestion.sample.world import World
from ingestion.sample.xiaohongshu import follows_shop
from ingestion.sample.xiaohongshu_leads import leads

SHOP = SHOP_CODES.index("xiaohongshu_store")
ACTIONS = ("view", "like", "collect", "comment", "share", "follow", "unfollow")
VIEW, LIKE, COLLECT, COMMENT, SHARE, FOLLOW, UNFOLLOW = range(len(ACTIONS))
SCENES = ("feed", "search", "profile", "ad")
BROWSING = 5  # sessions per account and year that lead to no order
LED_BY_NOTES = 0.8  # of orders: notes were looked at in the two weeks before
# what follows a view: chance on the way to an order, and else
ENGAGEMENT = {
    LIKE: (0.3, 0.08), COLLECT: (0.25, 0.04), COMMENT: (0.04, 0.01),
    SHARE: (0.03, 0.008),
}  # fmt: skip
SAME_DEPARTMENT = 0.7  # of views before an order: a note about such goods
TITLES = ("真实测评｜", "回购无数次的", "新手必看：", "一周种草｜", "不踩雷！")
KINDS, AUTHORS = ("图文", "视频"), ("店铺", "达人", "用户")


def xiaohongshu_content_tables(world: World) -> list[ExportTable]:
    """Return the tables of notes and of what happens to them."""
    notes = make_notes(world)
    return [
        _notes(world, notes),
        _interactions(world, notes, make_interactions(world, notes)),
        leads(world, notes),
    ]


def make_notes(world: World) -> pd.DataFrame:
    """Return the notes, sorted by department and time of publishing."""
    rng = world.dice.stream("xiaohongshu notes")
    count = 60 + round(4 * len(world.people) ** 0.5)
    product = some_sold(world, XIAOHONGSHU, rng.random(count))
    # the newest are the most, as the shop grows
    age = (rng.random(count) ** 1.3 * 420 * 86_400).astype("int64")
    published = YEAR_ENDS - np.timedelta64(3600, "s") - age.astype("timedelta64[s]")
    kind = rng.choice(3, count, p=[0.4, 0.35, 0.25])
    authors = tokens(rng, 40, "5e0a")
    names = given_names(rng, np.full(40, "F"))
    # the shop writes under one account, creators and users under theirs
    author = np.where(kind == 0, 0, 1 + rng.integers(0, 39, count))
    edited = rng.random(count) < 0.1
    topic = topics(world, product)
    head = texts(TITLES)[rng.integers(0, len(TITLES), count)]
    return (
        pd.DataFrame(
            {
                "note_id": tokens(rng, count, "64c8"),
                "is_video": rng.random(count) < 0.35,
                "title": head + tell.titles(world, product),
                "topic": topic,
                "author_id": authors[author],
                "author_name": np.where(
                    kind == 0, "小红书健康美肤店", names[author] + "的日常"
                ),
                "author_kind": kind,
                "product_id": product,
                "shows_product": (product >= 0) & (rng.random(count) < 0.8),
                "department": departments(world, product),
                "published_at": published,
                "edited_at": np.where(
                    edited,
                    published + seconds(1, 20 * 24, rng.random(count)),
                    np.datetime64("NaT", "s"),
                ),
            }
        )
        .sort_values(["department", "published_at", "note_id"])
        .reset_index(drop=True)
    )


def make_interactions(world: World, notes: pd.DataFrame) -> pd.DataFrame:
    """Return what viewers did with notes, in time order."""
    people = viewers(world, XIAOHONGSHU)
    rng = world.dice.stream("xiaohongshu interactions")
    journeys = _with_engagement(_before_orders(world, people, notes, rng), 0, rng)
    browsing = _with_engagement(_browsing(people, notes, rng), 1, rng)
    told = in_time_order([journeys, browsing, _follows(world, people, rng)], "XI")
    viewer = told["viewer"].to_numpy()
    hidden = (told["action"] == VIEW).to_numpy() & told["is_casual"].to_numpy()
    hidden &= world.dice.stream("xiaohongshu anonymous").random(len(told)) < ANONYMOUS
    return told.assign(
        # whose an anonymous view was, nobody can know
        person=np.where(hidden, -1, people.person[viewer]),
        user_id=only(~hidden, people.user_id[viewer]),
    )


def _frame(
    viewer: Ints, action: Ints | int, at: Times, note: Ints, *, is_casual: bool
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "viewer": viewer,
            "action": action,
            "at": at.astype("datetime64[s]"),
            "note": note,
            "is_casual": is_casual,
        }
    )


def _before_orders(
    world: World, people: Viewers, notes: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Look at notes, mostly about such goods, in the days before an order."""
    orders = bought(world, XIAOHONGSHU)
    orders = orders[rng.random(len(orders)) < LED_BY_NOTES]
    owner, _ = repeats(1 + rng.poisson(1.2, len(orders)))
    days = np.minimum(rng.exponential(3.0, len(owner)), 14)
    ahead = 300 + (days * 86_400).astype("int64")
    at = orders["at"].to_numpy()[owner] - ahead.astype("timedelta64[s]")
    department = departments(world, orders["product_id"].to_numpy())[owner]
    department = np.where(rng.random(len(owner)) < SAME_DEPARTMENT, department, ANY)
    note = meet(notes, department, at, rng.random(len(owner)))
    viewer = people.of_accounts(orders["account"].to_numpy())[owner]
    seen = (note >= 0) & (viewer >= 0)
    return _frame(viewer[seen], VIEW, at[seen], note[seen], is_casual=False)


def _browsing(
    people: Viewers, notes: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Look at notes without buying."""
    begun = sessions(people, BROWSING, rng)
    span = (YEAR_ENDS - YEAR_BEGINS).astype("int64")
    start = YEAR_BEGINS + (span * rng.random(len(begun))).astype("int64").astype(
        "timedelta64[s]"
    )
    session, step = repeats(1 + rng.poisson(0.8, len(begun)))
    at = start[session] + (step * 180).astype("timedelta64[s]")
    note = meet(notes, np.full(len(at), ANY), at, rng.random(len(at)))
    seen = note >= 0
    return _frame(begun[session][seen], VIEW, at[seen], note[seen], is_casual=True)


def _with_engagement(
    views: pd.DataFrame, column: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Add likes and the like, each soon after the view it belongs to."""
    parts = [views]
    for action, chances in ENGAGEMENT.items():
        hit = views[rng.random(len(views)) < chances[column]]
        later = rng.integers(15, 150, len(hit)).astype("timedelta64[s]")
        parts.append(hit.assign(action=action, at=hit["at"].to_numpy() + later))
    return pd.concat(parts, ignore_index=True)


def _follows(world: World, people: Viewers, rng: np.random.Generator) -> pd.DataFrame:
    """Fans follow the shop before they join or buy; some who are none had followed."""
    follows = np.zeros(len(people.account), dtype=bool)
    known = ~people.is_stranger
    follows[known] = follows_shop(world)
    lost = known & ~follows & (rng.random(len(follows)) < 0.05)
    ahead = seconds(0.02, 72, rng.random(len(follows)))
    at = people.joined_at - ahead
    left = at + seconds(0.01, 30 * 24, rng.random(len(follows)))
    came = np.flatnonzero(follows | lost)
    gone = np.flatnonzero(lost)
    return pd.concat(
        [
            _frame(came, FOLLOW, at[came], np.full(len(came), -1), is_casual=False),
            _frame(gone, UNFOLLOW, left[gone], np.full(len(gone), -1), is_casual=False),
        ]
    )


def _notes(world: World, notes: pd.DataFrame) -> ExportTable:
    mine = tell.own(notes, "note_id")
    row, at = versions(notes["published_at"], notes["edited_at"])

    def render(row: Ints, at: Times) -> pa.Table:
        product = mine.column("product_id", row)
        return pa.table(
            {
                "店铺ID": pick(SHOP_CODES, np.full(len(row), SHOP)),
                "笔记ID": text(mine.column("note_id", row)),
                "笔记类型": pick(KINDS, mine.column("is_video", row).astype("int64")),
                "标题": text(mine.column("title", row)),
                "话题": text(mine.column("topic", row)),
                "作者ID": text(mine.column("author_id", row)),
                "作者昵称": text(mine.column("author_name", row)),
                "作者类型": pick(AUTHORS, mine.column("author_kind", row)),
                "商家编码": text(
                    tell.merchant_codes(product, "X"),
                    mine.column("shows_product", row),
                ),
                "发布时间": moment(mine.column("published_at", row)),
                "更新时间": moment(at),
            }
        )

    return tell.exported(
        world,
        "xiaohongshu.notes",
        mine,
        (row, at),
        render,
        id_column="笔记ID",
        has_totals=True,
        faults=tell.faults(date="发布时间"),
    )


def _interactions(world: World, notes: pd.DataFrame, told: pd.DataFrame) -> ExportTable:
    mine = tell.own(told, "interaction_id", "interaction")
    note_id = texts(notes["note_id"])
    rng = world.dice.stream("xiaohongshu scenes")
    scene = rng.choice(len(SCENES), len(told), p=[0.62, 0.22, 0.08, 0.08])
    dwell = 3 + rng.gamma(1.2, 25, len(told)).astype("int64")

    def render(row: Ints, at: Times) -> pa.Table:
        note = mine.column("note", row)
        is_view = mine.column("action", row) == VIEW
        return pa.table(
            {
                "shop_id": pick(SHOP_CODES, np.full(len(row), SHOP)),
                "interaction_id": text(mine.column("interaction_id", row)),
                "user_id": text(mine.column("user_id", row)),
                "note_id": text(note_id[note], note >= 0),
                "action": pick(ACTIONS, mine.column("action", row)),
                "scene": text(texts(SCENES)[scene[row]], note >= 0),
                "dwell_seconds": pa.array(dwell[row], mask=~is_view),
                "occurred_at": moment(at),
            }
        )

    return tell.exported(
        world,
        "xiaohongshu.interactions",
        mine,
        versions(told["at"]),
        render,
        id_column="interaction_id",
        kind="parquet",
    )
