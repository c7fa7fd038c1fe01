"""The stores' tills and members: ingestion/channels/pos/contract.yml."""

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
from ingestion.sample.reference import CITIES, barcodes
from ingestion.sample.shops import POS
from ingestion.sample.tmall import named
from ingestion.sample.world import World

TYPES = {
    "sale": "SALE",
    "exchange": "EXCHANGE",
    "reshipment": "RESHIP",
    "training": "TRAINING",
}
REFUNDS = {"refund_only": "REFUND_ONLY", "return": "RETURN", "exchange": "EXCHANGE"}
BARCODE_ONLY = 97  # every so manyth item is sold by its bar code alone
NAT = np.datetime64("NaT", "s")


def pos_tables(world: World) -> Iterator[ExportTable]:
    """Yield the flow tables of the channel; the masters are in masters.py."""
    for table in (
        _receipts,
        _receipt_lines,
        _members,
        _refunds,
        _points,
        _coupons,
        _touches,
        _consents,
    ):
        yield table(world)


def card_numbers(world: World) -> np.ndarray:
    """Return the account ids, by row of world.accounts."""
    return texts(world.accounts["account_id"])


def _receipts(world: World) -> ExportTable:
    mine = tell.orders_of(world, POS)
    refunded, refunded_at = tell.order_versions(world, mine)
    row, at = refunded, refunded_at
    store = texts(world.stores["store_code"])
    staff = texts(world.staff["staff_code"])
    cards = card_numbers(world)
    receipts = texts(world.orders["receipt_no"])
    origin = mine.frame["origin"].to_numpy()
    phone = tell.tick_phones(
        texts(mine.frame["phone"]), world.rates.phone_excel, world.dice, "receipts"
    )

    def render(row: Ints, at: Times) -> pa.Table:
        amount = tell.order_money(world, mine, row, at)
        guide = mine.column("guide", row)
        return pa.table(
            {
                "store_code": text(store[mine.column("store", row)]),
                "receipt_no": mine.texts("receipt_no", row),
                "receipt_type": named(TYPES, mine.column("order_type", row)),
                "origin_receipt_no": text(receipts[origin[row]], origin[row] >= 0),
                "member_no": text(
                    cards[mine.column("account", row)], mine.column("shows_card", row)
                ),
                "phone": text(phone[row]),
                "staff_code": text(staff[guide], guide >= 0),
                "list_amount": amount["list"],
                "shop_discount_amount": amount["shop_discount"],
                "platform_discount_amount": amount["platform_discount"],
                "coupon_amount": amount["coupon"],
                "points_amount": amount["points"],
                "tax_amount": amount["tax"],
                "goods_amount": amount["goods"],
                "paid_amount": amount["paid"],
                "refunded_amount": amount["refunded"],
                "sold_at": moment(mine.column("paid_at", row)),
                "updated_at": moment(at),
            }
        )

    return tell.exported(
        world,
        "pos.receipts",
        mine,
        (row, at),
        render,
        id_column="receipt_no",
        late=world.late_orders[mine.world_row],
        record_columns=("store_code", "receipt_no"),
        faults=tell.faults(
            ("goods_amount", "missing_required"), "sold_at", "goods_amount"
        ),
    )


def _receipt_lines(world: World) -> ExportTable:
    mine = tell.lines_of(world, POS)
    order = mine.frame["order"].to_numpy()
    row, at = versions(world.orders["paid_at"].to_numpy()[order])
    store = texts(world.stores["store_code"])[world.orders["store"]]
    receipts = texts(world.orders["receipt_no"])
    number = mine.frame["product_id"].to_numpy()
    known, which = np.unique(number, return_inverse=True)
    code, bars = texts(known.astype(str))[which], barcodes(known)[which]
    scanned_only = (number % BARCODE_ONLY == 0) & np.isin(
        number, world.products["product_id"]
    )

    def render(row: Ints, at: Times) -> pa.Table:
        owner = order[row]
        return pa.table(
            {
                "store_code": text(store[owner]),
                "receipt_no": text(receipts[owner]),
                "line_no": pa.array(mine.column("line_no", row)),
                "item_code": text(code[row], ~scanned_only[row]),
                "barcode": text(bars[row]),
                "quantity": pa.array(mine.column("quantity", row)),
                "list_amount": money(mine.column("list", row)),
                "shop_discount_amount": money(mine.column("shop_discount", row)),
                "platform_discount_amount": money(
                    mine.column("platform_discount", row)
                ),
                "coupon_amount": money(mine.column("coupon", row)),
                "goods_amount": money(mine.column("goods", row)),
                "is_gift": pick(("N", "Y"), mine.column("is_gift", row).astype(int)),
            }
        )

    return tell.exported(
        world,
        "pos.receipt_lines",
        mine,
        (row, at),
        render,
        id_column="line_no",
        kind="parquet",
        late=world.late_orders[order],
        record_columns=("store_code", "receipt_no", "line_no"),
    )


