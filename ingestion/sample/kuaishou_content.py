"""Kuaishou's live sessions, and what viewers do in them before they buy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from ingestion.sample import tell
from ingestion.sample.contents import (
    ANONYMOUS,
    YEAR_ENDS,
    Viewers,
    bought,
    in_time_order,
    repeats,
    sessions,
    some_sold,
    topics,
    viewers,
)
from ingestion.sample.dice import DAY, Floats, Ints, Times, only, seconds, texts, tokens
from ingestion.sample.export import ExportTable, moment, pick, text, versions
from ingestion.sample.names import given_names
from ingestion.sample.shops import KUAISHOU, SHOP_CODES
from ingestion.sample.world import World

SHOP = SHOP_CODES.index("kuaishou_store")
ACTIONS = ("enter", "like", "comment", "share", "item_click", "follow", "unfollow")
ENTER, LIKE, COMMENT, SHARE, CLICK, FOLLOW, UNFOLLOW = range(len(ACTIONS))
BROWSING = 5  # visits to sessions per account and year that lead to no order
LED_BY_LIVES = 0.85  # of orders: a session was watched shortly before
# what follows an entrance: chance on the way to an order, and else
ENGAGEMENT = {
    LIKE: (0.45, 0.2), COMMENT: (0.15, 0.05), SHARE: (0.03, 0.01), CLICK: (0.75, 0.15),
}  # fmt: skip
FOLLOWERS = 0.4  # of accounts: follow the shop before they first buy
CREATOR_DAYS = 0.5  # of days: somebody else sells for the shop, too
FIRST_DAY = np.datetime64("2016-12-18T00:00:00", "s")


def kuaishou_content_tables(world: World) -> list[ExportTable]:
    """Return the tables of live sessions and of what happens in them."""
    lives = make_lives(world)
    return [
        _lives(world, lives),
        _interactions(world, lives, make_interactions(world, lives)),
    ]


def make_lives(world: World) -> pd.DataFrame:
    """Return the live sessions in time order: every evening, many afternoons."""
    rng = world.dice.stream("kuaishou lives")
    days = int((YEAR_ENDS - FIRST_DAY) / DAY)
    midday = np.flatnonzero(rng.random(days) < CREATOR_DAYS)
    day = np.r_[np.arange(days), midday]
    by_shop = np.r_[np.ones(days, dtype=bool), np.zeros(len(midday), dtype=bool)]
    begins = np.where(by_shop, 19.0, 11.0) + rng.random(len(day)) * 1.5
    lasts = np.where(by_shop, 2.0, 1.0) + rng.random(len(day)) * 1.5
    start = (
        FIRST_DAY + day * DAY + (begins * 3600).astype("int64").astype("timedelta64[s]")
    )
    topic = topics(world, some_sold(world, KUAISHOU, rng.random(len(day))))
    hosts = tokens(rng, 12, "ksa")
    names = given_names(rng, np.full(12, "F"))
    host = np.where(by_shop, 0, 1 + rng.integers(0, 11, len(day)))
    date = np.char.replace(np.datetime_as_string(start, unit="D"), "2017-", "")
    lives = pd.DataFrame(
        {
            "topic": topic,
            "title": topic + "专场 " + texts(date),
            "anchor_id": hosts[host],
            "anchor_name": np.where(by_shop, "快手家庭小店", names[host] + "严选"),
            "by_creator": (~by_shop).astype("int64"),
            "start_at": start,
            "end_at": start + (lasts * 3600).astype("int64").astype("timedelta64[s]"),
        }
    ).sort_values("start_at", ignore_index=True)
    number = np.arange(1, len(lives) + 1)
    return lives.assign(live_id=texts(np.char.mod("KL%08d", number)))


def make_interactions(world: World, lives: pd.DataFrame) -> pd.DataFrame:
    """Return what viewers did in live sessions, in time order."""
    people = viewers(world, KUAISHOU)
    rng = world.dice.stream("kuaishou interactions")
    journeys = _with_engagement(_before_orders(world, people, lives, rng), 0, rng)
    browsing = _with_engagement(_browsing(world, people, lives, rng), 1, rng)
    told = in_time_order([journeys, browsing, _follows(people, rng)], "KI")
    viewer = told["viewer"].to_numpy()
    hidden = (told["action"] == ENTER).to_numpy() & told["is_casual"].to_numpy()
    hidden &= world.dice.stream("kuaishou anonymous").random(len(told)) < ANONYMOUS
    return told.assign(
        # whose an anonymous visit was, nobody can know
        person=np.where(hidden, -1, people.person[viewer]),
        open_id=only(~hidden, people.user_id[viewer]),
    )


def _frame(
    viewer: Ints,
    action: int,
    at: Times,
    live: Ints,
    product_id: Ints,
    *,
    is_casual: bool,
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "viewer": viewer,
            "action": action,
            "at": at.astype("datetime64[s]"),
            "live": live,
            "product_id": product_id,
            "is_casual": is_casual,
        }
    )


def _entrance(lives: pd.DataFrame, live: Ints, before: Times, draw: Floats) -> Times:
    """Return a moment within each session at which its viewer comes in."""
    start = lives["start_at"].to_numpy()[live]
    end = lives["end_at"].to_numpy()[live] - np.timedelta64(300, "s")
    span = (np.minimum(end, before) - start).astype("int64")
    return start + (draw * np.maximum(span, 0)).astype("int64").astype("timedelta64[s]")


def _before_orders(
    world: World, people: Viewers, lives: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Watch the last sessions before an order, and click on what is bought."""
    orders = bought(world, KUAISHOU)
    orders = orders[rng.random(len(orders)) < LED_BY_LIVES]
    owner, step = repeats(1 + rng.poisson(0.6, len(orders)))
    # a few minutes to look around and to click before the order is made
    before = (orders["at"] - np.timedelta64(300, "s")).to_numpy()[owner]
    latest = np.searchsorted(lives["start_at"].to_numpy(), before, side="right") - 1
    live = np.maximum(latest - step, 0)
    at = _entrance(lives, live, before, rng.random(len(owner)))
    viewer = people.of_accounts(orders["account"].to_numpy())[owner]
    product = orders["product_id"].to_numpy()[owner]
    known = viewer >= 0
    return _frame(
        viewer[known], ENTER, at[known], live[known], product[known], is_casual=False
    )


