"""Every channel with shops has its share of the world and tells it in its own words."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ingestion.sample import tell
from ingestion.sample.dice import Dice
from ingestion.sample.export import text, versions
from ingestion.sample.generate import truth_folder
from ingestion.sample.people import make_people
from ingestion.sample.purchases import make_purchases
from ingestion.sample.rates import load_rates
from ingestion.sample.reference import make_stores
from ingestion.sample.registry import all_tables
from ingestion.sample.shops import (
    CHANNEL_CODES,
    CHANNELS,
    DOUYIN,
    IS_IMPORTED,
    POS,
    SHOP_CODES,
    SHOPS,
    XIAOHONGSHU,
    channel_of,
    choose_shops,
    shops_of,
)
from ingestion.sample.synthetic import make_source
from ingestion.sample.truth import people_truth, written_records
from ingestion.sample.world import World
from tests.unit.sample.files import read_table

LINE_SHARES = {
    "pos": 0.45, "tmall": 0.20, "youzan": 0.15, "douyin": 0.10,
    "xiaohongshu": 0.05, "kuaishou": 0.05,
}  # fmt: skip
# channel: table, key and amounts of a header, factor to cents; nested parts by a dot
HEADERS = {
    "tmall": ("orders", "订单编号", "应付商品金额", "运费", "税费", "积分抵扣",
              "实付金额", 100),
    "douyin": ("orders", "order_id", "goods_amount", "post_amount", "tax_amount",
               "integral_amount", "pay_amount", 1),
    "xiaohongshu": ("orders", "订单号", "商品应付", "运费", "税费", "薯币抵扣",
                    "实付金额", 100),
    "kuaishou": ("orders", "oid", "goods_fee", "express_fee", "tax_fee", "points_fee",
                 "pay_fee", 1),
}  # fmt: skip


def headers(drops: Path, channel: str) -> pd.DataFrame:
    """Return orders as last told, in cents: goods, freight, tax, points, paid."""
    table, key, *columns, factor = HEADERS[channel]
    rows = read_table(drops, channel, table)
    if channel == "kuaishou":
        rows = rows.join(pd.json_normalize(rows["order_fee_info"].tolist()))
    rows[key] = rows[key].str.strip()
    rows = rows.drop_duplicates(key, keep="last").set_index(key)
    cents = rows[columns].astype(float) * factor
    return cents.round().set_axis(["goods", "freight", "tax", "points", "paid"], axis=1)


def test_lines_spread_over_the_channels():
    dice = Dice(5)
    source = make_source(dice, 3000)
    stores = make_stores(source, dice)
    people = make_people(source, stores, load_rates("none"), dice)
    orders, lines = make_purchases(source, people, stores, dice)
    found = np.bincount(orders["channel"].to_numpy()[lines["order"]]) / len(lines)
    assert list(CHANNEL_CODES) == list(LINE_SHARES)
    assert found == pytest.approx(list(LINE_SHARES.values()), abs=0.02)
    assert set(orders["shop"]) == set(range(len(SHOPS)))
    channel = channel_of(orders["shop"].to_numpy())
    assert (channel == orders["channel"].to_numpy()).all()


def test_shops_are_those_of_the_warehouse():
    seed = pd.read_csv("dbt_project/seeds/shops.csv").set_index("shop_code")
    for shop in SHOPS:
        assert seed.loc[shop.code, "channel_code"] == CHANNELS[shop.channel].code


def test_a_shop_sells_what_it_sells():
    channel = np.repeat(np.arange(len(CHANNELS)), 200)
    well = np.tile([True, False], len(channel) // 2)
    draw = np.tile(np.linspace(0, 0.999, 100), len(channel) // 100)
    shop = choose_shops(channel, well, draw)
    assert (channel_of(shop) == channel).all()
    sells = np.array([SHOPS[number].sells for number in shop])
    assert set(sells[well]) == {"all", "wellness"}
    assert set(sells[~well]) == {"all", "market"}
    youzan = pd.Series(np.array(SHOP_CODES)[shop[well & (channel == 2)]]).value_counts()
    assert youzan.to_dict() == {"youzan_wellness": 80, "youzan_crossborder": 20}


@pytest.mark.parametrize("channel", HEADERS)
def test_headers_add_up_in_every_channel(
    world: World, drops: Path, truth: dict[str, pd.DataFrame], channel: str
):
    """What is paid is goods, freight and tax without points; goods are the lines'."""
    told = headers(drops, channel)
    injected = truth["injected"]
    damaged = injected[injected["expected"].str.startswith("rejected")]["record_id"]
    told = told[~told.index.isin(damaged) & ~told.index.isin(["", "1.23E+18"])]
    paid = told[told["paid"] > 0]
    orders = world.orders.set_index("order_id")
    settled = orders["paid_at"].loc[paid.index] < np.datetime64("2018-01-01")
    full = paid["goods"] + paid["freight"] + paid["tax"] - paid["points"]
    assert settled.sum() > 20
    assert (paid["paid"] == full)[settled].all()
    lines = truth["lines"]
    sums = lines[lines["channel"] == channel].groupby("order_id")["goods_cents"].sum()
    both = told.index.intersection(sums.index)
    assert len(both) > 20
    assert (told.loc[both, "goods"] == sums.loc[both]).all()


