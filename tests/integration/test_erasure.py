"""Erasing a person: what goes, what stays, what does not come back, who still holds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg import sql

from activation import engine
from activation.receiver import Receiver
from ingestion.contract import Channel
from ingestion.landing import ensure_raw_tables, load_directory
from orchestration.erasure import erase
from tests.integration.activation_world import (
    DAY,
    World,
    file_sync,
    people,
    phone_of,
    webhook_sync,
)
from warehouse.connection import Connection, connect
from warehouse.errors import QuanyuError

CHANNEL = Channel.model_validate(
    {
        "channel": "shop",
        "name_zh": "店",
        "tables": [
            {
                "table": "members",
                "description": "Members.",
                "files": ["members_*.csv"],
                "format": "csv",
                "key": ["open_id"],
                "required": ["open_id"],
                "columns": {"open_id": "id", "mobile": "phone", "name": "name"},
            },
            {
                "table": "orders",
                "description": "Orders.",
                "files": ["orders_*.jsonl"],
                "format": "jsonl",
                "key": ["order_id"],
                "required": ["order_id"],
                "columns": {
                    "order_id": "id",
                    "open_id": "buyer",
                    "receiver_phone": "receiver",
                    "address": {"type": "json", "description": "where to"},
                },
            },
        ],
    }
)
CHANNELS = {"shop": CHANNEL}
WHO = 7  # is erased; 8 sent them a gift
_DERIVED = """
create schema identity;
create schema staging;
create table identity.oneid_map (
    node_id bigint, identifier_key bigint, identifier_type text, scope text,
    value text, valid_from date, valid_to date, customer_id bigint
);
create table identity.oneid_alias (old_id bigint, customer_id bigint);
create table identity.oneid_records (record_key bigint, customer_id bigint);
create table identity.oneid_links (a bigint, b bigint);
create table staging.base_shop__members (
    record_key bigint, account_phone text, _file_id int, _row_no int
);
create table staging.base_shop__orders (
    record_key bigint, receiver_phone text, _file_id int, _row_no int
);
create table marts.fct_orders (order_key bigint, customer_id bigint, record_key bigint);
create table marts.mart_customer_360 (customer_id bigint, inviter_customer_id bigint);
create table segments.segment_membership_event (customer_id bigint, op text);
"""


def open_id(number: int) -> str:
    return f"oX00{number:08}"


def written_phone(number: int) -> str:
    """As the channel writes it."""
    phone = phone_of(number)
    return f"+86 {phone[:3]}-{phone[3:7]}-{phone[7:]}"


def drop(directory: Path, day: str, numbers: range) -> Path:
    """Files of one day: everybody a member, each with an order; 8's goes to 7."""
    folder = directory / day / "shop"
    folder.mkdir(parents=True)
    members = [f"{open_id(n)},{written_phone(n)},姓名{n}" for n in numbers]
    (folder / "members_1.csv").write_text(
        "\n".join(["open_id,mobile,name", *members]) + "\n"
    )
    orders = [
        {
            "order_id": f"{day}-{n}",
            "open_id": open_id(n),
            "receiver_phone": written_phone(WHO if n == 8 else n),
            "address": {"tel": phone_of(WHO if n == 8 else n), "city": "上海"},
        }
        for n in numbers
    ]
    (folder / "orders_1.jsonl").write_text(
        "\n".join(json.dumps(order, ensure_ascii=False) for order in orders) + "\n"
    )
    return directory