def _members(world: World) -> ExportTable:
    mine = tell.members_of(world, POS)
    row, at = tell.member_versions(world, mine, tells_sms=False)
    people, person = world.people, mine.frame["person"].to_numpy()
    region = texts(CITIES["region_code"])[people["region"]]

    def render(row: Ints, at: Times) -> pa.Table:
        who = person[row]
        phone = tell.tick_phones(
            tell.member_phone(world, mine, row, at),
            world.rates.phone_excel, world.dice, "pos members",
        )  # fmt: skip
        gone = mine.column("left_at", row) <= at
        staffs = people["is_employee"].to_numpy()[who]
        return pa.table(
            {
                "member_no": mine.texts("account_id", row),
                "name": tell.chosen(people["name"], who),
                "phone": text(phone),
                "email": mine.texts("email", row),
                "gender": tell.chosen(people["gender"], who),
                "birthday": day(mine.column("birthday", row)),
                "baby_birthday": day(mine.column("baby_birthday", row)),
                "region_code": text(region[who]),
                "tier": text(tell.tier_at(mine, row, at)),
                "is_employee": pick(("N", "Y"), staffs.astype(int)),
                "register_store_code": text(
                    texts(world.stores["store_code"])[mine.column("store", row)]
                ),
                "registered_at": moment(mine.column("joined_at", row)),
                "status": pick(("ACTIVE", "CLOSED"), gone.astype(int)),
                "updated_at": moment(at),
            }
        )

    return tell.exported(
        world,
        "pos.members",
        mine,
        (row, at),
        render,
        id_column="member_no",
        keeps_history=True,
        has_bom=True,
        faults=tell.faults(date="registered_at"),
    )


def _refunds(world: World) -> ExportTable:
    mine = tell.refunds_of(world, POS)
    row, at = versions(mine.frame["applied_at"], mine.frame["decided_at"])
    orders = world.orders
    store = texts(world.stores["store_code"])

    def render(row: Ints, at: Times) -> pa.Table:
        order = mine.column("order", row)
        state, decided = tell.refund_state(mine, row, at)
        line_no = world.lines["line_no"].to_numpy()[mine.column("line", row)]
        return pa.table(
            {
                "store_code": text(store[orders["store"].to_numpy()[order]]),
                "refund_no": mine.texts("refund_id", row),
                "receipt_no": tell.chosen(orders["receipt_no"], order),
                "line_no": pa.array(line_no),
                "refund_type": named(REFUNDS, mine.column("refund_type", row)),
                "status": pick(("APPLIED", "DONE", "CLOSED"), state),
                "refund_amount": money(mine.column("amount", row)),
                "quantity": pa.array(mine.column("quantity", row)),
                "reason": mine.texts("reason", row),
                "applied_at": moment(mine.column("applied_at", row)),
                "completed_at": moment(
                    np.where(decided, mine.column("decided_at", row), NAT)
                ),
                "updated_at": moment(at),
            }
        )

    return tell.exported(
        world,
        "pos.refunds",
        mine,
        (row, at),
        render,
        id_column="refund_no",
        faults=tell.faults(
            ("receipt_no", "missing_key"), "applied_at", "refund_amount"
        ),
    )


