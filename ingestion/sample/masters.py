"""Master data of the group's ERP: stores, staff, guides, items, codes, campaigns."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa

from ingestion.sample import tell
from ingestion.sample.club import CLUB, CLUB_PREFIX
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
from ingestion.sample.pos import NAT, card_numbers
from ingestion.sample.reference import CITIES, OPENING
from ingestion.sample.shops import CHANNELS
from ingestion.sample.world import World

PRICE_RISE_AT = np.datetime64("2017-07-01T02:00:00", "s")


def master_tables(world: World) -> Iterator[ExportTable]:
    """Yield the master tables of the pos channel."""
    for table in (
        _stores,
        _staff,
        _guide_assignments,
        _products,
        _product_codes,
        _campaigns,
    ):
        yield table(world)


def _always(count: int) -> np.ndarray:
    return np.full(count, OPENING)


def _stores(world: World) -> ExportTable:
    stores = world.stores
    row, at = versions(_always(len(stores)), stores["shut_at"])

    def render(row: Ints, at: Times) -> pa.Table:
        frame = stores.iloc[row]
        shut = frame["shut_at"].to_numpy() <= at
        return pa.table(
            {
                "store_code": text(frame["store_code"]),
                "name": text(frame["name"]),
                "region_code": text(texts(CITIES["region_code"])[frame["region"]]),
                "status": pick(("OPEN", "CLOSED"), shut.astype(int)),
                "opened_on": day(frame["opened_on"]),
                "updated_at": moment(at),
            }
        )

    return ExportTable(
        "pos",
        "stores",
        row,
        at,
        render,
        id_column="store_code",
        record_columns=("store_code",),
    )


def _staff(world: World) -> ExportTable:
    staff = world.staff
    row, at = versions(_always(len(staff)), staff["changed_at"])
    store = texts(world.stores["store_code"])

    def render(row: Ints, at: Times) -> pa.Table:
        frame = staff.iloc[row]
        changed = frame["changed_at"].to_numpy() <= at
        status = np.where(changed, frame["final_status"], "active")
        return pa.table(
            {
                "staff_code": text(frame["staff_code"]),
                "name": text(frame["name"]),
                "phone": text(frame["phone"]),
                "store_code": text(store[frame["store"]]),
                "role": text(frame["role"]),
                "status": text(status),
                "hired_on": day(frame["hired_on"]),
                "left_on": day(
                    np.where(status == "left", frame["changed_at"].to_numpy(), NAT)
                ),
                "updated_at": moment(at),
            }
        )

    return ExportTable(
        "pos",
        "staff",
        row,
        at,
        render,
        id_column="staff_code",
        record_columns=("staff_code",),
    )


def _guide_assignments(world: World) -> ExportTable:
    given = world.assignments
    row, at = versions(given["from"], given["to"])
    cards, staff = card_numbers(world), texts(world.staff["staff_code"])

    def render(row: Ints, at: Times) -> pa.Table:
        frame = given.iloc[row]
        ended = frame["to"].to_numpy() <= at
        return pa.table(
            {
                "member_no": text(cards[frame["account"]]),
                "staff_code": text(staff[frame["staff"]]),
                "valid_from": day(frame["from"]),
                "valid_to": day(np.where(ended, frame["to"].to_numpy(), NAT)),
                "updated_at": moment(at),
            }
        )

    return ExportTable(
        "pos", "guide_assignments", row, at, render,
        id_column="member_no", record_columns=("member_no", "staff_code", "valid_from"),
    )  # fmt: skip


def _products(world: World) -> ExportTable:
    products = world.products
    raised = np.where(products["price_raised"], PRICE_RISE_AT, NAT).astype(
        "datetime64[s]"
    )
    row, at = versions(_always(len(products)), raised)

    def render(row: Ints, at: Times) -> pa.Table:
        frame = products.iloc[row]
        price = frame["list_price"].to_numpy()
        dearer = np.rint(price * 1.05).astype("int64")
        return pa.table(
            {
                "item_code": text(frame["item_code"]),
                "barcode": text(frame["barcode"]),
                "name": text(frame["name"]),
                "department": text(frame["department"]),
                "category": text(frame["category"]),
                "product_type": text(frame["product_type"]),
                "manufacturer_code": text(frame["manufacturer_code"]),
                "manufacturer_brand": text(frame["manufacturer_brand"]),
                "package_size": text(frame["package_size"]),
                "list_price": money(np.where(at >= PRICE_RISE_AT, dearer, price)),
                "is_gift_set": pick(
                    ("N", "Y"), frame["is_gift_set"].to_numpy().astype(int)
                ),
                "updated_at": moment(at),
            }
        )

    return ExportTable(
        "pos",
        "products",
        row,
        at,
        render,
        id_column="item_code",
        record_columns=("item_code",),
        keeps_history=True,
    )


def _product_codes(world: World) -> ExportTable:
    """The codes of items sold or looked at online; orphans have none."""
    channel_of_line = world.orders["channel"].to_numpy()[world.lines["order"]]
    product = world.lines["product_id"].to_numpy()
    shown = [
        (channel.code, channel.prefix, product[channel_of_line == number])
        for number, channel in enumerate(CHANNELS)
        if channel.prefix
    ]
    shown.append((CLUB, CLUB_PREFIX, product))
    found = []
    for code, prefix, items in shown:
        seen = np.unique(items)
        seen = seen[np.isin(seen, world.products["product_id"])]
        found.append(
            pd.DataFrame(
                {
                    "channel": code,
                    "merchant_code": tell.merchant_codes(seen, prefix),
                    "item_code": texts(seen.astype(str)),
                }
            )
        )
    codes = pd.concat(found, ignore_index=True)
    row, at = versions(_always(len(codes)))

    def render(row: Ints, at: Times) -> pa.Table:
        frame = codes.iloc[row]
        return pa.table(
            {
                "channel": text(frame["channel"]),
                "merchant_code": text(frame["merchant_code"]),
                "item_code": text(frame["item_code"]),
                "updated_at": moment(at),
            }
        )

    return ExportTable("pos", "product_codes", row, at, render,
                       id_column="merchant_code",
                       record_columns=("channel", "merchant_code"))  # fmt: skip


def _campaigns(world: World) -> ExportTable:
    campaigns = world.campaigns
    row, at = versions(campaigns["published_at"])

    def render(row: Ints, at: Times) -> pa.Table:
        frame = campaigns.iloc[row]
        return pa.table(
            {
                "campaign_code": text(frame["campaign_code"]),
                "name": text(frame["name"]),
                "campaign_type": text(frame["campaign_type"]),
                "starts_on": day(frame["start_date"]),
                "ends_on": day(frame["end_date"]),
                "updated_at": moment(at),
            }
        )

    return ExportTable(
        "pos",
        "campaigns",
        row,
        at,
        render,
        id_column="campaign_code",
        record_columns=("campaign_code",),
    )
