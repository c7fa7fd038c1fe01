"""Douyin's videos and live sessions, and what viewers do with them before they buy."""

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
    topics,
    viewers,
)
from ingestion.sample.devices import hashed, some_device
from ingestion.sample.dice import Floats, Ints, Times, only, seconds, texts, tokens
from ingestion.sample.douyin_ads import ad_exposures
from ingestion.sample.douyin_leads import leads
from ingestion.sample.export import ExportTable, moment, pick, text, versions
from ingestion.sample.names import given_names
from ingestion.sample.shops import DOUYIN, SELLS_WELLNESS, SHOP_CODES, shops_of
from ingestion.sample.world import World

ACTIONS = ("view", "like", "comment", "share", "item_click", "follow", "unfollow")
VIEW, LIKE, COMMENT, SHARE, CLICK, FOLLOW, UNFOLLOW = range(len(ACTIONS))
SCENES = ("feed", "search", "profile", "ad")
BROWSING = 4  # sessions per account and year that lead to no order
LED_BY_CONTENTS = 0.8  # of orders: contents were watched in the ten days before
# what follows a view: chance on the way to an order, and else
ENGAGEMENT = {
    LIKE: (0.3, 0.1), COMMENT: (0.06, 0.015), SHARE: (0.04, 0.01), CLICK: (0.6, 0.08),
}  # fmt: skip
FOLLOWERS = 0.35  # of accounts: follow the shop before they join or buy
HEADS = (
    "三分钟教会你：",
    "老板娘亲测｜",
    "今晚八点 ",
    "别再买错了！",
    "闭眼入｜",
    "揭秘：",
)
AUTHORS = ("shop", "creator")


def douyin_content_tables(world: World) -> list[ExportTable]:
    """Return the tables of contents, of what happens to them, of ads and of leads."""
    contents = make_contents(world)
    return [
        _contents(world, contents),
        _interactions(world, contents, make_interactions(world, contents)),
        ad_exposures(world),
        leads(world, contents),
    ]


def make_contents(world: World) -> pd.DataFrame:
    """Return videos and live sessions, by shop, department and time of publishing."""
    rng = world.dice.stream("douyin contents")
    shops = shops_of(DOUYIN)
    count = len(shops) * (40 + round(2 * len(world.people) ** 0.5))
    shop = np.sort(shops[np.arange(count) % len(shops)])
    product = _sold_in(world, shop, rng.random(count))
    age = (rng.random(count) ** 1.2 * 420 * 86_400).astype("int64")
    published = YEAR_ENDS - np.timedelta64(18_000, "s") - age.astype("timedelta64[s]")
    is_live = rng.random(count) < 0.3
    by_creator = rng.random(count) < 0.4
    creators, names = tokens(rng, 30, "dya"), given_names(rng, np.full(30, "F"))
    author = rng.integers(0, 30, count)
    lasts = seconds(1, 4, rng.random(count))
    topic = topics(world, product)
    head = texts(HEADS)[rng.integers(0, len(HEADS), count)]
    return (
        pd.DataFrame(
            {
                "shop": shop,
                "item_id": tokens(rng, count, "71"),
                "is_live": is_live,
                "title": head + tell.titles(world, product),
                "topic": topic,
                "author_id": np.where(
                    by_creator, creators[author], texts(SHOP_CODES)[shop]
                ),
                "author_name": np.where(
                    by_creator,
                    names[author] + "的好物间",
                    np.where(SELLS_WELLNESS[shop], "抖音健康旗舰店", "抖音家庭专卖店"),
                ),
                "by_creator": by_creator.astype("int64"),
                "product_id": product,
                "department": departments(world, product),
                "published_at": published,
                "ended_at": np.where(is_live, published + lasts, np.datetime64("NaT")),
            }
        )
        .sort_values(["shop", "department", "published_at", "item_id"])
        .reset_index(drop=True)
    )


def _sold_in(world: World, shop: Ints, draw: Floats) -> Ints:
    """Draw products by how often each shop sells them; -1 where it sold nothing."""
    lines = world.lines
    seller = tell.take(world.orders, "shop", lines["order"].to_numpy())
    went_out = (lines["quantity"] > 0).to_numpy()
    product = np.full(len(shop), -1)
    for number in shops_of(DOUYIN).tolist():
        sold = lines["product_id"].to_numpy()[went_out & (seller == number)]
        mine = shop == number
        if len(sold):
            product[mine] = sold[(draw[mine] * len(sold)).astype("int64")]
    return product


