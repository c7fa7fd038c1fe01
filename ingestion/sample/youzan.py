"""Youzan's answers: the fields of ingestion/channels/youzan/contract.yml."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.sample import tell
from ingestion.sample.dice import Ints, Times, texts
from ingestion.sample.export import (
    ExportTable,
    Fault,
    day,
    moment,
    money,
    pick,
    text,
    versions,
)
from ingestion.sample.people import region_texts
from ingestion.sample.purchases import SHOPS, YOUZAN
from ingestion.sample.tmall import DISTRICTS, named, shop_codes
from ingestion.sample.world import World

MINE = (3, 4)
TYPES = {
    "sale": "NORMAL",
    "presale": "PRESALE",
    "exchange": "EXCHANGE",
    "reshipment": "RESHIP",
}
STATES = (
    "WAIT_BUYER_PAY", "WAIT_PAY_BALANCE", "WAIT_SELLER_SEND_GOODS",
    "WAIT_BUYER_CONFIRM_GOODS", "TRADE_SUCCESS", "TRADE_CLOSED",
)  # fmt: skip
REFUNDS = {
    "refund_only": "REFUND_ONLY",
    "return": "RETURN_AND_REFUND",
    "exchange": "EXCHANGE",
}
COUPONS = {"claim": "TAKE", "use": "USE", "return": "RETURN", "expire": "EXPIRE"}
LINE = (
    '{"oid":"%s","outer_sku_id":"Y%s","title":%s,"num":%s,"total_fee":"%s",'
    '"shop_discount":"%s","platform_discount":"%s","coupon_fee":"%s","goods_fee":"%s",'
    '"is_present":%s,"express_no":%s}'
)
TRADE = (
    '{"order_info":{"type":"%s","status":"%s","created":%s,"deposit_time":%s,'
    '"pay_time":%s,"consign_time":%s,"success_time":%s,"pay_no":%s,"origin_tid":%s,'
    '"deposit":"%s"},"buyer_info":{"yz_open_id":%s,"buyer_phone":%s,"weixin_openid":%s,'
    '"weixin_unionid":%s},"address_info":{"receiver_name":%s,"receiver_tel":%s,'
    '"delivery_province":%s,"delivery_city":%s,"delivery_district":%s},'
    '"pay_info":{"total_fee":"%s","shop_discount":"%s","platform_discount":"%s",'
    '"coupon_fee":"%s","points_fee":"%s","post_fee":"%s","tax_fee":"%s","goods_fee":"%s",'
    '"payment":"%s","refunded_fee":"%s"},"orders":[%s]}'
)
PAY = ("list", "shop_discount", "platform_discount", "coupon", "points", "freight", "tax",
       "goods", "paid", "refunded")  # fmt: skip


def youzan_tables(world: World) -> list[ExportTable]:
    """Return all tables of the channel."""
    return [
        _trades(world), _customers(world), _refunds(world), _points(world),
        _coupons(world), _events(world), _consents(world), _touches(world),
    ]  # fmt: skip


def plain(values: pa.Array) -> list[str]:
    """Return the texts of an array without nulls."""
    return pc.cast(values, pa.string()).to_pylist()


def quoted(values: pa.Array) -> list[str]:
    """Return JSON strings, null for null; the values need no escaping."""
    return [
        "null" if value is None else f'"{value}"'
        for value in pc.cast(values, pa.string()).to_pylist()
    ]


def _trades(world: World) -> ExportTable:
    mine = tell.orders_of(world, YOUZAN)
    row, at = tell.order_versions(world, mine)
    lines = world.lines
    begin = np.searchsorted(lines["order"].to_numpy(), mine.world_row)
    end = np.searchsorted(lines["order"].to_numpy(), mine.world_row, side="right")
    accounts = world.accounts
    account = mine.frame["account"].to_numpy()
    origin = mine.frame["origin"].to_numpy()
    tids = texts(world.orders["order_id"])
    region = world.people["region"].to_numpy()[mine.frame["receiver"]]
    province, city = region_texts(region, mine.frame["is_alias"].to_numpy())
    unionid = texts(world.people["unionid"])[mine.frame["person"]]

    def render(row: Ints, at: Times) -> pa.Table:
        count = end[row] - begin[row]
        owner = np.repeat(np.arange(len(row)), count)
        start = np.cumsum(count) - count
        line = begin[row][owner] + np.arange(len(owner)) - start[owner]
        shipped = mine.column("shipped_at", row) <= at
        told = _lines(world, line, shipped[owner])
        orders = [
            ",".join(told[first : first + number])
            for first, number in zip(start.tolist(), count.tolist(), strict=True)
        ]
        state = tell.status_at(mine, row, at)
        amount = tell.order_money(world, mine, row, at)
        who = account[row]
        columns = [
            plain(named(TYPES, mine.column("order_type", row))),
            plain(pick(STATES, state)),
            quoted(moment(mine.column("created_at", row))),
            *(
                quoted(moment(tell.happened(mine, name, row, at)))
                for name in ("deposit_at", "paid_at", "shipped_at", "completed_at")
            ),
            quoted(text(mine.column("pay_no", row), tell.money_came(mine, row, at))),
            quoted(text(tids[origin[row]], origin[row] >= 0)),
            plain(amount["deposit"]),
            quoted(text(accounts["account_id"].to_numpy()[who])),
            quoted(text(mine.column("phone", row))),
            quoted(
                text(
                    accounts["openid"].to_numpy()[who], mine.column("shows_openid", row)
                )
            ),
            quoted(text(unionid[row], mine.column("shows_unionid", row))),
            quoted(text(mine.column("receiver_name", row))),
            quoted(text(mine.column("receiver_phone", row))),
            quoted(text(province[row])),
            quoted(text(city[row])),
            quoted(
                text(texts(DISTRICTS)[mine.column("receiver", row) % len(DISTRICTS)])
            ),
            *(plain(amount[name]) for name in PAY),
            orders,
        ]
        info = [TRADE % values for values in zip(*columns, strict=True)]
        return pa.table(
            {
                "kdt_id": shop_codes(mine.column("shop", row)),
                "tid": text(mine.column("order_id", row)),
                "update_time": moment(at),
                "full_order_info": pa.array(info, pa.large_string()),
            }
        )

    field = "full_order_info"
    return ExportTable(
        "youzan", "trades", row, at, render, kind="jsonl", raw_json=(field,),
        late=world.late_orders[mine.world_row],
        world_row=mine.world_row, id_column="tid", record_columns=("tid",),
        faults={
            "missing_required_row": Fault(
                field, "missing_required", lambda told: _replace(told, '"status":"', '"status":"","was":"')
            ),
            "bad_date_row": Fault(
                field, "bad_timestamp", lambda told: _replace(told, '"created":"', '"created":"2017-02-30 ')
            ),
            "negative_amount_row": Fault(
                field, "negative_amount",
                lambda told: _replace(told, '"tax_fee":"0.00","goods_fee":"', '"tax_fee":"0.00","goods_fee":"-9'),
            ),
        },
    )  # fmt: skip


def _replace(told: str | None, part: str, by: str) -> str:
    return (told or "").replace(part, by, 1)


def _lines(world: World, line: Ints, is_shipped: np.ndarray) -> list[str]:
    """Return the JSON of rows of world.lines."""
    lines = world.lines
    product = lines["product_id"].to_numpy()[line]
    known, which = np.unique(product, return_inverse=True)
    title = texts(
        [json.dumps(name, ensure_ascii=False) for name in tell.titles(world, known)]
    )
    amounts = [
        plain(money(lines[name].to_numpy()[line]))
        for name in ("list", "shop_discount", "platform_discount", "coupon", "goods")
    ]
    columns = [
        lines["line_id"].to_numpy()[line].tolist(),
        product.tolist(),
        title[which].tolist(),
        lines["quantity"].to_numpy()[line].tolist(),
        *amounts,
        np.where(lines["is_gift"].to_numpy()[line], "true", "false").tolist(),
        quoted(text(lines["parcel"].to_numpy()[line], is_shipped)),
    ]
    return [LINE % values for values in zip(*columns, strict=True)]


def _customers(world: World) -> ExportTable:
    accounts = world.accounts
    mine = tell.subset(accounts, np.isin(accounts["shop"], MINE))
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
                "yz_open_id": text(mine.column("account_id", row)),
                "mobile": text(tell.member_phone(world, mine, row, at)),
                "weixin_openid": text(mine.column("openid", row)),
                "weixin_unionid": text(texts(people["unionid"])[who], first),
                "email": text(mine.column("email", row)),
                "name": text(people["name"].to_numpy()[who]),
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

    return ExportTable(
        "youzan", "customers", row, at, render, kind="jsonl", keeps_history=True,
        late=world.lateness("youzan customers", len(mine.frame)),
        world_row=mine.world_row, id_column="yz_open_id", record_columns=("yz_open_id",),
        faults=tell.faults(date="created_at"),
    )  # fmt: skip


def _refunds(world: World) -> ExportTable:
    mine = tell.refunds_of(world, YOUZAN)
    row, at = versions(mine.frame["applied_at"], mine.frame["decided_at"])
    tids, oids = texts(world.orders["order_id"]), texts(world.lines["line_id"])

    def render(row: Ints, at: Times) -> pa.Table:
        order = mine.column("order", row)
        state, decided = tell.refund_state(mine, row, at)
        done = np.where(decided, mine.column("decided_at", row), np.datetime64("NaT"))
        return pa.table(
            {
                "kdt_id": shop_codes(world.orders["shop"].to_numpy()[order]),
                "refund_id": text(mine.column("refund_id", row)),
                "tid": text(tids[order]),
                "oid": text(oids[mine.column("line", row)]),
                "refund_type": named(REFUNDS, mine.column("refund_type", row)),
                "status": pick(("APPLIED", "SUCCESS", "CLOSED"), state),
                "refund_fee": money(mine.column("amount", row)),
                "num": pa.array(mine.column("quantity", row)),
                "reason": text(mine.column("reason", row)),
                "created": moment(mine.column("applied_at", row)),
                "success_time": moment(done),
                "updated_at": moment(at),
            }
        )

    return ExportTable(
        "youzan", "refunds", row, at, render, kind="jsonl",
        late=world.lateness("youzan refunds", len(mine.frame)),
        world_row=mine.world_row, id_column="refund_id", record_columns=("refund_id",),
        faults=tell.faults(("oid", "missing_key"), "created", "refund_fee"),
    )  # fmt: skip


def _points(world: World) -> ExportTable:
    mine = tell.of_account(world, world.points, MINE)
    row, at = versions(mine.frame["occurred_at"])
    accounts = world.accounts

    def render(row: Ints, at: Times) -> pa.Table:
        account, order = mine.column("account", row), mine.column("order", row)
        return pa.table(
            {
                "kdt_id": shop_codes(accounts["shop"].to_numpy()[account]),
                "point_id": text(mine.column("flow_id", row)),
                "yz_open_id": text(accounts["account_id"].to_numpy()[account]),
                "change_type": pc.utf8_upper(text(mine.column("action", row))),
                "amount": pa.array(mine.column("points", row)),
                "biz_value": text(texts(world.orders["order_id"])[order], order >= 0),
                "expires_on": day(mine.column("expires_on", row)),
                "created_at": moment(at),
            }
        )

    return ExportTable(
        "youzan", "points", row, at, render, kind="jsonl",
        late=world.lateness("youzan points", len(mine.frame)),
        world_row=mine.world_row, id_column="point_id", record_columns=("point_id",),
        faults=tell.faults(("yz_open_id", "missing_key"), "created_at"),
    )  # fmt: skip


def _coupons(world: World) -> ExportTable:
    mine = tell.of_account(world, world.coupons, MINE)
    row, at = versions(mine.frame["occurred_at"])
    accounts = world.accounts

    def render(row: Ints, at: Times) -> pa.Table:
        account, order = mine.column("account", row), mine.column("order", row)
        return pa.table(
            {
                "kdt_id": shop_codes(accounts["shop"].to_numpy()[account]),
                "user_coupon_id": text(mine.column("coupon_id", row)),
                "activity_id": text(mine.column("template", row)),
                "yz_open_id": text(accounts["account_id"].to_numpy()[account]),
                "event": named(COUPONS, mine.column("action", row)),
                "value_fen": pa.array(mine.column("face", row)),
                "condition_fen": pa.array(mine.column("threshold", row)),
                "valid_start_on": day(mine.column("valid_from", row)),
                "valid_end_on": day(mine.column("valid_to", row)),
                "tid": text(texts(world.orders["order_id"])[order], order >= 0),
                "occurred_at": moment(at),
            }
        )

    return ExportTable(
        "youzan", "coupons", row, at, render, kind="jsonl",
        late=world.lateness("youzan coupons", len(mine.frame)),
        world_row=mine.world_row, id_column="user_coupon_id", record_columns=("user_coupon_id",),
        faults=tell.faults(("yz_open_id", "missing_key"), "occurred_at"),
    )  # fmt: skip


def _events(world: World) -> ExportTable:
    mine = tell.subset(world.events, np.ones(len(world.events), dtype=bool))
    row, at = versions(mine.frame["at"])
    accounts, people = world.accounts, world.people

    def render(row: Ints, at: Times) -> pa.Table:
        account, product = mine.column("account", row), mine.column("product_id", row)
        in_cart = np.isin(mine.column("what", row), (1, 2))
        return pa.table(
            {
                "kdt_id": shop_codes(accounts["shop"].to_numpy()[account]),
                "event_id": text(mine.column("event_id", row)),
                "event": text(mine.column("event", row)),
                "occurred_at": moment(at),
                "yz_open_id": text(
                    accounts["account_id"].to_numpy()[account],
                    mine.column("logged_in", row),
                ),
                "weixin_openid": text(
                    accounts["openid"].to_numpy()[account],
                    mine.column("shows_openid", row),
                ),
                "weixin_unionid": text(
                    people["unionid"].to_numpy()[mine.column("person", row)],
                    mine.column("shows_unionid", row)
                    & (accounts["seq"].to_numpy()[account] == 1),
                ),
                "device_id": text(mine.column("device", row)),
                "outer_sku_id": text(tell.merchant_codes(product, "Y"), product >= 0),
                "num": pa.array(np.ones(len(row), dtype="int64"), mask=~in_cart),
                "keyword": text(mine.column("keyword", row)),
            }
        )

    return ExportTable(
        "youzan", "events", row, at, render, kind="parquet",
        late=world.lateness("youzan events", len(mine.frame)),
        world_row=mine.world_row, id_column="event_id", record_columns=("event_id",),
    )  # fmt: skip


def _consents(world: World) -> ExportTable:
    mine = tell.of_account(world, world.consents, MINE)
    row, at = versions(mine.frame["occurred_at"])
    accounts = world.accounts

    def render(row: Ints, at: Times) -> pa.Table:
        account = mine.column("account", row)
        return pa.table(
            {
                "kdt_id": shop_codes(accounts["shop"].to_numpy()[account]),
                "consent_id": text(mine.column("consent_id", row)),
                "yz_open_id": text(accounts["account_id"].to_numpy()[account]),
                "channel": text(mine.column("contact", row)),
                "purpose": text(mine.column("purpose", row)),
                "status": text(mine.column("status", row)),
                "occurred_at": moment(at),
            }
        )

    return ExportTable(
        "youzan", "consents", row, at, render, kind="jsonl",
        late=world.lateness("youzan consents", len(mine.frame)),
        world_row=mine.world_row, id_column="consent_id", record_columns=("consent_id",),
        faults=tell.faults(("yz_open_id", "missing_key"), "occurred_at"),
    )  # fmt: skip


def _touches(world: World) -> ExportTable:
    mine = tell.of_account(world, world.touches, MINE)
    row, at = versions(mine.frame["sent_at"], mine.frame["clicked_at"])
    accounts = world.accounts

    def render(row: Ints, at: Times) -> pa.Table:
        account = mine.column("account", row)
        return pa.table(
            {
                "kdt_id": shop_codes(accounts["shop"].to_numpy()[account]),
                "msg_id": text(mine.column("touch_id", row)),
                "campaign_code": text(mine.column("campaign", row)),
                "yz_open_id": text(accounts["account_id"].to_numpy()[account]),
                "channel": text(mine.column("medium", row)),
                "sent_at": moment(mine.column("sent_at", row)),
                "status": pick(
                    ("DELIVERED", "FAILED", "UNSUBSCRIBED"), mine.column("status", row)
                ),
                "clicked_at": moment(tell.happened(mine, "clicked_at", row, at)),
                "updated_at": moment(at),
            }
        )

    return ExportTable(
        "youzan", "touches", row, at, render, kind="jsonl",
        late=world.lateness("youzan touches", len(mine.frame)),
        world_row=mine.world_row, id_column="msg_id", record_columns=("msg_id",),
        faults=tell.faults(("yz_open_id", "missing_key"), "sent_at"),
    )  # fmt: skip


__all__ = ["SHOPS", "youzan_tables"]
