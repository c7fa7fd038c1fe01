"""Douyin's answers of orders and members: ingestion/channels/douyin/contract.yml."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from ingestion.sample import tell
from ingestion.sample.dice import Ints, Times, seconds, texts
from ingestion.sample.export import ExportTable, day, moment, pick, text, versions
from ingestion.sample.jsontext import Json, json_lists, json_objects
from ingestion.sample.people import region_texts
from ingestion.sample.shops import DOUYIN
from ingestion.sample.tmall import DISTRICTS, named, shop_codes
from ingestion.sample.world import World

TYPES = {"sale": 0, "presale": 2, "exchange": 3, "reshipment": 4}
# to be paid, deposit paid, to be shipped, shipped, done, closed
STATES = np.array([1, 103, 2, 3, 5, 4])
REFUNDS = {"return": 0, "refund_only": 1, "exchange": 3}
REFUND_STATES = np.array([6, 12, 28])
POINTS = {"earn": "GAIN", "redeem": "CONSUME", "expire": "EXPIRE", "return": "REFUND"}
COUPONS = {"claim": "RECEIVE", "use": "USE", "return": "RETURN", "expire": "EXPIRE"}
GENDERS = {"M": 1, "F": 2, "U": 0}
MONEY = {
    "sum_amount": "list",
    "promotion_shop_amount": "shop_discount",
    "promotion_platform_amount": "platform_discount",
    "coupon_amount": "coupon",
    "goods_amount": "goods",
}
HEADER = {
    **MONEY,
    "integral_amount": "points",
    "post_amount": "freight",
    "tax_amount": "tax",
    "pay_amount": "paid",
    "refunded_amount": "refunded",
    "deposit_amount": "deposit",
}


def douyin_tables(world: World) -> Iterator[ExportTable]:
    """Yield the tables of orders and members; contents are in a module of theirs."""
    for table in (_orders, _members, _refunds, _points, _coupons):
        yield table(world)


def numbered(numbers: dict[str, int], values: np.ndarray) -> pa.Array:
    """Return the channel's numbers for neutral words."""
    words = pa.array(values, pa.string()).dictionary_encode()
    known = pa.array([numbers[word] for word in words.dictionary.to_pylist()])
    return known.cast(pa.int64()).take(words.indices)


def _orders(world: World) -> ExportTable:
    mine = tell.orders_of(world, DOUYIN)
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

        return pa.table(
            {
                "shop_id": shop_codes(mine.column("shop", row)),
                "order_id": mine.texts("order_id", row),
                "channel_payment_no": mine.texts(
                    "pay_no", row, tell.money_came(mine, row, at)
                ),
                "doudian_open_id": text(open_id[row]),
                "trade_type": numbered(TYPES, mine.column("order_type", row)),
                "origin_order_id": text(order_ids[origin[row]], origin[row] >= 0),
                "order_status": pa.array(STATES[tell.status_at(mine, row, at)]),
                **{name: pa.array(fen[ours]) for name, ours in HEADER.items()},
                "create_time": moment(mine.column("created_at", row)),
                "deposit_time": happened("deposit_at"),
                "pay_time": happened("paid_at"),
                "ship_time": happened("shipped_at"),
                "finish_time": happened("completed_at"),
                "post_receiver": mine.texts("receiver_name", row),
                "post_tel": mine.texts("receiver_phone", row),
                "province": text(province[row]),
                "city": text(city[row]),
                "town": pick(DISTRICTS, mine.column("receiver", row) % len(DISTRICTS)),
                "update_time": moment(at),
                "sku_order_list": json_lists(_lines(world, line, shipped), count).texts,
            }
        )

    return tell.exported(
        world,
        "douyin.orders",
        mine,
        (row, at),
        render,
        id_column="order_id",
        kind="jsonl",
        raw_json=("sku_order_list",),
        nested=tell.nested_lines(world, "orders.sku_order_list"),
        late=world.late_orders[mine.world_row],
        faults=tell.faults(
            ("doudian_open_id", "missing_required"),
            "create_time",
            "goods_amount",
            less="-990",
        ),
    )


def _lines(world: World, line: Ints, is_shipped: np.ndarray) -> Json:
    """Return the JSON of rows of world.lines."""
    lines = world.lines
    code, title = tell.merchandise(world, tell.take(lines, "product_id", line), "D")
    return json_objects(
        {
            "sku_order_id": text(tell.take(lines, "line_id", line)),
            "code": code,
            "product_name": title,
            "item_num": pa.array(tell.take(lines, "quantity", line)),
            **{
                name: pa.array(tell.take(lines, ours, line))
                for name, ours in MONEY.items()
            },
            "is_gift": pa.array(tell.take(lines, "is_gift", line)),
            "tracking_no": text(tell.take(lines, "parcel", line), is_shipped),
        }
    )