@pytest.fixture
def world(
    conn: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """Ten people landed, staged by hand, known to OneID, in marts and scores."""
    monkeypatch.setenv("QUANYU_HOME", str(tmp_path / "home"))
    world = World(conn, people(10))
    conn.execute(_DERIVED)
    conn.commit()
    load_directory(
        conn, drop(tmp_path / "drops", "2017-11-30", range(1, 11)), channels=CHANNELS
    )
    for number in range(1, 11):
        phone_key, account_key = number, 100 + number
        conn.execute(
            "insert into identity.oneid_map values"
            " (%(p)s, %(p)s, 'phone', '', %(phone)s, null, null, %(n)s),"
            " (%(a)s, %(a)s, 'shop_open_id', 'shop', %(open)s, null, null, %(n)s)",
            {
                "p": phone_key,
                "a": account_key,
                "phone": phone_of(number),
                "open": open_id(number),
                "n": number,
            },
        )
    conn.execute(
        """
        insert into identity.oneid_records
        select 1000 + n, n from generate_series(1, 10) as n
        union all select 2000 + n, n from generate_series(1, 10) as n;
        insert into identity.oneid_links
        select n, 100 + n from generate_series(1, 10) as n;
        insert into staging.base_shop__members
        select 1000 + _row_no, mobile, _file_id, _row_no from raw_shop.members;
        insert into staging.base_shop__orders
        select 2000 + _row_no, receiver_phone, _file_id, _row_no from raw_shop.orders;
        insert into marts.fct_orders
        select n, n, 2000 + n from generate_series(1, 10) as n;
        insert into marts.mart_customer_360
        select n, 7 from generate_series(1, 10) as n;
        insert into segments.segment_membership_event
        select n, 'enter' from generate_series(1, 10) as n;
        insert into identity.oneid_alias values (77, 7);
        """
    )
    conn.commit()
    yield world


def everything(conn: Connection) -> str:
    """All rows of all tables but what erasure keeps, as one text."""
    tables = conn.execute(
        "select schemaname, tablename from pg_tables"
        " where schemaname !~ '^(pg_|information_schema|erasure)'"
    ).fetchall()
    return "\n".join(
        str(row)
        for schema, table in tables
        for row in conn.execute(
            sql.SQL("select t::text from {} as t").format(sql.Identifier(schema, table))
        )
    )


def count(conn: Connection, table: str, condition: str = "true") -> int:
    row = conn.execute(f"select count(*) from {table} where {condition}").fetchone()  # type: ignore[arg-type]  # noqa: S608
    return int(row[0]) if row else 0


def test_dry_run_counts_and_changes_nothing(conn: Connection, world: World) -> None:
    before = everything(conn)
    conn.commit()
    done = erase(conn, written_phone(WHO))
    assert everything(conn) == before
    assert (done.erased["raw_shop.members"], done.erased["raw_shop.orders"]) == (1, 1)
    assert done.redacted["raw_shop.orders"] == 2
    assert count(conn, "erasure.tombstones") == 0


def test_nothing_of_the_person_is_left_and_nothing_of_others_goes(
    conn: Connection, world: World
) -> None:
    world.people.pop(WHO)
    done = erase(conn, open_id(WHO), do_it=True)
    assert done.is_done
    assert done.files == ["members_1.csv", "orders_1.jsonl"]
    left = everything(conn)
    for trace in (phone_of(WHO), written_phone(WHO), open_id(WHO), f"姓名{WHO}"):
        assert trace not in left
    for table in ("identity.oneid_map", "marts.fct_orders", "tags.customer_tags_wide"):
        assert count(conn, table, f"customer_id = {WHO}") == 0
    assert count(conn, "raw_shop.members") == count(conn, "raw_shop.orders") == 9
    assert count(conn, "identity.oneid_links") == 9
    assert count(conn, "marts.mart_customer_360", "inviter_customer_id is null") == 9
    # The gift is still there, without whom it went to.
    gift = conn.execute(
        "select receiver_phone, address from raw_shop.orders where open_id = %s",
        [open_id(8)],
    ).fetchone()
    assert gift == (None, {"tel": None, "city": "上海"})
    # Rows landed and rows there agree, as the tests of staging want it.
    landed = conn.execute("select sum(landed_row_count) from landing.files").fetchone()
    assert landed == (18,)
    lines = conn.execute(
        "select place, action, row_count from erasure.certificate_lines"
        " where place like 'raw%' order by place, action"
    ).fetchall()
    assert lines == [
        ("raw_shop.members", "erased", 1),
        ("raw_shop.orders", "erased", 1),
        ("raw_shop.orders", "redacted", 2),
    ]
    for again in (open_id(WHO), phone_of(WHO), str(WHO)):
        assert erase(conn, again, do_it=True).certificate_id == done.certificate_id
    assert count(conn, "erasure.certificates") == 1


def test_the_person_does_not_land_again(
    conn: Connection, world: World, tmp_path: Path
) -> None:
    erase(conn, phone_of(WHO), do_it=True)
    again = drop(tmp_path / "again", "2017-12-01", range(6, 9))
    load_directory(conn, again, channels=CHANNELS)
    left = everything(conn)
    for trace in (phone_of(WHO), written_phone(WHO), open_id(WHO), f"姓名{WHO}"):
        assert trace not in left
    assert count(conn, "raw_shop.members") == 9 + 2
    assert count(conn, "erasure.certificate_lines", "action = 'blocked'") == 2
    landed = conn.execute("select sum(landed_row_count) from landing.files").fetchone()
    assert landed == (18 + 4,)


def test_a_phone_that_went_to_somebody_else_stays_theirs(
    conn: Connection, world: World
) -> None:
    conn.execute(
        "insert into identity.oneid_map"
        " values (700, 7, 'phone', '', %s, '2017-01-01', '2017-06-01', 3)",
        [phone_of(WHO)],
    )
    conn.commit()
    erase(conn, open_id(WHO), do_it=True)
    gift = conn.execute(
        "select receiver_phone from raw_shop.orders where open_id = %s", [open_id(8)]
    ).fetchone()
    assert gift == (written_phone(WHO),)
    assert count(conn, "identity.oneid_map", "customer_id = 3") == 3


def test_channels_forget_by_their_next_run(
    conn: Connection, world: World, receiver: Receiver
) -> None:
    webhook, file = webhook_sync(holdout=None), file_sync(holdout=None)
    for one in (webhook, file):
        engine.apply(conn, one, DAY)
    held = receiver.members(webhook.name)
    assert len(held) == 10
    done = erase(conn, phone_of(WHO), do_it=True)
    assert done.pending == {webhook.name: 1, file.name: 1}
    assert not done.is_done
    assert erase(conn, phone_of(WHO), do_it=True).pending == done.pending
    for one in (webhook, file):
        assert engine.apply(conn, one, DAY).removed == 1
    assert len(receiver.members(webhook.name)) == 9
    assert erase(conn, phone_of(WHO), do_it=True).is_done
    assert count(conn, "activation.member_state", f"customer_id = {WHO}") == 0
    assert count(conn, "activation.changelog", f"customer_id = {WHO}") == 0
    assert count(conn, "erasure.certificate_lines", "action = 'removed'") == 2
    assert count(conn, "erasure.certificates", "customer_ids is not null") == 0
    gone = set(held) - set(receiver.members(webhook.name))
    assert not any(key in everything(conn) for key in gone)


def test_killed_in_the_middle_nothing_has_happened(
    conn: Connection, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from orchestration import erasure

    before = everything(conn)
    conn.commit()

    def killed(*_: Any) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(erasure.channels, "forget_history", killed)
    with pytest.raises(KeyboardInterrupt):
        erase(conn, phone_of(WHO), do_it=True)
    assert everything(conn) == before
    conn.commit()
    monkeypatch.undo()


def test_mistakes_are_one_sentence(
    conn: Connection, world: World, database: str
) -> None:
    with pytest.raises(QuanyuError, match="Nobody has this identifier"):
        erase(conn, "13900000000", do_it=True)
    conn.execute("update identity.oneid_map set value = %s where node_id = 1", ["same"])
    conn.execute("update identity.oneid_map set value = %s where node_id = 2", ["same"])
    conn.commit()
    with pytest.raises(QuanyuError, match="2 customers have this identifier"):
        erase(conn, "same")
    with connect(database) as other:
        other.execute("select pg_advisory_lock(7142001)")
        with pytest.raises(QuanyuError, match="daily job is under way"):
            erase(conn, phone_of(WHO))


def test_raw_tables_exist(conn: Connection) -> None:
    ensure_raw_tables(conn, CHANNELS)
    with pytest.raises(QuanyuError, match="run `quanyu up` and `quanyu run`"):
        erase(conn, phone_of(WHO))
