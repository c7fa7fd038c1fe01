"""`quanyu oneid explain`: chains of evidence, and what refused a link."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from cli.main import app
from identity.explain import Explanation, explain_one, explain_pair
from tests.integration.identity_project import IdentityProject, Record
from warehouse.connection import connect
from warehouse.errors import QuanyuError

ANN, ANNS_NEW, COUNTER = "16000000001", "16000000002", "16000000009"
RECORDS = [
    # Ann: a card, a mini-shop account and an openid, tied by phone and unionid.
    Record(1, "pos", "member", 0, {"pos_member_no": "ann", "phone": ANN}),
    Record(
        2, "youzan", "member", 3,
        {"yz_open_id": "ann", "phone": ANN, "wechat_unionid": "u1"},
    ),
    Record(3, "youzan", "order", 5, {"yz_open_id": "ann"}, receiver=COUNTER),
    # Ann moves to another number; Bob gets her old one.
    Record(4, "pos", "member", 20, {"pos_member_no": "ann", "phone": ANNS_NEW}),
    Record(5, "youzan", "member", 21, {"yz_open_id": "ann", "phone": ANNS_NEW}),
    Record(6, "pos", "member", 40, {"pos_member_no": "bob", "phone": ANN}),
    # Three cards on a counter's phone.
    Record(7, "pos", "member", 1, {"pos_member_no": "c1", "phone": COUNTER}),
    Record(8, "pos", "member", 1, {"pos_member_no": "c2", "phone": COUNTER}),
    Record(9, "pos", "member", 1, {"pos_member_no": "c3", "phone": COUNTER}),
    Record(10, "tmall", "member", 1, {"tmall_ouid": "alone"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def built(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    project = IdentityProject(tmp_path_factory.mktemp("explain"))
    project.land(RECORDS)
    project.build(
        60,
        "--exclude-resource-type",
        "unit_test",
        "--exclude",
        "assert_identity_budgets_hold",
    )


@pytest.fixture
def pair(built: None) -> Iterator[object]:
    with connect() as conn:
        yield lambda first, second: explain_pair(conn, first, second)


def said(explanation: Explanation) -> list[tuple[str, str, str, str]]:
    """Return both ends and rule of each step, and its first record."""
    return [
        (
            f"{step.left.type}:{step.left.value}",
            f"{step.right.type}:{step.right.value}",
            step.rule,
            step.evidence[0].record_id if step.evidence else "",
        )
        for step in explanation.steps
    ]


@pytest.mark.slow
def test_the_shortest_chain_ties_two(pair) -> None:
    found = pair("pos_member_no:ann", "wechat_unionid:u1")
    assert found.is_one_customer
    phone = said(found)[0][1].removeprefix("phone:")
    assert phone in (ANN, ANNS_NEW)
    assert [step[:3] for step in said(found)] == [
        ("pos_member_no:ann", f"phone:{phone}", "same_record"),
        (f"phone:{phone}", "yz_open_id:ann", "same_record"),
        ("yz_open_id:ann", "wechat_unionid:u1", "same_record"),
    ]
    assert said(found)[2][3] == "r2"
    first = found.steps[2].evidence[0]
    assert (first.channel_code, first.record_type) == ("youzan", "member")
    assert first.record_count == 1


@pytest.mark.slow
def test_what_keeps_two_apart_is_named(pair) -> None:
    hub = pair("c1", "c2")
    assert not hub.is_one_customer
    assert said(hub) == [
        ("pos_member_no:c1", f"phone:{COUNTER}", "over_limit", "r7"),
        (f"phone:{COUNTER}", "pos_member_no:c2", "over_limit", "r8"),
    ]
    passed_on = pair("pos_member_no:bob", "pos_member_no:ann")
    assert [step[2] for step in said(passed_on)] == [
        "same_record",
        "changed_hands",
        "same_record",
    ]
    assert said(passed_on)[0][3] == "r6"
    assert pair("alone", "bob").steps == []


@pytest.mark.slow
def test_all_ties_of_one_customer(built: None) -> None:
    with connect() as conn:
        found, steps = explain_one(conn, "yz_open_id:ann")
    ties = {(step.left.value, step.right.value, step.rule) for step in steps}
    assert found.value == "ann"
    assert any(COUNTER in tie and tie[2] == "role_never_links" for tie in ties)
    accepted = {frozenset(tie[:2]) for tie in ties if tie[2] == "same_record"}
    assert {frozenset(("ann", ANN)), frozenset(("ann", "u1"))} <= accepted


@pytest.mark.slow
def test_mistakes_are_one_sentence(pair) -> None:
    for first, second, words in (
        ("nobody", "c1", "No record shows"),
        ("ann", "c1", "several identifiers"),
        ("c1", "pos_member_no:c1", "given twice"),
    ):
        with pytest.raises(QuanyuError, match=words):
            pair(first, second)


@pytest.mark.slow
def test_the_command_masks_what_is_personal(built: None) -> None:
    shown = CliRunner().invoke(app, ["oneid", "explain", "c1", "c2"])
    assert shown.exit_code == 0, shown.output
    assert "over_limit" in shown.output
    assert COUNTER not in shown.output
