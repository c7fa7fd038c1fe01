from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from ingestion.sample.accounts import account_phone
from ingestion.sample.shops import DOUYIN, TMALL, YOUZAN, channel_of
from ingestion.sample.world import World
from tests.unit.sample.files import read_table

RECORDS = {
    ("tmall", "members", "会员OUID"): "member",
    ("youzan", "customers", "yz_open_id"): "member",
    ("pos", "members", "member_no"): "member",
    ("tmall", "orders", "订单编号"): "order",
    ("youzan", "trades", "tid"): "order",
    ("youzan", "events", "event_id"): "event",
    ("tmall", "points", "流水号"): "points",
    ("pos", "coupons", "coupon_no"): "coupon",
    ("youzan", "touches", "msg_id"): "touch",
    ("pos", "consents", "consent_no"): "consent",
    ("douyin", "members", "doudian_open_id"): "member",
    ("douyin", "orders", "order_id"): "order",
    ("douyin", "points", "flow_id"): "points",
    ("douyin", "coupons", "coupon_id"): "coupon",
    ("xiaohongshu", "users", "用户ID"): "member",
    ("xiaohongshu", "orders", "订单号"): "order",
    ("kuaishou", "members", "open_id"): "member",
    ("kuaishou", "orders", "oid"): "order",
    ("mini_program", "users", "openid"): "member",
    ("mini_program", "events", "event_id"): "event",
    ("mini_program", "id_changes", "change_id"): "id_change",
    ("wecom", "contacts", "external_userid"): "contact",
    ("wecom", "relations", "event_id"): "relation",
    ("wecom", "messages", "msgid"): "touch",
    ("pos", "service_cases", "case_no"): "service_case",
}


@pytest.mark.parametrize(("place", "kind"), RECORDS.items())
def test_truth_knows_everybody(
    drops: Path, truth: dict[str, pd.DataFrame], place: tuple[str, str, str], kind: str
):
    channel, table, column = place
    written = set(read_table(drops, channel, table)[column].str.strip()) - {""}
    known = truth["truth"]
    known = known[(known["channel"] == channel) & (known["record_type"] == kind)]
    assert known["record_id"].is_unique
    injected = truth["injected"]
    damaged = injected[
        (injected["channel"] == channel)
        & (injected["table"] == table)
        & (injected["expected"] != "staged")
        & ~injected["record_id"].isin(known["record_id"])
    ]
    assert written - set(damaged["record_id"].dropna()) == set(known["record_id"])


def test_person_ids_are_households_prospects_and_testers(
    truth: dict[str, pd.DataFrame],
):
    people = truth["truth"]["person_id"].drop_duplicates()
    assert people.str.fullmatch(r"h\d+|p\d{4}|t[12]").all()


def test_a_careful_resolver_can_reach_the_goal(world: World):
    """Exact identifiers tie nearly all pairs of one person's orders and accounts."""
    accounts, people, orders = world.accounts, world.people, world.orders
    orders = orders[(orders["person"] >= 0) & (orders["account"] >= 0)]
    row = np.arange(len(accounts))
    shown = account_phone(
        accounts, people, row, np.full(len(row), np.datetime64("2018"))
    )
    first = account_phone(accounts, people, row, accounts["bound_at"].to_numpy())
    channel = channel_of(accounts["shop"].to_numpy())
    youzan, tmall, douyin = (channel == of for of in (YOUZAN, TMALL, DOUYIN))
    own = accounts["phone_kind"] == 0
    member = accounts["is_member"] | youzan
    values = pd.concat(
        [
            pd.Series(first, row)[own & member],
            pd.Series(shown, row)[own & member],
            accounts["person"].map(people["omid"])[tmall & member],
            accounts["person"].map(people["unionid"])[youzan],
            accounts["person"].map(people["douyin_unionid"])[douyin & member],
            orders.set_index("account")["phone"],
        ]
    ).dropna()
    tied = pd.DataFrame({"account": values.index, "value": values.to_numpy()})
    # the resolver is careful: it keeps what two people share apart
    tied["value"] += tied["account"].map(accounts["person"]).astype("str")
    code, names = pd.factorize(tied["value"])
    size = len(accounts) + len(names)
    graph = coo_matrix(
        (np.ones(len(tied)), (tied["account"], len(accounts) + code)), (size, size)
    )
    _, label = connected_components(graph, directed=False)
    cards = orders[(orders["channel"] > 0) | orders["shows_card"]]
    pairs = pd.DataFrame({"person": cards["person"], "label": label[cards["account"]]})
    whole = pairs.groupby("person").size()
    linked = pairs.groupby(["person", "label"]).size()
    recall = (linked * (linked - 1)).sum() / (whole * (whole - 1)).sum()
    assert recall > 0.97