def _browsing(
    world: World, people: Viewers, lives: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Watch sessions without buying."""
    viewer = sessions(people, BROWSING, rng)
    live = rng.integers(0, len(lives), len(viewer))
    at = _entrance(lives, live, np.full(len(viewer), YEAR_ENDS), rng.random(len(live)))
    product = some_sold(world, KUAISHOU, rng.random(len(viewer)))
    return _frame(viewer, ENTER, at, live, product, is_casual=True)


def _with_engagement(
    entrances: pd.DataFrame, column: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Add likes, clicks and the like, each soon after the entrance it belongs to."""
    parts = [entrances]
    for action, chances in ENGAGEMENT.items():
        hit = entrances[rng.random(len(entrances)) < chances[column]]
        later = rng.integers(15, 280, len(hit)).astype("timedelta64[s]")
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
            _frame(came, FOLLOW, at, none, none, is_casual=False),
            _frame(
                came[gone], UNFOLLOW, left[gone], none[gone], none[gone],
                is_casual=False,
            ),
        ]
    )  # fmt: skip


def _lives(world: World, lives: pd.DataFrame) -> ExportTable:
    mine = tell.own(lives, "live_id")
    row, at = versions(lives["start_at"], lives["end_at"])

    def render(row: Ints, at: Times) -> pa.Table:
        return pa.table(
            {
                "shop_id": pick(SHOP_CODES, np.full(len(row), SHOP)),
                "live_id": text(mine.column("live_id", row)),
                "title": text(mine.column("title", row)),
                "topic": text(mine.column("topic", row)),
                "anchor_id": text(mine.column("anchor_id", row)),
                "anchor_name": text(mine.column("anchor_name", row)),
                "anchor_type": pick(
                    ("shop", "creator"), mine.column("by_creator", row)
                ),
                "start_time": moment(mine.column("start_at", row)),
                "end_time": moment(tell.happened(mine, "end_at", row, at)),
                "update_time": moment(at),
            }
        )

    return tell.exported(
        world,
        "kuaishou.lives",
        mine,
        (row, at),
        render,
        id_column="live_id",
        faults=tell.faults(date="start_time"),
    )


def _interactions(world: World, lives: pd.DataFrame, told: pd.DataFrame) -> ExportTable:
    mine = tell.own(told, "interaction_id", "interaction")
    live_id = texts(lives["live_id"])
    rng = world.dice.stream("kuaishou watching")
    watched = 5 + rng.gamma(0.9, 260, len(told)).astype("int64")

    def render(row: Ints, at: Times) -> pa.Table:
        live, action = mine.column("live", row), mine.column("action", row)
        product = mine.column("product_id", row)
        clicked = (action == CLICK) & (product >= 0)
        return pa.table(
            {
                "shop_id": pick(SHOP_CODES, np.full(len(row), SHOP)),
                "interaction_id": text(mine.column("interaction_id", row)),
                "open_id": text(mine.column("open_id", row)),
                "live_id": text(live_id[live], live >= 0),
                "action": pick(ACTIONS, action),
                "out_sku_code": text(tell.merchant_codes(product, "K"), clicked),
                "watch_seconds": pa.array(watched[row], mask=action != ENTER),
                "occurred_at": moment(at),
            }
        )

    return tell.exported(
        world,
        "kuaishou.interactions",
        mine,
        versions(told["at"]),
        render,
        id_column="interaction_id",
        kind="parquet",
    )