def make_interactions(world: World, contents: pd.DataFrame) -> pd.DataFrame:
    """Return what viewers did with contents, in time order."""
    people = viewers(world, DOUYIN)
    rng = world.dice.stream("douyin interactions")
    shop = _shop_of(world, people, rng)
    journeys = _before_orders(world, people, contents, shop, rng)
    browsing = _browsing(people, contents, shop, rng)
    told = in_time_order(
        [
            _with_engagement(journeys, 0, rng),
            _with_engagement(browsing, 1, rng),
            _follows(people, rng),
        ],
        "DI",
    )
    viewer = told["viewer"].to_numpy()
    rng = world.dice.stream("douyin devices")
    hidden = (told["action"] == VIEW).to_numpy() & told["is_casual"].to_numpy()
    hidden &= rng.random(len(told)) < ANONYMOUS
    # long before the shop knows somebody, it sees no more than a device
    stays_unknown = people.joined_at - np.timedelta64(30, "D")
    hidden |= told["at"].to_numpy() < stays_unknown[viewer]
    return told.assign(
        shop=shop[viewer],
        # a stranger's visits are nobody's; the device says whose the others are
        person=people.person[viewer],
        open_id=only(~hidden, people.user_id[viewer]),
        device=_devices(world, people, viewer, rng),
    )


def _devices(
    world: World, people: Viewers, viewer: Ints, rng: np.random.Generator
) -> np.ndarray:
    """Return the device of each interaction; a stranger has one of his own."""
    strange = texts(tokens(rng, int(people.is_stranger.sum()), "d-"))
    number = np.cumsum(people.is_stranger) - 1
    person = people.person[viewer]
    own = some_device(world, np.maximum(person, 0), rng.random(len(viewer)))
    return np.where(person < 0, strange[np.maximum(number[viewer], 0)], own)


def _shop_of(world: World, people: Viewers, rng: np.random.Generator) -> Ints:
    """Return the shop whose contents each viewer sees; strangers find either."""
    shops = shops_of(DOUYIN)
    found = shops[rng.integers(0, len(shops), len(people.account))]
    return np.where(
        people.is_stranger, found, world.accounts["shop"].to_numpy()[people.account]
    )


def _meet(
    contents: pd.DataFrame, shop: Ints, department: Ints, at: Times, draw: Floats
) -> Ints:
    """Return the content of the shop met at each time, -1 where there was none."""
    item = np.full(len(at), -1)
    for number in shops_of(DOUYIN).tolist():
        place = np.flatnonzero(contents["shop"] == number)
        mine = shop == number
        met = meet(contents.iloc[place], department[mine], at[mine], draw[mine])
        item[mine] = np.where(met >= 0, place[met], -1)
    return item


def _frame(
    viewer: Ints, action: int, at: Times, item: Ints, *, is_casual: bool
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "viewer": viewer,
            "action": action,
            "at": at.astype("datetime64[s]"),
            "item": item,
            "is_casual": is_casual,
        }
    )