def test_goods_of_all_channels_are_the_sources(
    drops: Path, truth: dict[str, pd.DataFrame]
):
    facts = json.loads((truth_folder(drops) / "world.json").read_text("utf-8"))
    by_channel = truth["lines"].groupby("channel")["goods_cents"].sum()
    assert set(by_channel.index) == set(LINE_SHARES)
    assert by_channel.sum() == round(float(facts["goods_amount"]) * 100)


def test_the_cross_border_shop_always_taxes(world: World):
    orders = world.orders[world.orders["goods"] >= 100]
    imported = orders[IS_IMPORTED[orders["shop"]]]
    assert len(imported) > 5
    assert (imported["tax"] > 0).all()
    assert (orders.loc[orders["channel"] == POS, "tax"] == 0).all()


def test_ids_look_like_the_vendors(world: World):
    orders = world.orders
    for channel, shape in (
        ("pos", r"S\d{5}-\d+"),
        ("tmall", r"123\d{16}"),
        ("youzan", r"E\d{20}"),
        ("douyin", r"692\d{16}"),
        ("xiaohongshu", r"P\d{18}"),
        ("kuaishou", r"243\d{13}"),
    ):
        mine = orders[CHANNEL_CODES[orders["channel"]] == channel]["order_id"]
        assert mine.str.fullmatch(shape).all(), channel
        assert mine.is_unique
    accounts = world.accounts
    assert accounts["account_id"].is_unique
    mine = accounts[accounts["shop"].isin(shops_of(XIAOHONGSHU))]["account_id"]
    assert mine.str.fullmatch("[0-9a-f]{24}").all()


def test_one_person_has_an_open_id_per_shop_and_one_union_id(
    world: World, drops: Path, truth: dict[str, pd.DataFrame]
):
    members = read_table(drops, "douyin", "members").dropna(subset="union_id")
    known = truth["truth"]
    known = known[(known["channel"] == "douyin") & (known["record_type"] == "member")]
    person = known.set_index("record_id")["person_id"]
    members = members[members["doudian_open_id"].isin(person.index)]
    members["person"] = person.loc[members["doudian_open_id"]].to_numpy()
    assert (members.groupby("person")["union_id"].nunique() == 1).all()
    assert (members.groupby("union_id")["person"].nunique() == 1).all()
    per_shop = members.groupby(["person", "shop_id"])["doudian_open_id"].nunique()
    assert (per_shop == 1).all()
    assert members.groupby("person")["doudian_open_id"].nunique().max() == 2


def test_joins_on_douyin_come_within_a_day(world: World):
    table = next(
        table
        for table in all_tables(world)
        if (table.channel, table.name) == ("douyin", "members")
    )
    assert table.late is not None
    share = (table.late == 1).mean()
    assert 0.25 < share < 0.75
    # the other late ones are late by the noise rate
    assert (table.late > 1).mean() < 0.05


def test_points_flow_only_where_a_channel_has_them(world: World):
    channel = channel_of(world.accounts["shop"].to_numpy())
    of_points = set(CHANNEL_CODES[channel[world.points["account"]]])
    assert of_points == {"pos", "tmall", "youzan", "douyin"}
    spent = world.orders[world.orders["points"] > 0]["channel"]
    assert set(CHANNEL_CODES[spent]) <= of_points
    online = world.coupons[world.coupons["campaign"].isna()]
    assert set(CHANNEL_CODES[channel[online["account"]]]) == of_points - {"pos"}


def test_codes_of_items_carry_the_channels_letter(drops: Path):
    codes = read_table(drops, "pos", "product_codes")
    codes = codes[codes["merchant_code"] != codes["merchant_code"].str.strip("TYDXK")]
    letters = codes.groupby("channel")["merchant_code"].agg(lambda s: set(s.str[0]))
    assert {"douyin": {"D"}, "xiaohongshu": {"X"}, "kuaishou": {"K"}}.items() <= (
        letters.to_dict().items()
    )


def test_only_members_of_xiaohongshu_have_given_a_phone(drops: Path):
    users = read_table(drops, "xiaohongshu", "users")
    assert {"是", "否"} <= set(users["是否会员"])
    others = users[users["是否会员"] == "否"]
    assert (others[["手机号", "会员等级", "入会时间"]] == "").all(axis=None)


def test_a_channels_own_frame_says_whose_it_is(world: World):
    """What a content module has to do: a frame, an id, a person or an account."""
    mine = np.flatnonzero(channel_of(world.accounts["shop"].to_numpy()) == DOUYIN)
    likes = pd.DataFrame(
        {
            "like_id": [f"L{number}" for number in range(len(mine))],
            "account": np.where(np.arange(len(mine)) % 3 == 0, -1, mine),
            "at": np.datetime64("2017-05-01T10:00:00"),
        }
    )
    subset = tell.own(likes, "like_id", "interaction")
    table = tell.exported(
        world,
        "douyin.likes",
        subset,
        versions(likes["at"]),
        lambda row, at: text(subset.column("like_id", row)),
        id_column="like_id",
    )
    truth = people_truth(world, written_records(table, np.arange(10)))
    assert set(truth["record_type"]) == {"interaction"}
    assert truth["record_id"].tolist() == ["L1", "L2", "L4", "L5", "L7", "L8"]
    owner = world.accounts["person"].to_numpy()[mine[[1, 2, 4, 5, 7, 8]]]
    assert (world.people["person_id"].to_numpy()[owner] == truth["person_id"]).all()
