from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from ingestion.sample.dice import Dice
from ingestion.sample.generate import truth_folder
from ingestion.sample.shops import POS
from ingestion.sample.source import (
    BABY_CATEGORIES,
    WELLNESS_CATEGORIES,
    WELLNESS_DEPARTMENTS,
    Source,
    load_source,
)
from ingestion.sample.world import World
from tests.unit.sample.files import read_table

MONEY = ["list", "shop_discount", "platform_discount", "coupon", "goods"]


def test_the_whole_source_is_loaded_to_the_cent():
    lines = load_source(Dice(1)).lines
    assert len(lines) == 1_469_307
    assert lines["source_line"].is_unique
    assert lines["goods"].sum() == 459_603_958
    assert lines["sold_at"].min() == pd.Timestamp("2017-01-01 06:53:26")
    assert lines["sold_at"].max() == pd.Timestamp("2017-12-31 23:01:20")


def test_every_source_line_is_written_once(
    source: Source, truth: dict[str, pd.DataFrame]
):
    lines = truth["lines"]
    assert lines["source_line"].is_unique
    assert set(lines["source_line"]) == set(source.lines["source_line"])
    assert not lines.duplicated(["channel", "line_id"]).any()
    by_line = source.lines.set_index("source_line")["goods"]
    assert (by_line.loc[lines["source_line"]].to_numpy() == lines["goods_cents"]).all()


def nested_lines(
    drops: Path, channel: str, table: str, lists: Callable[[pd.Series], list]
) -> pd.DataFrame:
    """Return the lines within a table's rows, each order once."""
    rows = read_table(drops, channel, table)
    return pd.DataFrame([line for _, row in rows.iterrows() for line in lists(row)])


def test_files_hold_the_lines_and_their_money(
    drops: Path, truth: dict[str, pd.DataFrame]
):
    till = read_table(drops, "pos", "receipt_lines")
    till["line"] = till["store_code"] + "-" + till["receipt_no"] + "-" + till["line_no"]
    written = {
        "pos": (till, "line", "goods_amount", 100),
        "tmall": (read_table(drops, "tmall", "order_lines"),
                  "子订单编号", "应付商品金额", 100),
        "youzan": (nested_lines(drops, "youzan", "trades",
                                lambda row: row["full_order_info"]["orders"]),
                   "oid", "goods_fee", 100),
        "douyin": (nested_lines(drops, "douyin", "orders",
                                lambda row: row["sku_order_list"]),
                   "sku_order_id", "goods_amount", 1),
        "xiaohongshu": (read_table(drops, "xiaohongshu", "order_lines"),
                        "子订单号", "商品应付", 100),
        "kuaishou": (nested_lines(drops, "kuaishou", "orders",
                                  lambda row: row["order_item_list"]),
                     "item_oid", "goods_fee", 1),
    }  # fmt: skip
    lines = truth["lines"]
    assert set(lines["channel"]) == set(written)
    for channel, (frame, line_id, money, factor) in written.items():
        mine = lines[lines["channel"] == channel]
        told = frame.drop_duplicates(line_id).set_index(line_id)[money]
        cents = (told.loc[mine["line_id"]].astype(float) * factor).round()
        assert (cents.to_numpy() == mine["goods_cents"].to_numpy()).all(), channel


def test_headers_are_sums_of_lines(world: World):
    sums = world.lines.groupby("order")[MONEY].sum()
    headers = world.orders.loc[sums.index, MONEY]
    assert (sums == headers).all(axis=None)
    parts = world.orders[MONEY[1:]].sum(axis=1)
    assert (parts == world.orders["list"]).all()


def test_an_order_is_of_one_shop_and_split_orders_share_a_payment(world: World):
    orders = world.orders
    real = orders[orders["kind"] == ""]
    assert (real.groupby("order_id").size() == 1).all()
    paid = real[real["channel"] != POS].groupby("pay_no")
    assert (paid["shop"].nunique() == 1).all()
    assert (paid["basket_id"].nunique() == 1).all()
    assert (paid["deposit_at"].nunique(dropna=False) == 1).all()
    assert paid.size().max() == 2


def test_presales_pay_the_balance_when_the_source_says(world: World, source: Source):
    orders = world.orders[world.orders["kind"] == ""]
    presale = orders[orders["order_type"] == "presale"]
    assert len(presale) > 0
    assert (presale["deposit_at"] < presale["paid_at"]).all()
    first = source.lines.drop_duplicates("basket_id").set_index("basket_id")["sold_at"]
    assert (
        first.loc[orders["basket_id"]].to_numpy() == orders["paid_at"].to_numpy()
    ).all()


def test_fuel_and_redemptions_stay_in_the_stores(world: World, source: Source):
    bulky = world.lines[(world.lines["quantity"] > 100)]["order"]
    assert (world.orders.loc[bulky, "channel"] == POS).all()
    used = world.coupons[
        (world.coupons["action"] == "use") & world.coupons["campaign"].notna()
    ]
    assert len(used) == len(source.redemptions)
    assert (used["order"] >= 0).all()
    days = world.orders["paid_at"].to_numpy()[used["order"]].astype("datetime64[D]")
    assert (days == used["occurred_at"].to_numpy().astype("datetime64[D]")).all()


def test_points_never_go_below_zero(world: World):
    flow = world.points.sort_values(["account", "occurred_at"], kind="stable")
    spending = flow[flow["action"].isin(["earn", "redeem", "expire"])]
    balance = spending.groupby("account")["points"].cumsum()
    assert balance.min() >= 0
    assert (flow.loc[flow["action"] == "redeem", "points"] < 0).all()


def test_refunds_stay_within_their_line(world: World):
    refunds = world.refunds
    line = world.lines.iloc[refunds["line"].to_numpy()]
    assert (refunds["amount"].to_numpy() <= line["goods"].to_numpy()).all()
    assert (refunds["order"].to_numpy() == line["order"].to_numpy()).all()
    paid = world.orders["paid_at"].to_numpy()[refunds["order"]]
    assert (refunds["applied_at"].to_numpy() > paid).all()
    assert refunds["line"].is_unique


def test_replacements_are_worth_nothing(world: World):
    orders = world.orders
    new = orders[orders["kind"].isin(["exchange", "reshipment"])]
    assert set(new["kind"]) == {"exchange", "reshipment"}
    assert (new[["goods", "list", "freight", "tax"]] == 0).all(axis=None)
    assert (new["origin"] >= 0).all()


def test_the_rows_written_are_counted(drops: Path):
    facts = json.loads((truth_folder(drops) / "world.json").read_text("utf-8"))
    till = read_table(drops, "pos", "receipt_lines")
    assert facts["rows"]["pos.receipt_lines"] == len(till)
    assert np.isclose(
        float(facts["goods_amount"]),
        pd.read_parquet(truth_folder(drops) / "lines.parquet")["goods_cents"].sum()
        / 100,
    )


def test_shops_follow_the_brands_of_the_seed(source: Source):
    """What the wellness shops sell is what the warehouse books as wellness brands."""
    seed = pd.read_csv("dbt_project/seeds/products/product_brands.csv")
    well = seed[seed["brand_code"].isin(["ginseng", "skincare"])]
    of = well.groupby("match_on")["source_value"].agg(set)
    assert set(WELLNESS_CATEGORIES) == of["category"]
    assert set(WELLNESS_DEPARTMENTS) == of["department"]
    baby = seed[seed["brand_code"] == "baby"]["source_value"]
    assert set(BABY_CATEGORIES) == set(baby)
