"""Youzan's trades: one JSON object per trade and change, lines nested."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.sample import tell
from ingestion.sample.dice import Ints, Times, texts
from ingestion.sample.export import ExportTable, Fault, moment, money, pick, text
from ingestion.sample.people import region_texts
from ingestion.sample.purchases import YOUZAN
from ingestion.sample.tmall import DISTRICTS, named, shop_codes
from ingestion.sample.world import World

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
TOLD_AT_ONCE = 10_000  # trades; a line is a Python string for a moment
PAY = (
    "list", "shop_discount", "platform_discount", "coupon", "points",
    "freight", "tax", "goods", "paid", "refunded",
)  # fmt: skip


def plain(values: pa.Array) -> list[str]:
    """Return the texts of an array without nulls."""
    return pc.cast(values, pa.string()).to_pylist()


def quoted(values: pa.Array) -> list[str]:
    """Return JSON strings, null for null; the values need no escaping."""
    return [
        "null" if value is None else f'"{value}"'
        for value in pc.cast(values, pa.string()).to_pylist()
    ]


def trades(world: World) -> ExportTable:
    """Return the trades with their lines."""
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
        starts = range(0, max(1, len(row)), TOLD_AT_ONCE)
        return pa.concat_tables(
            part(row[start : start + TOLD_AT_ONCE], at[start : start + TOLD_AT_ONCE])
            for start in starts
        )

    def part(row: Ints, at: Times) -> pa.Table:
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
    return tell.exported(
        world,
        "youzan.trades",
        mine,
        (row, at),
        render,
        id_column="tid",
        kind="jsonl",
        raw_json=(field,),
        late=world.late_orders[mine.world_row],
        faults={
            "missing_required_row": Fault(
                field,
                "missing_required",
                lambda told: _replace(told, '"status":"', '"status":"","was":"'),
            ),
            "bad_date_row": Fault(
                field,
                "bad_timestamp",
                lambda told: _replace(told, '"created":"', '"created":"2017-02-30 '),
            ),
            "negative_amount_row": Fault(
                field,
                "negative_amount",
                # The first one is the trade's own: its lines come after pay_info.
                lambda told: _replace(told, '"goods_fee":"', '"goods_fee":"-9'),
            ),
        },
    )


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
        tell.take(lines, "line_id", line).tolist(),
        product.tolist(),
        title[which].tolist(),
        lines["quantity"].to_numpy()[line].tolist(),
        *amounts,
        np.where(lines["is_gift"].to_numpy()[line], "true", "false").tolist(),
        quoted(text(tell.take(lines, "parcel", line), is_shipped)),
    ]
    return [LINE % values for values in zip(*columns, strict=True)]
