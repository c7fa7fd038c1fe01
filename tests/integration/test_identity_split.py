"""A wrong merge undone, made again and undone again: who owns what, what is pushed."""

from __future__ import annotations

from pathlib import Path

import pytest

from activation.receiver import Receiver
from tests.integration.activation_world import (
    ENTITY,
    NO_PROTECTION,
    SEGMENT,
    apply_until_done,
    assert_each_effect_once,
    assert_ledger_sound,
    webhook_sync,
)
from tests.integration.identity_project import IdentityProject, Record, execute, rows
from warehouse.connection import connect

ANN, BOB, CAT = "16000000001", "16000000002", "16000000003"
OFFICE = {"email": "office@example.com"}
RECORDS = [
    Record(1, "pos", "member", 0, {"pos_member_no": "ann", "phone": ANN, **OFFICE}),
    Record(2, "pos", "member", 1, {"pos_member_no": "bob", "phone": BOB, **OFFICE}),
    Record(3, "pos", "member", 2, {"pos_member_no": "cat", "phone": CAT}),
]
REVOKED = "pos_member_no,,bob,email,,office@example.com,2017-01-10,reviewer,an office"
# Everybody is in the segment and agrees.
EVERYBODY = f"""
drop schema if exists segments, tags, protection cascade;
drop table if exists marts.fct_consents, seeds.quiet_hours;
{NO_PROTECTION}
create schema segments;
create schema tags;
create table segments.segment_members as
select distinct '{SEGMENT}' as segment_code, customer_id from identity.oneid_map;
create table tags.customer_tags_wide as
select distinct customer_id from identity.oneid_map;
create table marts.fct_consents as
select distinct
    customer_id, 'sms' as contact_channel, 'marketing' as purpose,
    'granted' as status, timestamptz '2017-01-01' as occurred_at,
    date '2017-01-01' as occurred_on, '{ENTITY}' as legal_entity
from identity.oneid_map;
"""  # noqa: S608  # no input in it


@pytest.mark.slow
def test_contact_points_and_pushes_follow_a_split(
    tmp_path: Path, database: str, receiver: Receiver
) -> None:
    project = IdentityProject(tmp_path, marts=("dim_contact_points",))
    project.land(RECORDS)
    untouched = (project.seeds / "oneid_revoked_links.csv").read_text()
    sync = webhook_sync(
        map={
            "mobile_sha256": {"from": "contact.phone", "as": "cn_mobile_sha256"},
            "customer_id": {"from": "customer_id"},
        },
        holdout=None,
    )

    def after(day: int) -> tuple[dict[str, int], set[str]]:
        """Build a day and push: whose each phone is, and whose are held there."""
        project.build(
            day,
            "--exclude-resource-type",
            "unit_test",
            "--exclude",
            "assert_identity_budgets_hold",
        )
        execute(EVERYBODY)
        with connect() as conn:
            apply_until_done(conn, sync)
            held = receiver.members(sync.name)
            assert_ledger_sound(conn, sync, set(held))
        points = rows(
            "select value, customer_id from marts.dim_contact_points"
            " where kind = 'phone' and is_current"
        )
        assert len(points) == len(dict(points)), "a phone is of one customer"
        assert all_ids_resolve()
        return dict(points), {member["customer_id"] for member in held.values()}

    merged, held = after(10)
    assert merged[ANN] == merged[BOB] != merged[CAT]
    assert len(held) == 2

    project.write_seed("oneid_revoked_links", [REVOKED])
    apart, held = after(11)
    assert apart[ANN] == merged[ANN], "the part with the oldest card keeps the id"
    assert apart[BOB] not in merged.values()
    assert held == {str(customer) for customer in apart.values()}

    (project.seeds / "oneid_revoked_links.csv").write_text(untouched)
    again, held = after(12)
    assert again == merged
    assert len(held) == 2
    assert (
        dict(rows("select old_id, customer_id from identity.oneid_alias"))[apart[BOB]]
        == merged[ANN]
    ), "the id of before leads to the one of now"

    project.write_seed("oneid_revoked_links", [REVOKED])
    revived, held = after(13)
    assert revived == apart, "who comes back has the id of before"
    assert len(held) == 3
    assert_each_effect_once(receiver.effects(sync.name))
    operations = rows("select op from identity.oneid_history order by 1")
    assert [op for (op,) in operations] == ["merge", "split", "split"]


def all_ids_resolve() -> bool:
    """Whether every id ever given leads to a customer of today."""
    return not rows(
        "select from_customer_id from identity.oneid_history"
        " union select to_customer_id from identity.oneid_history"
        " except select old_id from identity.oneid_alias"
        " except select customer_id from identity.oneid_map"
    ) and not rows(
        "select customer_id from identity.oneid_alias"
        " except select customer_id from identity.oneid_map"
    )