def _members(world: World) -> ExportTable:
    mine = tell.members_of(world, DOUYIN)
    row, at = tell.member_versions(world, mine, tells_sms=True)
    people, person = world.people, mine.frame["person"].to_numpy()
    province, city = region_texts(
        people["region"].to_numpy()[person], mine.frame["is_alias"].to_numpy()
    )
    union_id = texts(people["douyin_unionid"])

    def render(row: Ints, at: Times) -> pa.Table:
        who = person[row]
        joined = mine.column("joined_at", row)
        return pa.table(
            {
                "shop_id": shop_codes(mine.column("shop", row)),
                "doudian_open_id": mine.texts("account_id", row),
                "union_id": text(union_id[who], mine.column("seq", row) == 1),
                "mobile": text(tell.member_phone(world, mine, row, at)),
                "name": tell.chosen(people["name"], who),
                "gender": numbered(GENDERS, people["gender"].to_numpy()[who]),
                "birthday": day(mine.column("birthday", row)).cast(pa.string()),
                "baby_birthday": day(mine.column("baby_birthday", row)).cast(
                    pa.string()
                ),
                "province": text(province[row]),
                "city": text(city[row]),
                "level": text(tell.tier_at(mine, row, at)),
                "sms_authorized": pa.array(tell.agrees_to_sms(mine, row, at)),
                "join_time": moment(joined),
                "quit_time": moment(tell.happened(mine, "left_at", row, at)),
                "update_time": moment(at),
            }
        )

    return tell.exported(
        world,
        "douyin.members",
        mine,
        (row, at),
        render,
        id_column="doudian_open_id",
        kind="jsonl",
        keeps_history=True,
        late=_late_joins(world, mine),
        faults=tell.faults(date="join_time"),
    )


def _late_joins(world: World, members: tell.Subset) -> Ints:
    """Return how many drops late members are: the link tells of a join within a day."""
    count = len(members.frame)
    draw = world.dice.stream("douyin joins").random(count)
    joined = members.frame["joined_at"].to_numpy()
    told = joined + seconds(0, 24, draw)
    days = told.astype("datetime64[D]") - joined.astype("datetime64[D]")
    return np.maximum(days.astype("int64"), world.lateness("douyin.members", count))


def _refunds(world: World) -> ExportTable:
    mine = tell.refunds_of(world, DOUYIN)
    row, at = versions(mine.frame["applied_at"], mine.frame["decided_at"])

    def render(row: Ints, at: Times) -> pa.Table:
        order = mine.column("order", row)
        state, decided = tell.refund_state(mine, row, at)
        done = np.where(decided, mine.column("decided_at", row), np.datetime64("NaT"))
        return pa.table(
            {
                "shop_id": shop_codes(tell.take(world.orders, "shop", order)),
                "aftersale_id": mine.texts("refund_id", row),
                "order_id": text(tell.take(world.orders, "order_id", order)),
                "sku_order_id": text(
                    tell.take(world.lines, "line_id", mine.column("line", row))
                ),
                "aftersale_type": numbered(REFUNDS, mine.column("refund_type", row)),
                "aftersale_status": pa.array(REFUND_STATES[state]),
                "refund_amount": pa.array(mine.column("amount", row)),
                "aftersale_num": pa.array(mine.column("quantity", row)),
                "reason": mine.texts("reason", row),
                "apply_time": moment(mine.column("applied_at", row)),
                "finish_time": moment(done),
                "update_time": moment(at),
            }
        )

    return tell.exported(
        world,
        "douyin.refunds",
        mine,
        (row, at),
        render,
        id_column="aftersale_id",
        kind="jsonl",
        faults=tell.faults(
            ("sku_order_id", "missing_key"), "apply_time", "refund_amount", less="-990"
        ),
    )


def _points(world: World) -> ExportTable:
    mine = tell.of_channel(world, "points", DOUYIN)
    row, at = versions(mine.frame["occurred_at"])
    accounts = world.accounts

    def render(row: Ints, at: Times) -> pa.Table:
        account, order = mine.column("account", row), mine.column("order", row)
        return pa.table(
            {
                "shop_id": shop_codes(tell.take(accounts, "shop", account)),
                "flow_id": mine.texts("flow_id", row),
                "doudian_open_id": text(tell.take(accounts, "account_id", account)),
                "change_type": named(POINTS, mine.column("action", row)),
                "points": pa.array(mine.column("points", row)),
                "order_id": tell.chosen(world.orders["order_id"], order, order >= 0),
                "expire_date": day(mine.column("expires_on", row)),
                "create_time": moment(at),
            }
        )

    return tell.exported(
        world,
        "douyin.points",
        mine,
        (row, at),
        render,
        id_column="flow_id",
        kind="jsonl",
        faults=tell.faults(("doudian_open_id", "missing_key"), "create_time"),
    )


def _coupons(world: World) -> ExportTable:
    mine = tell.of_channel(world, "coupons", DOUYIN)
    row, at = versions(mine.frame["occurred_at"])
    accounts = world.accounts

    def render(row: Ints, at: Times) -> pa.Table:
        account, order = mine.column("account", row), mine.column("order", row)
        return pa.table(
            {
                "shop_id": shop_codes(tell.take(accounts, "shop", account)),
                "coupon_id": mine.texts("coupon_id", row),
                "coupon_meta_id": mine.texts("template", row),
                "doudian_open_id": text(tell.take(accounts, "account_id", account)),
                "action": named(COUPONS, mine.column("action", row)),
                "credit": pa.array(mine.column("face", row)),
                "threshold": pa.array(mine.column("threshold", row)),
                "valid_start": day(mine.column("valid_from", row)),
                "valid_end": day(mine.column("valid_to", row)),
                "order_id": tell.chosen(world.orders["order_id"], order, order >= 0),
                "action_time": moment(at),
            }
        )

    return tell.exported(
        world,
        "douyin.coupons",
        mine,
        (row, at),
        render,
        id_column="coupon_id",
        kind="jsonl",
        faults=tell.faults(
            ("doudian_open_id", "missing_key"), "action_time", "credit", less="-990"
        ),
    )
