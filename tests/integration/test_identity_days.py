"""Customer ids from day to day: stable, repeatable, merged, split and redirected."""

from __future__ import annotations

from pathlib import Path

import pytest
from psycopg import sql

from tests.integration.identity_project import IdentityProject, Record, execute, rows

ANN, ANNS_NEW = "16000000001", "16000000002"
STATE = (
    "oneid_identifiers", "oneid_assignments", "oneid_map", "oneid_records",
    "oneid_customers", "oneid_changes", "oneid_history", "oneid_alias",
)  # fmt: skip
ALL = sql.SQL("select * from identity.{}")
QUIET = (
    "--exclude-resource-type",
    "unit_test",
    "--exclude",
    "assert_identity_budgets_hold",
)

RECORDS = [
    # Ann: Tmall and Youzan share a phone; a guest receipt with it is hers.
    Record(1, "tmall", "member", 0, {"tmall_ouid": "ann", "phone": ANN}),
    Record(2, "youzan", "member", 0, {"yz_open_id": "ann", "phone": ANN}),
    Record(3, "pos", "order", 1, {"phone": ANN}),
    # Bob: a card of 2016, and a shop account that only on day 5 turns out to be his.
    Record(4, "pos", "member", 0, {"pos_member_no": "bob", "email": "bob@example.com"}),
    Record(5, "youzan", "member", 3, {"yz_open_id": "bob", "wechat_openid": "ob"}),
    Record(6, "youzan", "member", 5, {"yz_open_id": "bob", "email": "bob@example.com"}),
    # Ann changes her number on day 10; Cat gets the old one on day 40.
    Record(7, "tmall", "member", 10, {"tmall_ouid": "ann", "phone": ANNS_NEW}),
    Record(8, "youzan", "member", 12, {"yz_open_id": "ann", "phone": ANNS_NEW}),
    Record(9, "pos", "member", 40, {"pos_member_no": "cat", "phone": ANN}),
    Record(10, "pos", "order", 41, {"phone": ANN}),
]


def state() -> dict[str, list[str]]:
    """Return every identity table, row order aside."""
    return {
        table: sorted(map(repr, rows(ALL.format(sql.Identifier(table)))))
        for table in STATE
    }


def owners() -> dict[int, int | None]:
    return dict(rows("select record_key, customer_id from identity.oneid_records"))


@pytest.fixture
def project(tmp_path: Path, database: str) -> IdentityProject:
    project = IdentityProject(tmp_path)
    project.land(RECORDS)
    return project


@pytest.mark.slow
def test_ids_are_stable_over_days(project: IdentityProject) -> None:
    project.build(1, *QUIET)
    first = owners()
    ann, bob = first[1], first[4]
    assert first == {1: ann, 2: ann, 3: ann, 4: bob}
    assert ann != bob

    project.build(4, *QUIET)
    stranger = owners()[5]
    assert stranger not in (ann, bob)

    # Bob's two halves meet: the older id survives, the other leads to it.
    project.build(6, *QUIET)
    assert {owners()[key] for key in (4, 5, 6)} == {bob}
    assert rows("select * from identity.oneid_alias") == [(stranger, bob)]
    merge = "select from_customer_id, to_customer_id, op from identity.oneid_history"
    assert rows(merge) == [(stranger, bob, "merge")]
    before = state()
    project.build(6, *QUIET)
    assert state() == before, "running a day twice changes nothing"

    # A recycled number: Ann's records before, Cat's after; nobody merges.
    project.build(41, *QUIET)
    found = owners()
    cat = found[9]
    assert {found[key] for key in (1, 2, 3, 7, 8)} == {ann}
    assert {found[key] for key in (9, 10)} == {cat}
    assert cat not in (ann, bob, stranger)
    spans = rows(
        "select customer_id, valid_from is null, valid_to is null"
        " from identity.oneid_map where value = %s order by valid_from nulls first",
        [ANN],
    )
    assert spans == [(ann, True, False), (cat, False, True)]

    # A full refresh keeps registry and ids.
    before = state()
    project.build(41, "--full-refresh", *QUIET)
    assert state() == before, "a full refresh changes nothing"

    # A reviewer finds that Bob's card and e-mail are not one person.
    project.write_seed(
        "oneid_revoked_links",
        ["pos_member_no,,bob,email,,bob@example.com,2017-02-12,reviewer,another Bob"],
    )
    project.build(42, *QUIET)
    found = owners()
    assert found[4] == bob, "the card, of the highest type, keeps the id"
    assert found[5] == found[6] == stranger, "the shop account has its own id back"
    assert not rows("select * from identity.oneid_alias"), "both ids are in use"
    assert rows("select op from identity.oneid_history order by run_no") == [
        ("merge",), ("split",)
    ]  # fmt: skip
    changed = rows(
        "select customer_id from identity.oneid_changes"
        " where changed_on = date '2017-02-12' order by 1"
    )
    assert changed == sorted([(bob,), (stranger,)])


@pytest.mark.slow
def test_another_machine_gives_the_same_ids(
    project: IdentityProject, tmp_path: Path
) -> None:
    for day in (4, 41):
        project.build(day, *QUIET)
    once = state()
    for schema in ("identity", "seeds"):
        execute(f"drop schema {schema} cascade")
    again = IdentityProject(tmp_path / "elsewhere")
    again.land(reversed(RECORDS))
    for day in (4, 41):
        again.build(day, *QUIET)
    assert state() == once
