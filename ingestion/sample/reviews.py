"""What buyers write about products on Tmall and Douyin."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa

from ingestion.sample import tell
from ingestion.sample.columns import numbered
from ingestion.sample.contents import YEAR_ENDS, departments
from ingestion.sample.dice import Ints, Texts, Times, only, seconds, texts
from ingestion.sample.export import ExportTable, moment, pick, text, versions
from ingestion.sample.review_words import (
    ASPECTS,
    CLOSINGS,
    FOLLOW_UPS,
    GENERAL,
    OPENINGS,
)
from ingestion.sample.shops import CHANNELS, DOUYIN, SHOP_CODES, TMALL
from ingestion.sample.world import World

REVIEWED = 0.07  # of lines that arrived and cost something
NO_WORDS = 0.15  # of reviews: stars only
FOLLOWED_UP = 0.05  # of reviews with words: more of them weeks later
ANONYMOUS = 0.2  # of reviews: hide who wrote them
STARS = ((0.02, 0.02, 0.07, 0.19, 0.7), (0.3, 0.25, 0.25, 0.1, 0.1))  # refunded: 2nd


def review_tables(world: World) -> list[ExportTable]:
    """Return the tables of reviews of both channels."""
    return [
        _table(
            world,
            TMALL,
            _tmall,
            "评价ID",
            encoding="gb18030",
            has_totals=True,
            faults=tell.faults(("评分", "missing_required"), "评价时间"),
        ),
        _table(
            world,
            DOUYIN,
            _douyin,
            "comment_id",
            faults=tell.faults(("rank", "missing_required"), "create_time"),
        ),
    ]


def make_reviews(world: World, channel: int) -> pd.DataFrame:
    """Return the reviews of a channel's lines in time order."""
    code = CHANNELS[channel].code
    rng = world.dice.stream(f"{code} reviews")
    lines, orders = world.lines, world.orders
    order = lines["order"].to_numpy()
    fit = (orders["channel"] == channel) & (orders["kind"] == "")
    fit &= orders["completed_at"].notna()
    mine = fit.to_numpy()[order] & (lines["goods"] > 0).to_numpy()
    line = np.flatnonzero(mine & (lines["quantity"] > 0).to_numpy())
    line = line[rng.random(len(line)) < REVIEWED]
    completed = tell.take(orders, "completed_at", order[line]).astype("datetime64[s]")
    at = completed + seconds(0.2, 12 * 24, rng.random(len(line)))
    inside = at < YEAR_ENDS
    line, at = line[inside], at[inside]
    by_time = np.lexsort((line, at))
    line, at = line[by_time], at[by_time]
    count = len(line)
    stars = _stars(np.isin(line, world.refunds["line"]), rng.random(count))
    product = tell.take(lines, "product_id", line)
    wordless = rng.random(count) < NO_WORDS
    words = _words(world, product, stars, rng)
    later = ~wordless & (rng.random(count) < FOLLOWED_UP)
    weeks = seconds(3 * 24, 25 * 24, rng.random(count))
    mood = _mood(stars)
    return pd.DataFrame(
        {
            "review_id": numbered(f"{code[0].upper()}R", np.arange(1, count + 1), 11),
            "line": line,
            "order": order[line],
            "account": tell.take(orders, "account", order[line]),
            "product_id": product,
            "stars": stars,
            "words": only(~wordless, words),
            "more_words": only(later, _drawn(FOLLOW_UPS, mood, rng)),
            "is_anonymous": rng.random(count) < ANONYMOUS,
            "written_at": at,
            "followed_up_at": np.where(later, at + weeks, np.datetime64("NaT", "s")),
        }
    )


def _stars(refunded: np.ndarray, draw: np.ndarray) -> Ints:
    """Return the stars given; who sent something back is less content."""
    edges = np.cumsum(np.array(STARS), axis=1)[refunded.astype("int64")]
    return 1 + (edges[:, :4] <= draw[:, None]).sum(axis=1)


def _mood(stars: Ints) -> Ints:
    """Return 0 for discontent, 1 for so so, 2 for content."""
    return np.select([stars <= 2, stars == 3], [0, 1], 2)


