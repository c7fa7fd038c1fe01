"""Identifiers that say so themselves: 换绑 of phones, cards and mailboxes, ids of WeCom
contacts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.identity_project import IdentityProject, Record, rows

ANN, ANNS_NEW = "16000000001", "16000000002"
DESK = "desk@example.com"
BOTH = ("false", "true")
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
    # Dan loses his card and gets another; he is the customer he was.
    Record(21, "pos", "order", 3, {"pos_member_no": "dan-old"}),
    Record(
        22, "pos", "id_change", 20, {"pos_member_no": "dan-old"}, successor="dan-new"
    ),
    Record(23, "pos", "order", 25, {"pos_member_no": "dan-new"}),
    # Eve leaves her mailbox at work to Flo; the seed says that mailboxes change hands.
    Record(31, "tmall", "member", 2, {"tmall_ouid": "eve", "email": DESK}),
    Record(32, "pos", "order", 4, {"email": DESK}),
    Record(33, "tmall", "member", 15, {"tmall_ouid": "eve", "email": "eve@home.cn"}),
    Record(34, "youzan", "member", 30, {"yz_open_id": "flo", "email": DESK}),
    Record(35, "pos", "order", 31, {"email": DESK}),
    Record(36, "tmall", "order", 32, {"tmall_ouid": "eve"}),
    # Gus's contact goes over to another app of the corp, his openid to another mini
    # shop: each id is exchanged for one that nothing else ties to him.
    Record(41, "wecom", "contact", 7, {"wecom_external_userid": "wm3"}),
    Record(
        42, "wecom", "id_change", 22, {"wecom_external_userid": "wm3"}, successor="wm4"
    ),
    Record(43, "wecom", "touch", 28, {"wecom_external_userid": "wm4"}),
    Record(51, "mini_program", "event", 3, {"wechat_openid": "gus"}),
    Record(
        52, "mini_program", "id_change", 8, {"wechat_openid": "gus"}, successor="g2"
    ),
    Record(53, "mini_program", "event", 9, {"wechat_openid": "g2"}),
]  # fmt: skip


@pytest.mark.slow
def test_bindings_and_conversions_say_who_is_who(tmp_path: Path, database: str) -> None:
    project = IdentityProject(tmp_path)
    types = project.seeds / "oneid_identifier_types.csv"
    text = types.read_text()
    stays, moves = (f",account,false,{moves},2,,,quarterly,Lower" for moves in BOTH)
    assert text.count(stays) == 1
    types.write_text(text.replace(stays, moves))
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
    spans = rows(
        "select customer_id, valid_from, valid_to from identity.oneid_map"
        " where value = %s order by valid_from nulls first",
        [ANN],
    )
    assert [span[0] for span in spans] == [ann, cat]
    assert spans[0][2] == spans[1][1], "one ends where the other begins"
    dan, eve, flo = found[21], found[31], found[34]
    assert {found[key] for key in (21, 22, 23)} == {dan}
    assert {found[key] for key in (31, 32, 33, 36)} == {eve}, "hers before, and herself"
    assert {found[key] for key in (34, 35)} == {flo}
    gus, gus_in_shop = found[41], found[51]
    assert {found[key] for key in (41, 42, 43)} == {gus}
    assert {found[key] for key in (51, 52, 53)} == {gus_in_shop}
    assert len({ann, cat, bob, nobody, dan, eve, flo, gus, gus_in_shop}) == 9