def _before_orders(
    world: World,
    people: Viewers,
    contents: pd.DataFrame,
    shop: Ints,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Watch contents, mostly about such goods, in the days before an order."""
    orders = bought(world, DOUYIN)
    orders = orders[rng.random(len(orders)) < LED_BY_CONTENTS]
    owner, _ = repeats(1 + rng.poisson(1.0, len(orders)))
    days = np.minimum(rng.exponential(2.0, len(owner)), 10)
    ahead = 300 + (days * 86_400).astype("int64")
    at = orders["at"].to_numpy()[owner] - ahead.astype("timedelta64[s]")
    viewer = people.of_accounts(orders["account"].to_numpy())[owner]
    department = departments(world, orders["product_id"].to_numpy())[owner]
    department = np.where(rng.random(len(owner)) < 0.7, department, ANY)
    item = _meet(contents, shop[viewer], department, at, rng.random(len(at)))
    seen = (item >= 0) & (viewer >= 0)
    return _frame(viewer[seen], VIEW, at[seen], item[seen], is_casual=False)


def _browsing(
    people: Viewers, contents: pd.DataFrame, shop: Ints, rng: np.random.Generator
) -> pd.DataFrame:
    """Watch contents without buying."""
    begun = sessions(people, BROWSING, rng)
    span = (YEAR_ENDS - YEAR_BEGINS).astype("int64")
    start = YEAR_BEGINS + (span * rng.random(len(begun))).astype("int64").astype(
        "timedelta64[s]"
    )
    session, step = repeats(1 + rng.poisson(0.8, len(begun)))
    at = start[session] + (step * 45).astype("timedelta64[s]")
    viewer = begun[session]
    anything = np.full(len(at), ANY)
    item = _meet(contents, shop[viewer], anything, at, rng.random(len(at)))
    seen = item >= 0
    return _frame(viewer[seen], VIEW, at[seen], item[seen], is_casual=True)


def _with_engagement(
    views: pd.DataFrame, column: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Add likes and the like, each soon after the view it belongs to."""
    parts = [views]
    for action, chances in ENGAGEMENT.items():
        hit = views[rng.random(len(views)) < chances[column]]
        later = rng.integers(5, 280, len(hit)).astype("timedelta64[s]")
        parts.append(hit.assign(action=action, at=hit["at"].to_numpy() + later))
    return pd.concat(parts, ignore_index=True)


def _follows(people: Viewers, rng: np.random.Generator) -> pd.DataFrame:
    """Some follow the shop before they join or buy; a tenth of them stop."""
    follows = ~people.is_stranger & (rng.random(len(people.account)) < FOLLOWERS)
    came = np.flatnonzero(follows)
    at = people.joined_at[came] - seconds(0.02, 72, rng.random(len(came)))
    gone = rng.random(len(came)) < 0.1
    left = at + seconds(24, 60 * 24, rng.random(len(came)))
    none = np.full(len(came), -1)
    return pd.concat(
        [
            _frame(came, FOLLOW, at, none, is_casual=False),
            _frame(came[gone], UNFOLLOW, left[gone], none[gone], is_casual=False),
        ]
    )


def _contents(world: World, contents: pd.DataFrame) -> ExportTable:
    mine = tell.own(contents, "item_id")

    def render(row: Ints, at: Times) -> pa.Table:
        product = mine.column("product_id", row)
        is_live = mine.column("is_live", row).astype("int64")
        return pa.table(
            {
                "shop_id": pick(SHOP_CODES, mine.column("shop", row)),
                "item_id": text(mine.column("item_id", row)),
                "content_type": pick(("video", "live"), is_live),
                "title": text(mine.column("title", row)),
                "topic": text(mine.column("topic", row)),
                "author_id": text(mine.column("author_id", row)),
                "author_name": text(mine.column("author_name", row)),
                "author_type": pick(AUTHORS, mine.column("by_creator", row)),
                "code": text(tell.merchant_codes(product, "D"), product >= 0),
                "create_time": moment(mine.column("published_at", row)),
                "end_time": moment(tell.happened(mine, "ended_at", row, at)),
                "update_time": moment(at),
            }
        )

    return tell.exported(
        world,
        "douyin.contents",
        mine,
        versions(contents["published_at"], contents["ended_at"]),
        render,
        id_column="item_id",
        faults=tell.faults(("content_type", "missing_required"), "create_time"),
    )


def _interactions(
    world: World, contents: pd.DataFrame, told: pd.DataFrame
) -> ExportTable:
    mine = tell.own(told, "interaction_id", "interaction")
    item_id, product_id = texts(contents["item_id"]), contents["product_id"].to_numpy()
    rng = world.dice.stream("douyin scenes")
    scene = rng.choice(len(SCENES), len(told), p=[0.7, 0.12, 0.08, 0.1])
    watched = 2 + rng.gamma(0.9, 40, len(told)).astype("int64")

    def render(row: Ints, at: Times) -> pa.Table:
        item, action = mine.column("item", row), mine.column("action", row)
        product = product_id[item]
        clicked = (action == CLICK) & (product >= 0)
        return pa.table(
            {
                "shop_id": pick(SHOP_CODES, mine.column("shop", row)),
                "interaction_id": text(mine.column("interaction_id", row)),
                "doudian_open_id": text(mine.column("open_id", row)),
                "device_hash": hashed(mine.column("device", row)),
                "item_id": text(item_id[item], item >= 0),
                "action": pick(ACTIONS, action),
                "scene": text(texts(SCENES)[scene[row]], item >= 0),
                "code": text(tell.merchant_codes(product, "D"), clicked),
                "watch_seconds": pa.array(watched[row], mask=action != VIEW),
                "occurred_at": moment(at),
            }
        )

    return tell.exported(
        world,
        "douyin.interactions",
        mine,
        versions(told["at"]),
        render,
        id_column="interaction_id",
        kind="parquet",
    )
