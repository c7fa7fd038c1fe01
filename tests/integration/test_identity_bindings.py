"""Identifiers that say so themselves: 换绑 of a phone, and ids of WeCom contacts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.identity_project import IdentityProject, Record, rows

ANN, ANNS_NEW = "16000000001", "16000000002"
RECORDS = [
    # Ann binds another phone on day 10; her mini-shop account never learns of it.
    Record(1, "mini_program", "member", 0, {"wechat_openid": "ann", "phone": ANN}),
    Record(2, "youzan", "member", 0, {"yz_open_id": "ann", "phone": ANN}),
    Record(3, "pos", "order", 1, {"phone": ANN}),
    Record(4, "mini_program", "id_change", 9, {"wechat_openid": "ann", "phone": ANN}),
    Record(
        4, "mini_program", "id_change", 10, {"wechat_openid": "ann", "phone": ANNS_NEW}
    ),
    Record(5, "pos", "order", 12, {"phone": ANNS_NEW}),
    # Cat gets the old phone.
    Record(6, "pos", "member", 40, {"pos_member_no": "cat", "phone": ANN}),
    Record(7, "pos", "order", 41, {"phone": ANN}),
    # A contact of WeCom is Bob's once its pending id is converted; another never is.
    Record(
        11, "mini_program", "member", 0,
        {"wechat_openid": "b", "wechat_unionid": "u"},
    ),
    Record(
        12, "wecom", "contact", 5,
        {"wecom_external_userid": "wm1", "wecom_pending_id": "p1"},
    ),
    Record(
        13, "wecom", "id_conversion", 30,
        {"wecom_pending_id": "p1", "wechat_unionid": "u"},
    ),
    Record(
        14, "wecom", "contact", 5,
        {"wecom_external_userid": "wm2", "wecom_pending_id": "p2"},
    ),
    Record(15, "wecom", "touch", 6, {"wecom_external_userid": "wm1"}),
]  # fmt: skip


@pytest.mark.slow
def test_bindings_and_conversions_say_who_is_who(tmp_path: Path, database: str) -> None:
    project = IdentityProject(tmp_path)
    project.land(RECORDS)
    project.build(
        60,
        "--exclude-resource-type",
        "unit_test",
        "--exclude",
        "assert_identity_budgets_hold",
    )
    found = dict(rows("select record_key, customer_id from identity.oneid_records"))
    ann, cat, bob, nobody = found[1], found[6], found[11], found[14]
    assert {found[key] for key in (1, 2, 3, 4, 5)} == {ann}, "one person throughout"
    assert {found[key] for key in (6, 7)} == {cat}, "the later owner is another"
    assert {found[key] for key in (11, 12, 13, 15)} == {bob}
    assert len({ann, cat, bob, nobody}) == 4
    spans = rows(
        "select customer_id, valid_from, valid_to from identity.oneid_map"
        " where value = %s order by valid_from nulls first",
        [ANN],
    )
    assert [span[0] for span in spans] == [ann, cat]
    assert spans[0][2] == spans[1][1], "one ends where the other begins"
