"""A customer whose every figure was worked out by hand, from the marts to the CLI."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from psycopg.rows import dict_row
from typer.testing import CliRunner

from cli.main import app
from tests.integration.customer_project import CustomerProject
from warehouse.connection import connect

BASE_DATE = "2017-12-31"
PHONES = ("13812341234", "13912345678", "13700000000", "13600000000")
LI = 7  # bought, returned, complained, follows from Tmall to the stores
ZHOU = 8  # only ever looked
RUNNER = CliRunner(env={"COLUMNS": "160"})


def at(text: str) -> dt.datetime:
    """Read a moment of 2017 in Asia/Shanghai: '03-01 10:00'."""
    return dt.datetime.fromisoformat(f"2017-{text}:00+08:00")


def on(text: str) -> dt.date:
    return dt.date.fromisoformat(f"2017-{text}")


def channel_of(shop: str) -> str:
    return shop.partition("_")[0]


def order(key: int, shop: str, moment: str, goods: str, **more: Any) -> dict[str, Any]:
    """Return a valid order of Ms Li; `more` says what is different."""
    return {
        "order_key": key, "parent_order_key": key, "customer_id": LI,
        "channel_code": channel_of(shop), "shop_code": shop, "order_id": f"E{key}",
        "order_type": "sale", "order_status": "completed", "is_valid_order": True,
        "ordered_at": at(moment), "paid_at": at(moment), "goods_amount": goods,
        "refunded_amount": "0", "net_amount": goods, **more,
    }  # fmt: skip


def line(shop: str, brand: str) -> dict[str, Any]:
    return {
        "customer_id": LI, "channel_code": channel_of(shop), "brand_code": brand,
        "is_valid_line": True,
    }  # fmt: skip


def contact(kind: str, value: str, **more: Any) -> dict[str, Any]:
    return {
        "customer_id": LI, "kind": kind, "value": value, "role": "account",
        "is_current": True, "valid_from": on("01-01"), **more,
    }  # fmt: skip


WORLD: dict[str, list[dict[str, Any]]] = {
    "dim_customers": [
        {
            "customer_id": LI, "name": "李婷", "gender": "female",
            "birthday": dt.date(1988, 2, 29), "province": "上海市", "city": "上海市",
            "is_member": True, "is_employee": False, "member_tier_pos": "3",
        },
        {
            "customer_id": ZHOU, "name": None, "gender": "unknown",
            "is_member": False, "is_employee": False,
        },
    ],
    "dim_contact_points": [
        contact("phone", PHONES[0]),
        contact("phone", PHONES[1]),
        contact("phone", PHONES[2], is_current=False),
        contact("phone", PHONES[3], role="receiver"),
        contact("email", "liting@example.com"),
        contact("tmall_ouid", "AAH0c23f86fd735254ee11d"),
        # the number Ms Li gave up is another's now
        contact("phone", PHONES[2], customer_id=ZHOU, valid_from=on("09-01")),
    ],
    "fct_orders": [
        # one payment, split over two shops: one order
        order(1, "tmall_market", "03-01 10:00", "60.00"),
        order(2, "tmall_wellness", "03-01 10:00", "40.00", parent_order_key=1),
        order(3, "pos_retail", "12-30 17:00", "25.50", refunded_amount="5.50",
              net_amount="20.00"),
        order(4, "tmall_market", "12-31 23:00", "9.00", is_valid_order=False,
              invalid_reason="cancelled", paid_at=None, order_status="closed"),
    ],
    "fct_order_lines": [
        line("tmall_market", "baby"),
        line("tmall_wellness", "ginseng"),
        line("pos_retail", "supermarket"),
        line("pos_retail", "baby"),
    ],
    "fct_refunds": [
        {
            "refund_key": 31, "customer_id": LI, "channel_code": "pos",
            "shop_code": "pos_retail", "status": "completed", "reason": "质量问题",
            "refund_amount": "5.50", "applied_at": at("12-31 09:00"),
            "completed_at": at("12-31 12:00"),
        }
    ],
    "fct_points": [
        {"points_key": 41, "customer_id": LI, "channel_code": "pos", "points": 100,
         "entry_type": "earn", "occurred_at": at("03-01 10:00")},
        {"points_key": 42, "customer_id": LI, "channel_code": "pos", "points": -30,
         "entry_type": "redeem", "occurred_at": at("12-30 17:00")},
    ],
    "fct_coupons": [
        {"coupon_event_key": 51, "customer_id": LI, "channel_code": "pos",
         "coupon_id": "C1", "template_code": "T5", "action": "claim",
         "face_amount": "5.00", "valid_to": dt.date(2018, 1, 31),
         "occurred_at": at("12-01 08:00")},
    ],
    "mart_points_balances": [
        {"account_key": 1, "customer_id": LI, "pool_code": "group",
         "available_points": 70}
    ],
    "fct_coupon_states": [
        {"coupon_key": 1, "customer_id": LI, "channel_code": "pos", "coupon_id": "C1",
         "state": "claimed", "face_amount": "5.00", "valid_to": dt.date(2018, 1, 31)}
    ],
    "fct_consents": [
        {"consent_key": 61, "customer_id": LI, "channel_code": "pos",
         "contact_channel": "sms", "purpose": "marketing", "status": status,
         "occurred_at": at(moment)}
        for status, moment in (("granted", "01-01 10:00"), ("withdrawn", "06-01 10:00"))
    ],
    "fct_events": [
        {"event_key": 71, "customer_id": ZHOU, "channel_code": "youzan",
         "shop_code": "youzan_market", "event_type": "page_view",
         "occurred_at": at("11-11 00:00")},
    ],
    "fct_touches": [
        {"touch_key": 81, "customer_id": LI, "channel_code": "pos",
         "touch_channel": "sms", "campaign_code": "C27", "status": "delivered",
         "sent_at": at("12-29 10:00"), "clicked_at": at("12-29 11:00")},
    ],
    "fct_service_cases": [
        {"case_key": 91, "customer_id": LI, "channel_code": "pos", "case_id": "A1",
         "case_type": "complaint", "is_closed": False, "opened_at": at("12-31 08:00"),
         "case_text": f"请回电 {PHONES[0]}"},
    ],
    "fct_interactions": [
        {"interaction_key": 101, "customer_id": LI, "channel_code": "xiaohongshu",
         "interaction_type": kind, "content_key": 1, "occurred_at": at(moment)}
        for kind, moment in (("like", "07-01 10:01"), ("view", "07-01 10:00"))
    ],
    "dim_contents": [{"content_key": 1, "title": "红参怎么吃"}],
    "fct_ad_exposures": [
        {"exposure_key": 111, "customer_id": LI, "channel_code": "douyin",
         "action": "click", "campaign_name": "双11", "occurred_at": at("11-01 10:00")},
    ],
    "fct_reviews": [
        {"review_key": 121, "customer_id": LI, "channel_code": "tmall", "rating": 4,
         "reviewed_at": at("03-20 10:00"), "review_text": f"电话 {PHONES[1]}"},
    ],
    "fct_leads": [
        {"lead_key": 131, "customer_id": LI, "channel_code": "xiaohongshu",
         "lead_source": "private_message", "status": "converted", "lead_id": "L1",
         "submitted_at": at("02-20 10:00")},
    ],
    "fct_referrals": [
        {"referral_key": key, "inviter_customer_id": LI, "channel_code": "mini_program",
         "invitee_customer_id": ZHOU, "referral_kind": kind,
         "occurred_at": at("09-09 10:00")}
        for key, kind in ((141, "inviter"), (142, "share_open"))
    ],
    "fct_guide_contacts": [
        {"guide_contact_key": 151, "customer_id": LI, "channel_code": "wecom",
         "staff_code": "G1", "added_at": at("02-01 10:00"), "is_current": False,
         "deleted_at": at("05-01 10:00")},
        {"guide_contact_key": 152, "customer_id": LI, "channel_code": "wecom",
         "staff_code": "G2", "added_at": at("05-02 10:00"), "is_current": True},
    ],
    "fct_guide_tasks": [
        {"guide_task_key": 161, "customer_id": LI, "channel_code": "wecom",
         "staff_code": "G2", "task_type": "birthday", "assigned_at": at("02-27 09:00"),
         "done_at": at("02-28 09:00"), "outcome": "reached"},
        {"guide_task_key": 162, "customer_id": LI, "channel_code": "wecom",
         "staff_code": "G2", "task_type": "replenish",
         "assigned_at": at("12-01 09:00")},
    ],
    "dim_guide_assignments": [
        {"customer_id": LI, "staff_code": "G1", "valid_from": on("01-01"),
         "valid_to": on("05-01")},
        {"customer_id": LI, "staff_code": "G2", "valid_from": on("05-01")},
    ],
}  # fmt: skip

BY_HAND = {
    "name_masked": "李**",
    "birth_year": 1988,
    "has_child": False,
    "member_tier_pos": "3",
    "identifier_count": 4,
    "phone_count": 2,
    "phone_masked": "138****1234 139****5678",
    "email_masked": "l***@example.com",
    "tmall_count": 1,
    "tmall_masked": "AAH0…e11d",
    "youzan_count": 0,
    "order_count": 2,
    "goods_amount": Decimal("125.50"),
    "refunded_amount": Decimal("5.50"),
    "net_amount": Decimal("120.00"),
    "first_order_at": at("03-01 10:00"),
    "last_order_at": at("12-30 17:00"),
    "last_order_shop_code": "pos_retail",
    "bought_channels": "pos tmall",
    "bought_brands": "baby ginseng supermarket",
    "points_balance": 70,
    "valid_coupon_count": 1,
    "valid_coupon_amount": Decimal("5.00"),
    "consent_sms": "withdrawn",
    "consent_email": None,
    "last_event_at": None,
    "last_touch_at": at("12-29 10:00"),
    "last_touch_channel": "sms",
    "last_case_type": "complaint",
    "open_case_count": 1,
    "last_interaction_at": at("07-01 10:01"),
    "last_interaction_type": "like",
    "last_exposure_at": at("11-01 10:00"),
    "last_rating": 4,
    "review_count": 1,
    "last_lead_status": "converted",
    "guide_staff_code": "G2",
    "guide_contact_count": 1,
    "last_guide_contact_at": at("05-02 10:00"),
    "open_task_count": 1,
    "last_task_at": at("12-01 09:00"),
    "invitee_count": 1,
    "inviter_customer_id": None,
}
TIMELINE = [
    "取消订单", "退款完成：质量问题", "客服投诉：A1", "下单付款：E3", "使用积分：-30",
]  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _built(
    tmp_path_factory: pytest.TempPathFactory, module_database: str
) -> Iterator[None]:
    project = CustomerProject(tmp_path_factory.mktemp("customers"))
    project.land(WORLD)
    project.build(BASE_DATE)
    yield


def rows(query: str, *values: object) -> list[dict[str, Any]]:
    with connect() as conn, conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, values).fetchall()


def test_every_figure_is_the_one_worked_out_by_hand() -> None:
    card = rows("select * from marts.mart_customer_360 where customer_id = %s", LI)[0]
    assert {name: card[name] for name in BY_HAND} == BY_HAND


def test_a_customer_without_any_fact_has_a_row_of_zeros() -> None:
    card = rows("select * from marts.mart_customer_360 where customer_id = %s", ZHOU)[0]
    counts = ("order_count", "net_amount", "points_balance", "open_case_count")
    assert [card[name] for name in counts] == [0, 0, 0, 0]
    assert card["last_event_type"] == "page_view"
    assert card["inviter_customer_id"] == LI


def test_no_contact_point_or_name_is_in_the_clear() -> None:
    told = json.dumps(
        rows("select * from marts.mart_customer_360")
        + rows("select * from marts.mart_customer_timeline"),
        default=str,
        ensure_ascii=False,
    )
    for secret in (*PHONES, "liting", "AAH0c23f86fd735254ee11d", "李婷"):
        assert secret not in told


def test_the_timeline_holds_every_event_once_in_order() -> None:
    events = rows(
        "select * from marts.mart_customer_timeline where customer_id = %s"
        " order by occurred_at, subject_key",
        LI,
    )
    # 4 orders, 1 refund, 2 points, 1 coupon, 2 consents, 1 send with a click, 1 case, 2
    # interactions, 1 ad, 1 review, 1 lead, 2 referrals, 3 moves of WeCom contacts, 2
    # tasks of which one is done, 3 moves of guides
    assert len(events) == 29
    assert events[0]["title"] == "分配导购：G1"
    assert events[-1]["occurred_at"] == at("12-31 23:00")
    assert not [event for event in events if event["title"] == event["event_type"]]


@pytest.mark.parametrize("given", [str(LI), PHONES[0], f"+86 {PHONES[1]}", "6"])
def test_the_command_finds_by_id_former_id_and_phone(given: str) -> None:
    with connect() as conn:
        conn.execute("truncate identity.oneid_alias")
        conn.execute("insert into identity.oneid_alias values (6, %s)", [LI])
    result = RUNNER.invoke(app, ["customer", "show", given, "--events", "5"])
    assert result.exit_code == 0, result.output
    assert f"客户 {LI}" in result.output
    assert "138****1234 139****5678" in result.output
    places = [result.output.index(title) for title in TIMELINE]
    assert places == sorted(places)
    assert "5 / 29" in result.output


def test_a_number_that_went_to_another_is_the_other() -> None:
    result = RUNNER.invoke(app, ["customer", "show", PHONES[2]])
    assert f"客户 {ZHOU}" in result.output


@pytest.mark.parametrize("given", ["4711", "13000000000", "李婷", PHONES[3], "9" * 30])
def test_who_is_not_there_is_one_sentence(given: str) -> None:
    result = RUNNER.invoke(app, ["customer", "show", given])
    assert result.exit_code == 1
    assert "No customer has the id or phone" in result.output
    assert not given.startswith("1") or given not in result.output
