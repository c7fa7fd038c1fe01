"""The club's log: the fields of ingestion/channels/mini_program/contract.yml."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.sample import tell
from ingestion.sample.club import (
    CART,
    CLUB_PREFIX,
    HOME,
    ITEM,
    PAGE_OF,
    PAGES,
    UNCART,
    WATCH,
    WHAT,
    Club,
    make_club,
    shown_phone,
)
from ingestion.sample.dice import Ints, Times, texts
from ingestion.sample.export import ExportTable, moment, pick, text, versions
from ingestion.sample.jsontext import json_objects
from ingestion.sample.world import World


def mini_program_tables(world: World) -> list[ExportTable]:
    """Return all tables of the channel."""
    club = make_club(world)
    return [
        _users(world, club), _events(world, club), _shares(world, club),
        _id_changes(world, club),
    ]  # fmt: skip


def _users(world: World, club: Club) -> ExportTable:
    mine = tell.own(club.users, "openid", "member")
    users = mine.frame
    row, at = versions(
        *(
            users[name].where(users[name] > users["created_at"])
            for name in ("joined_at", "allowed_at", "bound_at", "changed_at")
        ),
        users["created_at"],
    )
    person = users["person"].to_numpy()

    def render(row: Ints, at: Times) -> pa.Table:
        who, inviter = person[row], mine.column("inviter", row)
        joined = tell.happened(mine, "joined_at", row, at)
        member = ~np.isnat(joined)
        return pa.table(
            {
                "openid": mine.texts("openid", row),
                "unionid": tell.chosen(
                    world.people["unionid"],
                    who,
                    mine.column("allowed_at", row) <= at,
                ),
                "phone": text(shown_phone(world, users, row, at)),
                "device_id": tell.chosen(world.people["device_id"], who),
                "nick_name": tell.chosen(world.people["name"], who),
                "is_member": pa.array(member),
                "level": text(np.full(len(row), "1"), member),
                "inviter_openid": tell.chosen(users["openid"], inviter, inviter >= 0),
                "scene": mine.texts("scene", row),
                "created_at": moment(mine.column("created_at", row)),
                "member_created_at": moment(joined),
                "updated_at": moment(at),
            }
        )

    return tell.exported(
        world,
        "mini_program.users",
        mine,
        (row, at),
        render,
        id_column="openid",
        kind="jsonl",
        keeps_history=True,
        faults=tell.faults(date="created_at"),
    )


def _events(world: World, club: Club) -> ExportTable:
    mine = tell.own(club.events, "event_id", "event")

    def render(row: Ints, at: Times) -> pa.Table:
        what, user = mine.column("what", row), mine.column("user", row)
        product = mine.column("product_id", row)
        dwell = json_objects({"seconds": pa.array(mine.column("seconds", row))})
        return pa.table(
            {
                "event_id": mine.texts("event_id", row),
                "event": pick(WHAT, what),
                "occurred_at": moment(at),
                "openid": tell.chosen(
                    club.users["openid"], user, mine.column("shows_openid", row)
                ),
                "unionid": tell.chosen(
                    world.people["unionid"],
                    mine.column("person", row),
                    mine.column("shows_unionid", row),
                ),
                "device_id": mine.texts("device", row),
                "session_id": text(_sessions(user, at)),
                "page": pick(PAGES, PAGE_OF[what]),
                "scene": mine.texts("scene", row),
                "outer_sku_id": text(
                    tell.merchant_codes(product, CLUB_PREFIX), product >= 0
                ),
                "num": pa.array(
                    np.ones(len(row), dtype="int64"),
                    mask=~np.isin(what, (CART, UNCART)),
                ),
                "keyword": mine.texts("keyword", row),
                "share_id": mine.texts("share_id", row),
                "properties": pc.if_else(what <= WATCH, dwell.texts, None),
            }
        )

    return tell.exported(
        world,
        "mini_program.events",
        mine,
        versions(mine.frame["at"]),
        render,
        id_column="event_id",
        kind="jsonl",
        raw_json=("properties",),
        faults=tell.faults(("event", "unknown_enum"), "occurred_at"),
    )


def _sessions(user: Ints, at: Times) -> np.ndarray:
    """Return session ids: what a user does within an hour is one session."""
    hour = at.astype("datetime64[h]").astype("int64")
    return "S" + texts((hour * 10_000_000 + user).astype(str))


def _shares(world: World, club: Club) -> ExportTable:
    mine = tell.own(club.shares, "share_id", "share")
    frame = mine.frame

    def render(row: Ints, at: Times) -> pa.Table:
        opener, product = mine.column("opener", row), mine.column("product_id", row)
        return pa.table(
            {
                "share_id": mine.texts("share_id", row),
                "openid": tell.chosen(club.users["openid"], mine.column("sharer", row)),
                "page": pick(PAGES, np.where(product >= 0, ITEM, HOME)),
                "outer_sku_id": text(
                    tell.merchant_codes(product, CLUB_PREFIX), product >= 0
                ),
                "shared_at": moment(mine.column("shared_at", row)),
                "opened_openid": tell.chosen(club.users["openid"], opener, opener >= 0),
                "opened_at": moment(mine.column("opened_at", row)),
            }
        )

    return tell.exported(
        world,
        "mini_program.shares",
        mine,
        versions(frame["opened_at"].fillna(frame["shared_at"])),
        render,
        id_column="share_id",
        kind="jsonl",
        faults=tell.faults(("openid", "missing_key"), "shared_at"),
    )


def _id_changes(world: World, club: Club) -> ExportTable:
    users = club.users
    bound = users["changed_at"] > users["bound_at"]
    mine = tell.own(users[bound], "change_id", "id_change")

    def render(row: Ints, at: Times) -> pa.Table:
        who = mine.column("person", row)
        return pa.table(
            {
                "change_id": mine.texts("change_id", row),
                "openid": mine.texts("openid", row),
                "old_phone": tell.chosen(world.people["phone_1"], who),
                "new_phone": tell.chosen(world.people["phone_2"], who),
                "changed_at": moment(at),
            }
        )

    return tell.exported(
        world,
        "mini_program.id_changes",
        mine,
        versions(mine.frame["changed_at"]),
        render,
        id_column="change_id",
        kind="jsonl",
        faults=tell.faults(("new_phone", "missing_required"), "changed_at"),
    )
