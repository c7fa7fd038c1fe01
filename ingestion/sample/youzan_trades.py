"""Youzan's trades: one JSON object per trade and change, lines nested."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ingestion.sample import tell
from ingestion.sample.dice import Ints, Times, texts
from ingestion.sample.export import ExportTable, Fault, moment, money, pick, text
from ingestion.sample.jsontext import Json, json_lists, json_objects
from ingestion.sample.people import region_texts
from ingestion.sample.shops import YOUZAN
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
PAY = {
    "total_fee": "list",
    "shop_discount": "shop_discount",
    "platform_discount": "platform_discount",
    "coupon_fee": "coupon",
    "points_fee": "points",
    "post_fee": "freight",
    "tax_fee": "tax",
    "goods_fee": "goods",
    "payment": "paid",
    "refunded_fee": "refunded",
}


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
        count = end[row] - begin[row]
        owner = np.repeat(np.arange(len(row)), count)
        start = np.cumsum(count) - count
        line = begin[row][owner] + np.arange(len(owner)) - start[owner]
        shipped = mine.column("shipped_at", row) <= at
        amount = tell.order_money(world, mine, row, at)
        who = account[row]
        receiver = mine.column("receiver", row)

        def happened(name: str) -> pa.Array:
            return moment(tell.happened(mine, name, row, at))

        order_info = {
            "type": named(TYPES, mine.column("order_type", row)),
            "status": pick(STATES, tell.status_at(mine, row, at)),
            "created": moment(mine.column("created_at", row)),
            "deposit_time": happened("deposit_at"),
            "pay_time": happened("paid_at"),
            "consign_time": happened("shipped_at"),
            "success_time": happened("completed_at"),
            "pay_no": mine.texts("pay_no", row, tell.money_came(mine, row, at)),
            "origin_tid": text(tids[origin[row]], origin[row] >= 0),
            "deposit": amount["deposit"],
        }
        buyer_info = {
            "yz_open_id": tell.chosen(accounts["account_id"], who),
            "buyer_phone": mine.texts("phone", row),
            "weixin_openid": tell.chosen(
                accounts["openid"], who, mine.column("shows_openid", row)
            ),
            "weixin_unionid": text(unionid[row], mine.column("shows_unionid", row)),
        }
        address_info = {
            "receiver_name": mine.texts("receiver_name", row),
            "receiver_tel": mine.texts("receiver_phone", row),
            "delivery_province": text(province[row]),
            "delivery_city": text(city[row]),
            "delivery_district": pick(DISTRICTS, receiver % len(DISTRICTS)),
        }
        info = json_objects(
            {
                "order_info": json_objects(order_info),
                "buyer_info": json_objects(buyer_info),
                "address_info": json_objects(address_info),
                "pay_info": json_objects(
                    {name: amount[ours] for name, ours in PAY.items()}
                ),
                "orders": json_lists(_lines(world, line, shipped[owner]), count),
            }
        )
        return pa.table(
            {
                "kdt_id": shop_codes(mine.column("shop", row)),
                "tid": mine.texts("order_id", row),
                "update_time": moment(at),
                "full_order_info": info.texts,
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
        nested=tell.nested_lines(world, "trades.orders"),
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


def _lines(world: World, line: Ints, is_shipped: np.ndarray) -> Json:
    """Return the JSON of rows of world.lines."""
    lines = world.lines
    product = lines["product_id"].to_numpy()[line]
    known, which = np.unique(product, return_inverse=True)

    def of_product(values: np.ndarray) -> pa.Array:
        return pa.DictionaryArray.from_arrays(which, text(values))

    def amount(name: str) -> pa.Array:
        return money(lines[name].to_numpy()[line])

    return json_objects(
        {
            "oid": text(tell.take(lines, "line_id", line)),
            "outer_sku_id": of_product(tell.merchant_codes(known, "Y")),
            "title": of_product(tell.titles(world, known)),
            "num": pa.array(lines["quantity"].to_numpy()[line]),
            "total_fee": amount("list"),
            "shop_discount": amount("shop_discount"),
            "platform_discount": amount("platform_discount"),
            "coupon_fee": amount("coupon"),
            "goods_fee": amount("goods"),
            "is_present": pa.array(lines["is_gift"].to_numpy()[line]),
            "express_no": text(tell.take(lines, "parcel", line), is_shipped),
        }
    )
