"""plan and apply on a real PostgreSQL, to real files and to the real receiver."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

import pytest
from psycopg import sql

from activation import engine
from activation.normalisers import NORMALISERS
from activation.receiver import Faults, Receiver
from tests.integration.activation_world import (
    DAY,
    World,
    apply_until_done,
    assert_each_effect_once,
    assert_ledger_sound,
    file_sync,
    held_out,
    people,
    phone_of,
    read_files,
    sha256,
    webhook_sync,
)
from warehouse.connection import Connection, connect
from warehouse.errors import QuanyuError


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QUANYU_HOME", str(tmp_path))
    return tmp_path / "out" / "due_to_file"


def test_first_push_then_nothing_then_changes(
    conn: Connection, receiver: Receiver
) -> None:
    world, sync = World(conn, people(60)), webhook_sync()
    planned = engine.plan(conn, sync, DAY)
    assert receiver.requests == 0
    assert planned.figures.adds == len(world.expected(sync)) > 30
    assert planned.suppressed == {
        "holdout": sum(held_out(sync, key) for key in world.people)
    }

    first = engine.apply(conn, sync, DAY)
    assert (first.status, first.added) == ("done", planned.figures.adds)
    assert receiver.members(sync.name) == world.expected(sync)
    requests = receiver.requests

    again = engine.apply(conn, sync, DAY)
    assert (again.acked, again.unchanged) == (0, first.added)
    assert receiver.requests == requests

    chosen = sorted(int(m["customer_id"]) for m in world.expected(sync).values())
    world.people[chosen[0]].tier = "silver"
    world.people[chosen[1]].in_segment = False
    world.people[chosen[2]].is_suppressed = True
    world.people[chosen[3]].phone = phone_of(9_000_001)
    world.people[chosen[4]].phone = None
    world.people[chosen[5]].phone = "12345"
    world.write()
    third = engine.apply(conn, sync, DAY + timedelta(days=1))
    assert (third.added, third.updated, third.removed) == (1, 1, 5)
    assert third.suppressed["marketing_suppressed"] == 1
    assert third.suppressed["no_contact_point"] == 1
    assert third.suppressed["invalid_contact_point"] == 1
    assert receiver.members(sync.name) == world.expected(sync)
    assert_ledger_sound(conn, sync, set(world.expected(sync)))
    reasons = conn.execute(
        "select customer_id, reason from activation.suppressions"
        " where last_run is null and reason <> 'holdout' order by customer_id"
    ).fetchall()
    assert reasons == [
        (chosen[2], "marketing_suppressed"),
        (chosen[4], "no_contact_point"),
        (chosen[5], "invalid_contact_point"),
    ]


def test_consent_withdrawn_removes_and_given_again_adds(
    conn: Connection, receiver: Receiver
) -> None:
    world, sync = World(conn, people(30)), webhook_sync(holdout=None)
    world.people[30].consents = []
    world.write()
    engine.apply(conn, sync, DAY)
    assert len(receiver.members(sync.name)) == 29
    world.people[7].consents = ["granted", "withdrawn"]
    world.people[30].consents = ["withdrawn", "granted"]
    world.write()
    result = engine.apply(conn, sync, DAY)
    assert (result.added, result.removed) == (1, 1)
    assert result.suppressed == {"consent_withdrawn": 1}
    assert receiver.members(sync.name) == world.expected(sync)


def test_consent_given_after_the_day_does_not_count(
    conn: Connection, receiver: Receiver
) -> None:
    World(conn, people(3))
    planned = engine.plan(conn, webhook_sync(holdout=None), DAY - timedelta(days=1))
    assert planned.suppressed == {"no_consent": 3}


def test_two_customers_with_one_phone_are_sent_once(
    conn: Connection, receiver: Receiver
) -> None:
    world, sync = World(conn, people(5)), webhook_sync(holdout=None)
    world.people[4].phone = world.people[2].phone
    world.write()
    result = engine.apply(conn, sync, DAY)
    assert (result.added, result.suppressed) == (4, {"duplicate_contact_point": 1})
    # Customer 2 is merged into 4: the phone stays held, under the other customer.
    del world.people[2]
    world.write()
    result = engine.apply(conn, sync, DAY)
    assert (result.added, result.updated, result.removed) == (0, 1, 0)
    assert receiver.members(sync.name) == world.expected(sync)


def test_files_are_published_by_their_manifest(conn: Connection, home: Path) -> None:
    world, sync = World(conn, people(35)), file_sync()
    result = engine.apply(conn, sync, DAY)
    folders = sorted(path.name for path in home.iterdir())
    assert result.added == len(world.expected(sync))
    assert read_files(home) == world.expected(sync)
    engine.apply(conn, sync, DAY)
    assert sorted(path.name for path in home.iterdir()) == folders
    world.people[3].phone = phone_of(8_000_000)
    world.people[5].consents.append("withdrawn")
    world.write()
    engine.apply(conn, sync, DAY)
    assert read_files(home) == world.expected(sync)
    assert_ledger_sound(conn, sync, set(world.expected(sync)))


def test_refused_rows_are_kept_and_sent_again(
    conn: Connection, receiver: Receiver
) -> None:
    world, sync = World(conn, people(40)), webhook_sync(holdout=None)
    bad, poison = sorted(world.expected(sync))[5], sorted(world.expected(sync))[20]
    receiver.faults.reject = {bad}
    receiver.faults.poison = {poison}
    first = engine.apply(conn, sync, DAY)
    assert (first.status, first.added, first.rejected) == ("done_with_errors", 38, 2)
    assert set(receiver.members(sync.name)) == set(world.expected(sync)) - {bad, poison}
    open_rejects = (
        "select dest_key, code, attempts from activation.v_rejects order by 2"
    )
    assert conn.execute(open_rejects).fetchall() == [
        (poison, "422", 1),
        (bad, "refused", 1),
    ]
    second = engine.apply(conn, sync, DAY)
    assert (second.added, second.rejected, second.unchanged) == (0, 2, 38)
    assert [row[2] for row in conn.execute(open_rejects)] == [2, 2]
    receiver.faults = Faults()
    third = engine.apply(conn, sync, DAY)
    assert (third.status, third.added) == ("done", 2)
    assert conn.execute(open_rejects).fetchall() == []
    assert receiver.members(sync.name) == world.expected(sync)
    assert_each_effect_once(receiver.effects(sync.name))


def test_reject_of_who_has_left_is_closed(conn: Connection, receiver: Receiver) -> None:
    world, sync = World(conn, people(4)), webhook_sync(holdout=None)
    bad = sorted(world.expected(sync))[0]
    receiver.faults.reject = {bad}
    engine.apply(conn, sync, DAY)
    person = next(n for n, p in world.people.items() if sha256(p) == bad)
    world.people[person].in_segment = False
    world.write()
    assert engine.apply(conn, sync, DAY).rejected == 0
    assert conn.execute("select * from activation.v_rejects").fetchall() == []


def test_guards_block_with_one_sentence_and_send_nothing(
    conn: Connection, receiver: Receiver
) -> None:
    world = World(conn, people(60))
    sync = webhook_sync(holdout=None, guard={"max_remove_pct": 20})
    engine.apply(conn, sync, DAY)
    requests = receiver.requests

    for key in range(1, 31):
        world.people[key].in_segment = False
    world.write()
    blocked = engine.apply(conn, sync, DAY)
    assert blocked.status == "blocked"
    assert "would remove 30 of 60 people (50%)" in str(blocked.reason)

    for person in world.people.values():
        person.in_segment = False
    world.write()
    blocked = engine.apply(conn, sync, DAY)
    assert "holds 0 rows, fewer than guard.min_rows" in str(blocked.reason)

    for rows, sentence in (
        ([(1,), (1,), (2,)], "holds 1 customers more than once"),
        ([(1,), (None,)], "holds 1 rows without a customer_id"),
    ):
        conn.execute("delete from segments.segment_members")
        with conn.cursor() as cursor:
            cursor.executemany(
                "insert into segments.segment_members values"
                " ('seg_second_order_due', %s)",
                rows,
            )
        conn.commit()
        blocked = engine.apply(conn, sync, DAY, approve=True)
        assert (blocked.status, sentence in str(blocked.reason)) == ("blocked", True)

    assert receiver.requests == requests
    assert len(receiver.members(sync.name)) == 60
    assert_ledger_sound(conn, sync, set(receiver.members(sync.name)))

    for key in range(31, 61):
        world.people[key].in_segment = True
    world.write()
    approved = engine.apply(conn, sync, DAY, approve=True)
    assert (approved.status, approved.removed) == ("done", 30)
    assert receiver.members(sync.name) == world.expected(sync)


def test_a_push_never_goes_back(conn: Connection, receiver: Receiver) -> None:
    World(conn, people(3))
    sync = webhook_sync(holdout=None)
    engine.apply(conn, sync, DAY)
    back = engine.apply(conn, sync, DAY - timedelta(days=1), approve=True)
    assert back.status == "blocked"
    assert "has already sent 2017-11-30" in str(back.reason)


def test_changed_mapping_is_announced_then_sent_whole(
    conn: Connection, receiver: Receiver
) -> None:
    World(conn, people(20))
    sync = webhook_sync(holdout=None)
    engine.apply(conn, sync, DAY)
    mapping = sync.model_dump(mode="json", by_alias=True)["map"]
    changed = webhook_sync(holdout=None, map={**mapping, "vip": {"from": "tags.tier"}})
    blocked = engine.apply(conn, changed, DAY)
    assert "all 20 people would be sent again" in str(blocked.reason)
    assert engine.apply(conn, sync, DAY).status == "done"
    result = engine.apply(conn, changed, DAY, approve=True)
    assert (result.updated, result.added, result.removed) == (20, 0, 0)
    assert all(m["vip"] == "gold" for m in receiver.members(sync.name).values())
    assert engine.apply(conn, changed, DAY).acked == 0


def test_second_runner_is_told_so(
    conn: Connection, database: str, receiver: Receiver
) -> None:
    World(conn, people(3))
    sync = webhook_sync()
    engine.plan(conn, sync, DAY)
    with connect(database) as other:
        other.execute(
            "select pg_advisory_lock(%s, sync_id) from activation.syncs", [0x61637476]
        )
        with pytest.raises(QuanyuError, match="is being applied by another process"):
            engine.apply(conn, sync, DAY)
        other.rollback()
    assert receiver.requests == 0
    assert engine.apply(conn, sync, DAY).status == "done"


def test_unknown_tag_names_file_and_key(conn: Connection) -> None:
    World(conn, people(3))
    mapping = webhook_sync().model_dump(mode="json", by_alias=True)["map"]
    sync = webhook_sync(map={**mapping, "vip": {"from": "tags.no_such_tag"}})
    with pytest.raises(
        QuanyuError, match=r"due_to_webhook\.yml: map\.vip: tags\.no_su"
    ):
        engine.plan(conn, sync, DAY)


def test_unbuilt_warehouse_is_one_sentence(conn: Connection) -> None:
    with pytest.raises(QuanyuError, match="cannot be planned"):
        engine.plan(conn, webhook_sync(), DAY)


def test_no_raw_contact_point_is_left_anywhere(
    conn: Connection,
    receiver: Receiver,
    home: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    world = World(conn, people(30))
    bad = sorted(world.expected(webhook_sync()))[0]
    receiver.faults = Faults(busy=0.2, lost=0.2, reject={bad}, seed=3)
    samples = []
    for sync in (webhook_sync(), file_sync()):
        samples.append(str(engine.plan(conn, sync, DAY)))
        apply_until_done(conn, sync)
    tables = conn.execute(
        "select tablename from pg_tables where schemaname = 'activation'"
    ).fetchall()
    assert {("member_state",), ("changelog",)} <= set(tables)
    dump = "".join(
        str(
            conn.execute(
                sql.SQL("select cast(t as text) from {} as t").format(
                    sql.Identifier("activation", table)
                )
            ).fetchall()
        )
        for (table,) in tables
    )
    output = capfd.readouterr()
    written = dump + caplog.text + output.out + output.err + "".join(samples)
    assert bad in dump  # the scan does see what is there
    for person in world.people.values():
        assert str(person.phone) not in written
        assert str(person.email) not in written


PHONE_SHA256 = "38aed9048140b0e437ea81461d9ea4524169f6795004da120bcf7d41894e4d15"
EMAIL_SHA256 = "712bc413c3b90b9e7f5c1ec56c1f8b0c130a8af6fa179941e7fe34389a4de95c"


@pytest.mark.parametrize(
    ("normaliser", "value", "expected"),
    [
        ("cn_mobile", " +86 138-1234-5678\t", "13812345678"),
        ("cn_mobile", "１３８１２３４５６７８", "13812345678"),
        ("cn_mobile", "0086 13812345678", "13812345678"),
        ("cn_mobile", "138****5678", None),
        ("cn_mobile", "021-12345678", None),
        ("cn_mobile", "12812345678", None),
        ("cn_mobile", "138123456789", None),
        ("e164", "13812345678", "+8613812345678"),
        # From `printf <text> | sha256sum` and md5sum, outside this code.
        ("cn_mobile_sha256", "13812345678", PHONE_SHA256),
        ("cn_mobile_sha256", "+86 138 1234 5678", PHONE_SHA256),
        ("cn_mobile_md5", "13812345678", "4c0115d39ddea1eba5a7cdf8edfc18a9"),
        (
            "e164_sha256",
            "13812345678",
            "2ebdcb1bacf1ff0801da3dac97a864a1d35d3b3b7aa75c47bd4b220f9f04c4e2",
        ),
        (
            "country_digits_sha256",
            "13812345678",
            "f32dd5bb1e1e0ce7de6509513f1147fe420b2e69122319cea71268990236ed95",
        ),
        ("cn_mobile_sha256", "not a phone", None),
        ("email", "  Li.Na+ad@Gmail.COM ", "li.na+ad@gmail.com"),
        ("email", "li.na", None),
        ("email_md5", "Li.Na+ad@Gmail.com", "e0a9b4e66c6cec4c86bbe7987a89d205"),
        ("email_sha256", "Li.Na+ad@Gmail.com", EMAIL_SHA256),
        (
            "email_google_sha256",
            "Li. Na+ad@Gmail.com",
            "e6f045f9f20893e06a5b2c02cb6b395fec6f119af5b39e5749eaaabcb5fd7557",
        ),
        ("email_google_sha256", None, None),
    ],
)
def test_normalisers_match_golden_vectors(
    module_database: str, normaliser: str, value: str | None, expected: str | None
) -> None:
    expression = NORMALISERS[normaliser].expression(sql.Literal(value))
    with connect(module_database) as conn:
        found = conn.execute(sql.SQL("select {}").format(expression)).fetchone()
    assert found == (expected,)
