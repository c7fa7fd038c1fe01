"""WeCom's callbacks and sheets: ingestion/channels/wecom/contract.yml."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.sample import tell
from ingestion.sample.dice import Ints, Times
from ingestion.sample.export import ExportTable, moment, pick, versions
from ingestion.sample.guides import CHANGES, Guided, make_guided
from ingestion.sample.world import World

EXPIRED = "expired_pending_id"


def wecom_tables(world: World) -> list[ExportTable]:
    """Return all tables of the channel."""
    guided = make_guided(world)
    return [
        _contacts(world, guided), _relations(world, guided), _qr_codes(world, guided),
        _id_conversions(world, guided), _messages(world, guided),
        _guide_tasks(world, guided),
    ]  # fmt: skip


def _guide(world: World, mine: tell.Subset, row: Ints) -> pa.Array:
    return tell.chosen(world.staff["staff_code"], mine.column("staff", row))


def _contact(guided: Guided, mine: tell.Subset, row: Ints) -> pa.Array:
    contact = mine.column("contact", row)
    return tell.chosen(guided.contacts["external_userid"], contact, contact >= 0)


def _contacts(world: World, guided: Guided) -> ExportTable:
    mine = tell.own(guided.contacts, "external_userid", "contact")
    row, at = versions(mine.frame["created_at"], mine.frame["shown_at"])

    def render(row: Ints, at: Times) -> pa.Table:
        who = mine.column("person", row)
        shows = mine.column("is_known", row) | (mine.column("shown_at", row) <= at)
        noted = mine.texts("noted_phone", row)
        name = tell.chosen(world.people["name"], who)
        return pa.table(
            {
                "external_userid": mine.texts("external_userid", row),
                "name": name,
                "unionid": tell.chosen(world.people["unionid"], who, shows),
                "pending_id": mine.texts("pending_id", row, ~shows),
                "remark": pc.if_else(noted.is_valid(), name, None),
                "remark_mobiles": pc.binary_join_element_wise('["', noted, '"]', ""),
                "created_at": moment(mine.column("created_at", row)),
                "updated_at": moment(at),
            }
        )

    return tell.exported(
        world,
        "wecom.contacts",
        mine,
        (row, at),
        render,
        id_column="external_userid",
        kind="jsonl",
        keeps_history=True,
        raw_json=("remark_mobiles",),
        faults=tell.faults(date="created_at"),
    )


def _relations(world: World, guided: Guided) -> ExportTable:
    mine = tell.own(guided.relations, "event_id", "relation")

    def render(row: Ints, at: Times) -> pa.Table:
        return pa.table(
            {
                "event_id": mine.texts("event_id", row),
                "change_type": pick(CHANGES, mine.column("change", row)),
                "user_id": _guide(world, mine, row),
                "external_userid": _contact(guided, mine, row),
                "state": mine.texts("state", row),
                "create_time": moment(at),
            }
        )

    return tell.exported(
        world,
        "wecom.relations",
        mine,
        versions(mine.frame["at"]),
        render,
        id_column="event_id",
        kind="jsonl",
        faults=tell.faults(("user_id", "missing_key"), "create_time"),
    )


def _qr_codes(world: World, guided: Guided) -> ExportTable:
    mine = tell.own(guided.codes, "config_id")

    def render(row: Ints, at: Times) -> pa.Table:
        staff = mine.column("staff", row)
        return pa.table(
            {
                "config_id": mine.texts("config_id", row),
                "state": mine.texts("state", row),
                "name": mine.texts("name", row),
                "user_id": tell.chosen(world.staff["staff_code"], staff),
                "store_code": tell.chosen(
                    world.stores["store_code"], tell.take(world.staff, "store", staff)
                ),
                "created_at": moment(mine.column("created_at", row)),
                "updated_at": moment(at),
            }
        )

    return tell.exported(
        world,
        "wecom.qr_codes",
        mine,
        versions(mine.frame["created_at"]),
        render,
        id_column="config_id",
        faults=tell.faults(("state", "missing_required"), "updated_at"),
    )


def _id_conversions(world: World, guided: Guided) -> ExportTable:
    contacts = guided.contacts
    mine = tell.own(contacts[contacts["converted_at"].notna()], "conversion_id")
    late = mine.frame["is_late"].to_numpy()
    refused = replace(
        mine.records,
        why=lambda rows: np.where(late[rows], EXPIRED, ""),
        refused=EXPIRED,
    )

    def render(row: Ints, at: Times) -> pa.Table:
        whose = mine.column("converts_to", row)
        return pa.table(
            {
                "conversion_id": mine.texts("conversion_id", row),
                "pending_id": mine.texts("pending_id", row),
                "external_userid": pa.nulls(len(row), pa.string()),
                "unionid": tell.chosen(world.people["unionid"], whose),
                "converted_at": moment(at),
            }
        )

    return tell.exported(
        world,
        "wecom.id_conversions",
        replace(mine, records=refused),
        versions(mine.frame["converted_at"]),
        render,
        id_column="conversion_id",
        spared=late,
        faults=tell.faults(("unionid", "missing_required"), "converted_at"),
    )


def _messages(world: World, guided: Guided) -> ExportTable:
    mine = tell.own(guided.sends, "send_id", "touch")
    row, at = versions(mine.frame["sent_at"], mine.frame["clicked_at"])

    def render(row: Ints, at: Times) -> pa.Table:
        return pa.table(
            {
                "msgid": mine.texts("send_id", row),
                "user_id": _guide(world, mine, row),
                "external_userid": _contact(guided, mine, row),
                "campaign_code": mine.texts("campaign", row),
                "send_time": moment(mine.column("sent_at", row)),
                "status": pa.array(mine.column("status", row)),
                "clicked_at": moment(tell.happened(mine, "clicked_at", row, at)),
                "updated_at": moment(at),
            }
        )

    return tell.exported(
        world,
        "wecom.messages",
        mine,
        (row, at),
        render,
        id_column="msgid",
        kind="jsonl",
        faults=tell.faults(("external_userid", "missing_key"), "send_time"),
    )


def _guide_tasks(world: World, guided: Guided) -> ExportTable:
    mine = tell.own(guided.tasks, "task_id", "guide_task")
    row, at = versions(mine.frame["assigned_at"], mine.frame["done_at"])

    def render(row: Ints, at: Times) -> pa.Table:
        done = tell.happened(mine, "done_at", row, at)
        return pa.table(
            {
                "task_id": mine.texts("task_id", row),
                "user_id": _guide(world, mine, row),
                "external_userid": _contact(guided, mine, row),
                "task_type": mine.texts("task_type", row),
                "assigned_at": moment(mine.column("assigned_at", row)),
                "due_at": moment(mine.column("due_at", row)),
                "done_at": moment(done),
                "outcome": mine.texts("outcome", row, ~np.isnat(done)),
                "updated_at": moment(at),
            }
        )

    return tell.exported(
        world,
        "wecom.guide_tasks",
        mine,
        (row, at),
        render,
        id_column="task_id",
        faults=tell.faults(("user_id", "missing_key"), "assigned_at"),
    )