def _drawn(
    words: tuple[tuple[str, ...], ...], mood: Ints, rng: np.random.Generator
) -> Texts:
    """Draw words of each mood."""
    found = np.full(len(mood), "", dtype=object)
    draw = rng.random(len(mood))
    for number, choices in enumerate(words):
        mine = mood == number
        found[mine] = texts(choices)[(draw[mine] * len(choices)).astype("int64")]
    return found


def _words(world: World, product: Ints, stars: Ints, rng: np.random.Generator) -> Texts:
    """Put words together that fit the stars and the kind of goods."""
    mood = _mood(stars)
    about = _drawn(GENERAL, mood, rng)
    names = np.sort(world.products["department"].dropna().unique())
    number = departments(world, product)
    fits = rng.random(len(product)) < 0.85
    for name, words in ASPECTS.items():
        mine = np.flatnonzero(fits & (number == np.searchsorted(names, name)))
        if name in names:
            about[mine] = _drawn(words, mood[mine], rng)
    more = np.where(
        rng.random(len(product)) < 0.3, "，" + _drawn(GENERAL, mood, rng), ""
    )
    return _drawn(OPENINGS, mood, rng) + about + more + _drawn(CLOSINGS, mood, rng)


def _tmall(world: World, mine: tell.Subset, row: Ints, at: Times) -> pa.Table:
    told = _told(world, mine, row, at)
    return pa.table(
        {
            "店铺ID": told["shop"],
            "评价ID": told["review"],
            "订单编号": told["order"],
            "子订单编号": told["line"],
            "买家OUID": told["buyer"],
            "商家编码": text(tell.merchant_codes(mine.column("product_id", row), "T")),
            "评分": told["stars"],
            "评价内容": told["words"],
            "追加评价": told["more_words"],
            "评价时间": told["written_at"],
            "更新时间": moment(at),
        }
    )


def _douyin(world: World, mine: tell.Subset, row: Ints, at: Times) -> pa.Table:
    told = _told(world, mine, row, at)
    return pa.table(
        {
            "shop_id": told["shop"],
            "comment_id": told["review"],
            "order_id": told["order"],
            "sku_order_id": told["line"],
            "doudian_open_id": told["buyer"],
            "code": text(tell.merchant_codes(mine.column("product_id", row), "D")),
            "rank": told["stars"],
            "content": told["words"],
            "append_content": told["more_words"],
            "create_time": told["written_at"],
            "update_time": moment(at),
        }
    )


def _told(world: World, mine: tell.Subset, row: Ints, at: Times) -> dict[str, pa.Array]:
    """Return what both channels tell of reviews at the given times."""
    order = mine.column("order", row)
    account = mine.column("account", row)
    return {
        "shop": pick(SHOP_CODES, tell.take(world.orders, "shop", order)),
        "review": text(mine.column("review_id", row)),
        "order": text(tell.take(world.orders, "order_id", order)),
        "line": text(tell.take(world.lines, "line_id", mine.column("line", row))),
        "buyer": text(
            tell.take(world.accounts, "account_id", account),
            ~mine.column("is_anonymous", row).astype(bool),
        ),
        "stars": pa.array(mine.column("stars", row)),
        "words": text(mine.column("words", row)),
        "more_words": text(
            mine.column("more_words", row), mine.column("followed_up_at", row) <= at
        ),
        "written_at": moment(mine.column("written_at", row)),
    }


def _table(
    world: World,
    channel: int,
    render: Callable[[World, tell.Subset, Ints, Times], pa.Table],
    id_column: str,
    **more: object,
) -> ExportTable:
    """Return a channel's table of reviews."""
    told = make_reviews(world, channel)
    mine = tell.own(told, "review_id", "review")
    return tell.exported(
        world,
        f"{CHANNELS[channel].code}.reviews",
        mine,
        versions(told["written_at"], told["followed_up_at"]),
        lambda row, at: render(world, mine, row, at),
        id_column=id_column,
        **more,
    )
