"""Guides, service cases, and people who bring each other."""

from __future__ import annotations

from datetime import timedelta

from tests.integration.tags.crowd.base import PEOPLE, TODAY, Crowd
from tests.integration.tags.crowd.places import GUIDES

# One that no list of staff has.
STAFF = [*GUIDES[:8], "G0"]
QR_CODES = [
    # state, name
    (None, None),
    ("G1-door", "入口台卡"),
    ("G1-till", "收银台台卡"),
    ("G1-new", "快闪店"),
    ("G1-lost", None),
]


def add(crowd: Crowd, customer_id: int) -> None:
    rng = crowd.rng
    for _ in range(rng.choice([0, 0, 1, 1, 3])):
        friend(crowd, customer_id)
    for _ in range(rng.choice([0, 0, 1, 3])):
        task(crowd, customer_id)
    for staff in rng.sample(STAFF, rng.choice([0, 0, 1, 2])):
        begins = rng.randrange(300)
        crowd.marts["dim_guide_assignments"].append(
            {
                "customer_id": customer_id,
                "staff_code": staff,
                "valid_from": TODAY - timedelta(days=begins),
                "valid_to": TODAY + timedelta(days=rng.choice([-1, 0, 1]))
                if rng.random() < 0.5
                else None,
            }
        )
    for _ in range(rng.choice([0, 0, 1, 4])):
        case(crowd, customer_id)
    for _ in range(rng.choice([0, 1, 2])):
        referral(crowd, customer_id)
    trade(crowd, customer_id)


def friend(crowd: Crowd, customer_id: int) -> None:
    rng = crowd.rng
    added = None if rng.random() < 0.1 else crowd.moment(400)
    deleted = None
    if rng.random() < 0.5:
        deleted = min(crowd.moment(30), crowd.moment(30))
    state, name = rng.choice(QR_CODES)
    crowd.marts["fct_guide_contacts"].append(
        {
            "guide_contact_key": crowd.key(),
            "customer_id": customer_id,
            "staff_code": rng.choice(STAFF),
            "added_at": added,
            "added_on": added and added.date(),
            "deleted_at": deleted,
            "deleted_on": deleted and deleted.date(),
            "deleted_by": deleted and rng.choice(["guide", "contact"]),
            "is_current": deleted is None,
            "qr_state": state,
            "qr_code_name": name,
        }
    )


def task(crowd: Crowd, customer_id: int) -> None:
    rng = crowd.rng
    at, is_done = crowd.moment(60), rng.random() < 0.6
    crowd.marts["fct_guide_tasks"].append(
        {
            "guide_task_key": crowd.key(),
            "customer_id": customer_id,
            "task_type": rng.choice(["welcome", "birthday", "win_back"]),
            "assigned_at": at,
            "assigned_on": at.date(),
            "done_at": at if is_done else None,
            "outcome": rng.choice(["reached", "bought"]) if is_done else None,
        }
    )


def case(crowd: Crowd, customer_id: int) -> None:
    rng = crowd.rng
    at, is_closed = crowd.moment(500), rng.random() < 0.7
    crowd.marts["fct_service_cases"].append(
        {
            "case_key": crowd.key(),
            "customer_id": customer_id,
            "case_type": rng.choice(["consult", "complaint", "return", "invoice"]),
            "contact_channel": rng.choice(["phone", "store", "im"]),
            "opened_at": at,
            "opened_on": at.date(),
            "first_reply_at": rng.choice([None, at + timedelta(minutes=7)]),
            "closed_at": at + timedelta(hours=rng.randrange(100))
            if is_closed
            else None,
            "is_closed": is_closed,
            "satisfaction": rng.choice([None, 1, 3, 5]) if is_closed else None,
        }
    )


def referral(crowd: Crowd, customer_id: int) -> None:
    """An invitation or a share, among few people: rings, chains, two inviters."""
    rng = crowd.rng
    at = crowd.moment(200)
    crowd.marts["fct_referrals"].append(
        {
            "referral_key": crowd.key(),
            "inviter_customer_id": rng.randrange(1, PEOPLE // 2),
            "invitee_customer_id": customer_id,
            "referral_kind": rng.choice(["inviter", "inviter", "share_open"]),
            "occurred_at": at,
            "occurred_on": at.date(),
        }
    )


def trade(crowd: Crowd, customer_id: int) -> None:
    """Stores, coupons and the orders of refunds, where others have not said them."""
    rng = crowd.rng
    orders = {
        line["order_line_key"]: line["order_key"]
        for line in crowd.marts["fct_order_lines"]
        if line["customer_id"] == customer_id
    }
    for row in crowd.marts["fct_refunds"]:
        if row["customer_id"] == customer_id:
            row.setdefault("order_key", orders[row["order_line_key"]])
    # Some buy at the stores only.
    is_store_buyer = rng.random() < 0.3
    for row in crowd.marts["fct_orders"]:
        if row["customer_id"] == customer_id:
            row.setdefault("coupon_amount", rng.choice([0, 0, 0, 5]))
            if is_store_buyer:
                row["channel_code"] = "pos"
            if row["channel_code"] == "pos":
                # Parcels of one payment are of one store.
                row.setdefault("store_code", f"S{1 + row['parent_order_key'] % 6}")
