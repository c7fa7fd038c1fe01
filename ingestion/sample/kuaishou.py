"""Kuaishou's orders and members: ingestion/channels/kuaishou/contract.yml."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from ingestion.sample import tell
from ingestion.sample.dice import Ints, Times, texts
from ingestion.sample.douyin import numbered
from ingestion.sample.export import (
    Change,
    ExportTable,
    Fault,
    day,
    moment,
    pick,
    text,
    versions,
)
from ingestion.sample.jsontext import Json, json_lists, json_objects
from ingestion.sample.people import region_texts
from ingestion.sample.shops import KUAISHOU
from ingestion.sample.tmall import DISTRICTS, shop_codes
from ingestion.sample.world import World

TYPES = {"sale": 1, "presale": 2, "exchange": 3, "reshipment": 4}
# to be paid, deposit paid, to be shipped, shipped, done, closed
STATES = np.array([10, 20, 30, 40, 70, 80])
REFUNDS = {"refund_only": 1, "return": 10, "exchange": 3}
REFUND_STATES = np.array([10, 60, 70])
MONEY = {
    "total_fee": "list",
    "shop_discount": "shop_discount",
    "platform_discount": "platform_discount",
    "coupon_fee": "coupon",
    "goods_fee": "goods",
}
HEADER = {
    **MONEY,
    "points_fee": "points",
    "express_fee": "freight",
    "tax_fee": "tax",
    "pay_fee": "paid",
    "refund_fee": "refunded",
    "deposit_fee": "deposit",
}


def kuaishou_tables(world: World) -> Iterator[ExportTable]:
    """Yield the tables of orders and members; contents are in a module of theirs."""
    for table in (_orders, _refunds, _members):
        yield table(world)


def _orders(world: World) -> ExportTable:
    mine = tell.orders_of(world, KUAISHOU)
    row, at = tell.order_versions(world, mine)
    open_id = texts(world.accounts["account_id"])[mine.frame["account"]]
    origin = mine.frame["origin"].to_numpy()
    order_ids = texts(world.orders["order_id"])
    region = world.people["region"].to_numpy()[mine.frame["receiver"]]
    province, city = region_texts(region, mine.frame["is_alias"].to_numpy())

    def render(row: Ints, at: Times) -> pa.Table:
        fen = tell.order_cents(world, mine, row, at)
        line, count = tell.lines_within(world, mine, row)
        shipped = np.repeat(mine.column("shipped_at", row) <= at, count)

        def happened(name: str) -> pa.Array:
            return moment(tell.happened(mine, name, row, at))

        base = {
            "buyer_open_id": text(open_id[row]),
            "order_type": numbered(TYPES, mine.column("order_type", row)),
            "status": pa.array(STATES[tell.status_at(mine, row, at)]),
            "create_time": moment(mine.column("created_at", row)),
            "deposit_time": happened("deposit_at"),
            "pay_time": happened("paid_at"),
            "send_time": happened("shipped_at"),
            "finish_time": happened("completed_at"),
            "pay_no": mine.texts("pay_no", row, tell.money_came(mine, row, at)),
            "origin_oid": text(order_ids[origin[row]], origin[row] >= 0),
        }
        address = {
            "receiver_name": mine.texts("receiver_name", row),
            "receiver_mobile": mine.texts("receiver_phone", row),
            "province": text(province[row]),
            "city": text(city[row]),
            "district": pick(DISTRICTS, mine.column("receiver", row) % len(DISTRICTS)),
        }
        fees = {name: pa.array(fen[ours]) for name, ours in HEADER.items()}
        return pa.table(
            {
                "shop_id": shop_codes(mine.column("shop", row)),
                "oid": mine.texts("order_id", row),
                "update_time": moment(at),
                "order_base_info": json_objects(base).texts,
                "order_fee_info": json_objects(fees).texts,
                "order_address": json_objects(address).texts,
                "order_item_list": json_lists(
                    _lines(world, line, shipped), count
                ).texts,
            }
        )

    return tell.exported(
        world,
        "kuaishou.orders",
        mine,
        (row, at),
        render,
        id_column="oid",
        kind="jsonl",
        raw_json=(
            "order_base_info", "order_fee_info", "order_address", "order_item_list",
        ),
        nested=tell.nested_lines(world, "orders.order_item_list"),
        late=world.late_orders[mine.world_row],
        faults=_faults(),
    )  # fmt: skip


def _faults() -> dict[str, Fault]:
    """Return what a damaged copy has wrong within its JSON."""

    def put(part: str, by: str) -> Change:
        return lambda told: (told or "").replace(part, by, 1)

    base, fees = "order_base_info", "order_fee_info"
    return {
        "missing_required_row": Fault(
            base,
            "missing_required",
            put('"buyer_open_id":"', '"buyer_open_id":"","was":"'),
        ),
        "bad_date_row": Fault(
            base, "bad_timestamp", put('"create_time":"', '"create_time":"2017-02-30 ')
        ),
        "negative_amount_row": Fault(
            fees, "negative_amount", put('"goods_fee":', '"goods_fee":-9')
        ),
    }


def _lines(world: World, line: Ints, is_shipped: np.ndarray) -> Json:
    """Return the JSON of rows of world.lines."""
    lines = world.lines
    code, title = tell.merchandise(world, tell.take(lines, "product_id", line), "K")
    return json_objects(
        {
            "item_oid": text(tell.take(lines, "line_id", line)),
            "out_sku_code": code,
            "title": title,
            "num": pa.array(tell.take(lines, "quantity", line)),
            **{
                name: pa.array(tell.take(lines, ours, line))
                for name, ours in MONEY.items()
            },
            "is_gift": pa.array(tell.take(lines, "is_gift", line)),
            "express_no": text(tell.take(lines, "parcel", line), is_shipped),
        }
    )


def _refunds(world: World) -> ExportTable:
    mine = tell.refunds_of(world, KUAISHOU)
    row, at = versions(mine.frame["applied_at"], mine.frame["decided_at"])

    def render(row: Ints, at: Times) -> pa.Table:
        order = mine.column("order", row)
        state, decided = tell.refund_state(mine, row, at)
        done = np.where(decided, mine.column("decided_at", row), np.datetime64("NaT"))
        return pa.table(
            {
                "shop_id": shop_codes(tell.take(world.orders, "shop", order)),
                "refund_id": mine.texts("refund_id", row),
                "oid": text(tell.take(world.orders, "order_id", order)),
                "item_oid": text(
                    tell.take(world.lines, "line_id", mine.column("line", row))
                ),
                "handling_way": numbered(REFUNDS, mine.column("refund_type", row)),
                "status": pa.array(REFUND_STATES[state]),
                "refund_fee": pa.array(mine.column("amount", row)),
                "num": pa.array(mine.column("quantity", row)),
                "reason": mine.texts("reason", row),
                "create_time": moment(mine.column("applied_at", row)),
                "end_time": moment(done),
                "update_time": moment(at),
            }
        )

    return tell.exported(
        world,
        "kuaishou.refunds",
        mine,
        (row, at),
        render,
        id_column="refund_id",
        kind="jsonl",
        faults=tell.faults(
            ("item_oid", "missing_key"), "create_time", "refund_fee", less="-990"
        ),
    )


def _members(world: World) -> ExportTable:
    mine = tell.members_of(world, KUAISHOU)
    row, at = tell.member_versions(world, mine, tells_sms=True)
    people, person = world.people, mine.frame["person"].to_numpy()
    province, city = region_texts(
        people["region"].to_numpy()[person], mine.frame["is_alias"].to_numpy()
    )

    def render(row: Ints, at: Times) -> pa.Table:
        who = person[row]
        return pa.table(
            {
                "shop_id": shop_codes(mine.column("shop", row)),
                "open_id": mine.texts("account_id", row),
                "mobile": text(tell.member_phone(world, mine, row, at)),
                "name": tell.chosen(people["name"], who),
                "gender": tell.chosen(people["gender"], who),
                "birthday": day(mine.column("birthday", row)).cast(pa.string()),
                "province": text(province[row]),
                "city": text(city[row]),
                "level": text(tell.tier_at(mine, row, at)),
                "sms_accept": pa.array(
                    tell.agrees_to_sms(mine, row, at).astype("int64")
                ),
                "join_time": moment(mine.column("joined_at", row)),
                "quit_time": moment(tell.happened(mine, "left_at", row, at)),
                "update_time": moment(at),
            }
        )

    return tell.exported(
        world,
        "kuaishou.members",
        mine,
        (row, at),
        render,
        id_column="open_id",
        kind="jsonl",
        keeps_history=True,
        faults=tell.faults(date="join_time"),
    )