def _points(world: World) -> ExportTable:
    mine = tell.of_channel(world, "points", POS)
    row, at = versions(mine.frame["occurred_at"])
    cards, orders = card_numbers(world), world.orders
    store = texts(world.stores["store_code"])[orders["store"]]

    def render(row: Ints, at: Times) -> pa.Table:
        order = mine.column("order", row)
        return pa.table(
            {
                "txn_no": mine.texts("flow_id", row),
                "member_no": text(cards[mine.column("account", row)]),
                "txn_type": pc.utf8_upper(mine.texts("action", row)),
                "points": pa.array(mine.column("points", row)),
                "store_code": text(store[order], order >= 0),
                "receipt_no": tell.chosen(orders["receipt_no"], order, order >= 0),
                "expires_on": day(mine.column("expires_on", row)),
                "occurred_at": moment(at),
            }
        )

    return tell.exported(
        world,
        "pos.points",
        mine,
        (row, at),
        render,
        id_column="txn_no",
        faults=tell.faults(("member_no", "missing_key"), "occurred_at"),
    )


def _coupons(world: World) -> ExportTable:
    mine = tell.of_channel(world, "coupons", POS)
    row, at = versions(mine.frame["occurred_at"])
    cards, orders = card_numbers(world), world.orders
    store = texts(world.stores["store_code"])[orders["store"]]

    def render(row: Ints, at: Times) -> pa.Table:
        order = mine.column("order", row)
        return pa.table(
            {
                "coupon_no": mine.texts("coupon_id", row),
                "template_code": mine.texts("template", row),
                "campaign_code": mine.texts("campaign", row),
                "member_no": text(cards[mine.column("account", row)]),
                "action": pc.utf8_upper(mine.texts("action", row)),
                "face_amount": money(mine.column("face", row)),
                "threshold_amount": money(mine.column("threshold", row)),
                "valid_from": day(mine.column("valid_from", row)),
                "valid_to": day(mine.column("valid_to", row)),
                "receipt_no": tell.chosen(orders["receipt_no"], order, order >= 0),
                "store_code": text(store[order], order >= 0),
                "occurred_at": moment(at),
            }
        )

    return tell.exported(
        world,
        "pos.coupons",
        mine,
        (row, at),
        render,
        id_column="coupon_no",
        faults=tell.faults(("member_no", "missing_key"), "occurred_at", "face_amount"),
    )


def _touches(world: World) -> ExportTable:
    mine = tell.of_channel(world, "touches", POS)
    row, at = versions(mine.frame["sent_at"], mine.frame["clicked_at"])
    cards = card_numbers(world)

    def render(row: Ints, at: Times) -> pa.Table:
        status = ("DELIVERED", "FAILED", "UNSUBSCRIBED")
        return pa.table(
            {
                "send_no": mine.texts("touch_id", row),
                "campaign_code": mine.texts("campaign", row),
                "member_no": text(cards[mine.column("account", row)]),
                "channel": mine.texts("medium", row),
                "sent_at": moment(mine.column("sent_at", row)),
                "status": pick(status, mine.column("status", row)),
                "clicked_at": moment(tell.happened(mine, "clicked_at", row, at)),
                "updated_at": moment(at),
            }
        )

    return tell.exported(
        world,
        "pos.touches",
        mine,
        (row, at),
        render,
        id_column="send_no",
        faults=tell.faults(("member_no", "missing_key"), "sent_at"),
    )


def _consents(world: World) -> ExportTable:
    mine = tell.of_channel(world, "consents", POS)
    row, at = versions(mine.frame["occurred_at"])
    cards = card_numbers(world)

    def render(row: Ints, at: Times) -> pa.Table:
        return pa.table(
            {
                "consent_no": mine.texts("consent_id", row),
                "member_no": text(cards[mine.column("account", row)]),
                "channel": mine.texts("contact", row),
                "purpose": mine.texts("purpose", row),
                "status": mine.texts("status", row),
                "occurred_at": moment(at),
            }
        )

    return tell.exported(
        world,
        "pos.consents",
        mine,
        (row, at),
        render,
        id_column="consent_no",
        faults=tell.faults(("member_no", "missing_key"), "occurred_at"),
    )
