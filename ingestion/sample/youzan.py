"""Youzan's answers: the fields of ingestion/channels/youzan/contract.yml."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.sample import tell
from ingestion.sample.dice import Ints, Times, texts
from ingestion.sample.export import (
    ExportTable,
    day,
    moment,
    money,
    pick,
    text,
    versions,
)
from ingestion.sample.people import region_texts
from ingestion.sample.shops import YOUZAN
from ingestion.sample.tmall import named, shop_codes
from ingestion.sample.world import World
from ingestion.sample.youzan_trades import trades

REFUNDS = {
    "refund_only": "REFUND_ONLY",
    "return": "RETURN_AND_REFUND",
    "exchange": "EXCHANGE",
}
COUPONS = {"claim": "TAKE", "use": "USE", "return": "RETURN", "expire": "EXPIRE"}


def youzan_tables(world: World) -> Iterator[ExportTable]:
    """Yield all tables of the channel."""
    for table in (
        trades,
        _customers,
        _refunds,
        _points,
        _coupons,
        _events,
        _consents,
        _touches,
    ):
        yield table(world)


def _customers(world: World) -> ExportTable:
    mine = tell.of_channel(world, "accounts", YOUZAN)
    row, at = tell.member_versions(world, mine, tells_sms=False)
    person = mine.frame["person"].to_numpy()
    people = world.people
    province, city = region_texts(
        people["region"].to_numpy()[person], mine.frame["is_alias"].to_numpy()
    )

    def render(row: Ints, at: Times) -> pa.Table:
        who = person[row]
        member = mine.column("is_member", row)
        joined = mine.column("joined_at", row)
        first = mine.column("seq", row) == 1
        return pa.table(
            {
                "kdt_id": shop_codes(mine.column("shop", row)),
                "yz_open_id": mine.texts("account_id", row),
                "mobile": text(tell.member_phone(world, mine, row, at)),
                "weixin_openid": mine.texts("openid", row),
                "weixin_unionid": tell.chosen(people["unionid"], who, first),
                "email": mine.texts("email", row),
                "name": tell.chosen(people["name"], who),
                "gender": named(
                    {"M": "1", "F": "2", "U": "0"}, people["gender"].to_numpy()[who]
                ),
                "birthday": day(mine.column("birthday", row)).cast(pa.string()),
                "baby_birthday": day(mine.column("baby_birthday", row)).cast(
                    pa.string()
                ),
                "province": text(province[row]),
                "city": text(city[row]),
                "is_member": pa.array(member),
                "level": text(tell.tier_at(mine, row, at), member),
                "created_at": moment(joined),
                "member_created_at": moment(
                    np.where(member, joined, np.datetime64("NaT"))
                ),
                "updated_at": moment(at),
            }
        )

    return tell.exported(
        world,
        "youzan.customers",
        mine,
        (row, at),
        render,
        id_column="yz_open_id",
        kind="jsonl",
        keeps_history=True,
        faults=tell.faults(date="created_at"),
    )


def _refunds(world: World) -> ExportTable:
    mine = tell.refunds_of(world, YOUZAN)
    row, at = versions(mine.frame["applied_at"], mine.frame["decided_at"])
    tids = texts(world.orders["order_id"])

    def render(row: Ints, at: Times) -> pa.Table:
        order = mine.column("order", row)
        state, decided = tell.refund_state(mine, row, at)
        done = np.where(decided, mine.column("decided_at", row), np.datetime64("NaT"))
        return pa.table(
            {
                "kdt_id": shop_codes(world.orders["shop"].to_numpy()[order]),
                "refund_id": mine.texts("refund_id", row),
                "tid": text(tids[order]),
                "oid": text(
                    tell.take(world.lines, "line_id", mine.column("line", row))
                ),
                "refund_type": named(REFUNDS, mine.column("refund_type", row)),
                "status": pick(("APPLIED", "SUCCESS", "CLOSED"), state),
                "refund_fee": money(mine.column("amount", row)),
                "num": pa.array(mine.column("quantity", row)),
                "reason": mine.texts("reason", row),
                "created": moment(mine.column("applied_at", row)),
                "success_time": moment(done),
                "updated_at": moment(at),
            }
        )

    return tell.exported(
        world,
        "youzan.refunds",
        mine,
        (row, at),
        render,
        id_column="refund_id",
        kind="jsonl",
        faults=tell.faults(("oid", "missing_key"), "created", "refund_fee"),
    )


def _points(world: World) -> ExportTable:
    mine = tell.of_channel(world, "points", YOUZAN)
    row, at = versions(mine.frame["occurred_at"])
    accounts = world.accounts

    def render(row: Ints, at: Times) -> pa.Table:
        account, order = mine.column("account", row), mine.column("order", row)
        return pa.table(
            {
                "kdt_id": shop_codes(accounts["shop"].to_numpy()[account]),
                "point_id": mine.texts("flow_id", row),
                "yz_open_id": tell.chosen(accounts["account_id"], account),
                "change_type": pc.utf8_upper(mine.texts("action", row)),
                "amount": pa.array(mine.column("points", row)),
                "biz_value": tell.chosen(world.orders["order_id"], order, order >= 0),
                "expires_on": day(mine.column("expires_on", row)),
                "created_at": moment(at),
            }
        )

    return tell.exported(
        world,
        "youzan.points",
        mine,
        (row, at),
        render,
        id_column="point_id",
        kind="jsonl",
        faults=tell.faults(("yz_open_id", "missing_key"), "created_at"),
    )


def _coupons(world: World) -> ExportTable:
    mine = tell.of_channel(world, "coupons", YOUZAN)
    row, at = versions(mine.frame["occurred_at"])
    accounts = world.accounts

    def render(row: Ints, at: Times) -> pa.Table:
        account, order = mine.column("account", row), mine.column("order", row)
        return pa.table(
            {
                "kdt_id": shop_codes(accounts["shop"].to_numpy()[account]),
                "user_coupon_id": mine.texts("coupon_id", row),
                "activity_id": mine.texts("template", row),
                "yz_open_id": tell.chosen(accounts["account_id"], account),
                "event": named(COUPONS, mine.column("action", row)),
                "value_fen": pa.array(mine.column("face", row)),
                "condition_fen": pa.array(mine.column("threshold", row)),
                "valid_start_on": day(mine.column("valid_from", row)),
                "valid_end_on": day(mine.column("valid_to", row)),
                "tid": tell.chosen(world.orders["order_id"], order, order >= 0),
                "occurred_at": moment(at),
            }
        )

    return tell.exported(
        world,
        "youzan.coupons",
        mine,
        (row, at),
        render,
        id_column="user_coupon_id",
        kind="jsonl",
        faults=tell.faults(("yz_open_id", "missing_key"), "occurred_at"),
    )


def _events(world: World) -> ExportTable:
    mine = tell.of_channel(world, "events", YOUZAN)
    row, at = versions(mine.frame["at"])
    accounts, people = world.accounts, world.people

    def render(row: Ints, at: Times) -> pa.Table:
        account, product = mine.column("account", row), mine.column("product_id", row)
        in_cart = np.isin(mine.column("what", row), (1, 2))
        return pa.table(
            {
                "kdt_id": shop_codes(accounts["shop"].to_numpy()[account]),
                "event_id": mine.texts("event_id", row),
                "event": mine.texts("event", row),
                "occurred_at": moment(at),
                "yz_open_id": tell.chosen(
                    accounts["account_id"],
                    account,
                    mine.column("logged_in", row),
                ),
                "weixin_openid": tell.chosen(
                    accounts["openid"],
                    account,
                    mine.column("shows_openid", row),
                ),
                "weixin_unionid": tell.chosen(
                    people["unionid"],
                    mine.column("person", row),
                    mine.column("shows_unionid", row)
                    & (accounts["seq"].to_numpy()[account] == 1),
                ),
                "device_id": mine.texts("device", row),
                "outer_sku_id": text(tell.merchant_codes(product, "Y"), product >= 0),
                "num": pa.array(np.ones(len(row), dtype="int64"), mask=~in_cart),
                "keyword": mine.texts("keyword", row),
            }
        )

    return tell.exported(
        world,
        "youzan.events",
        mine,
        (row, at),
        render,
        id_column="event_id",
        kind="parquet",
    )


def _consents(world: World) -> ExportTable:
    mine = tell.of_channel(world, "consents", YOUZAN)
    row, at = versions(mine.frame["occurred_at"])
    accounts = world.accounts

    def render(row: Ints, at: Times) -> pa.Table:
        account = mine.column("account", row)
        return pa.table(
            {
                "kdt_id": shop_codes(accounts["shop"].to_numpy()[account]),
                "consent_id": mine.texts("consent_id", row),
                "yz_open_id": tell.chosen(accounts["account_id"], account),
                "channel": mine.texts("contact", row),
                "purpose": mine.texts("purpose", row),
                "status": mine.texts("status", row),
                "occurred_at": moment(at),
            }
        )

    return tell.exported(
        world,
        "youzan.consents",
        mine,
        (row, at),
        render,
        id_column="consent_id",
        kind="jsonl",
        faults=tell.faults(("yz_open_id", "missing_key"), "occurred_at"),
    )


def _touches(world: World) -> ExportTable:
    mine = tell.of_channel(world, "touches", YOUZAN)
    row, at = versions(mine.frame["sent_at"], mine.frame["clicked_at"])
    accounts = world.accounts

    def render(row: Ints, at: Times) -> pa.Table:
        account = mine.column("account", row)
        return pa.table(
            {
                "kdt_id": shop_codes(accounts["shop"].to_numpy()[account]),
                "msg_id": mine.texts("touch_id", row),
                "campaign_code": mine.texts("campaign", row),
                "yz_open_id": tell.chosen(accounts["account_id"], account),
                "channel": mine.texts("medium", row),
                "sent_at": moment(mine.column("sent_at", row)),
                "status": pick(
                    ("DELIVERED", "FAILED", "UNSUBSCRIBED"), mine.column("status", row)
                ),
                "clicked_at": moment(tell.happened(mine, "clicked_at", row, at)),
                "updated_at": moment(at),
            }
        )

    return tell.exported(
        world,
        "youzan.touches",
        mine,
        (row, at),
        render,
        id_column="msg_id",
        kind="jsonl",
        faults=tell.faults(("yz_open_id", "missing_key"), "sent_at"),
    )
