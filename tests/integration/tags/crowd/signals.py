"""What people see, say and pass on, over half a year: the signals of AIPL and 5A."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from tests.integration.tags.crowd.base import PEOPLE, PRODUCTS, TODAY, Crowd
from tests.integration.tags.person import SHANGHAI

# Nothing later has landed.
LAST = datetime.combine(TODAY, time(23, 59), SHANGHAI)
EVENTS = ("product_view", "search", "coupon_view", "form_submit", "share", "share_open")
CONTENTS = (
    "view", "view", "view", "like", "collect", "comment", "share", "product_click",
    "follow", "unfollow",
)  # fmt: skip


def add(crowd: Crowd, customer_id: int) -> None:
    rng = crowd.rng
    known = crowd.marts["dim_customers"][customer_id - 1]
    # Before the first order for most; some have come within the year.
    days = rng.choice([1100, 1100, 1100, rng.randrange(400)])
    known.setdefault("first_seen_on", TODAY - timedelta(days=days))
    for _ in range(rng.choice([0, 0, 2, 6])):
        exposure(crowd, customer_id)
    for _ in range(rng.choice([0, 0, 4, 12])):
        interaction(crowd, customer_id)
    for _ in range(rng.choice([0, 0, 2, 6])):
        row = happening(crowd, customer_id)
        crowd.marts["fct_events"].append(
            row | {"event_type": rng.choice(EVENTS), "product_key": product(crowd)}
        )
    if rng.random() < 0.3:
        said(crowd, customer_id)
    for _ in range(rng.choice([0, 0, 0, 1, 3])):
        review(crowd, customer_id)
    if rng.random() < 0.15:
        kind = rng.choice(["inviter", "share_open"])
        row = happening(crowd, rng.randrange(1, PEOPLE + 1))
        crowd.marts["fct_referrals"].append(
            row | {
                "referral_key": crowd.key(),
                "inviter_customer_id": customer_id,
                "invitee_customer_id": row["customer_id"],
                "referral_kind": kind,
            }
        )  # fmt: skip


def happening(crowd: Crowd, customer_id: int) -> dict[str, Any]:
    at = crowd.moment(200)
    return {"customer_id": customer_id, "occurred_at": at, "occurred_on": at.date()}


def product(crowd: Crowd) -> int | None:
    return crowd.rng.choice([None, crowd.rng.randrange(1, len(PRODUCTS) + 1)])


def exposure(crowd: Crowd, customer_id: int) -> None:
    rng = crowd.rng
    action = rng.choice(["impression", "impression", "click"])
    crowd.marts["fct_ad_exposures"].append(
        happening(crowd, customer_id)
        | {
            "exposure_key": crowd.key(),
            "action": action,
            "ad_device_hash": rng.choice([None, f"device{rng.randrange(2)}"]),
            "device_os": rng.choice(["android", "ios"]),
        }
    )
    sent, hours = crowd.moment(90), rng.randrange(30)
    crowd.marts["fct_touches"].append(
        {
            "customer_id": customer_id,
            "status": "delivered",
            "sent_at": sent,
            "sent_on": sent.date(),
            "clicked_at": rng.choice([None, min(sent + timedelta(hours=hours), LAST)]),
        }
    )


def interaction(crowd: Crowd, customer_id: int) -> None:
    kind = crowd.rng.choice(CONTENTS)
    crowd.marts["fct_interactions"].append(
        happening(crowd, customer_id)
        | {
            "interaction_key": crowd.key(),
            "interaction_type": kind,
            "channel_code": crowd.rng.choice(["douyin", "kuaishou"]),
            "product_key": product(crowd) if kind == "product_click" else None,
        }
    )


def said(crowd: Crowd, customer_id: int) -> None:
    """A contact left, or a question asked."""
    rng, at = crowd.rng, crowd.moment(200)
    if rng.random() < 0.5:
        crowd.marts["fct_leads"].append(
            {
                "lead_key": crowd.key(),
                "customer_id": customer_id,
                "lead_source": "form",
                "status": rng.choice(["new", "converted", "invalid"]),
                "submitted_at": at,
                "submitted_on": at.date(),
            }
        )
    else:
        crowd.marts["fct_service_cases"].append(
            {
                "case_key": crowd.key(),
                "customer_id": customer_id,
                "case_type": rng.choice(["consult", "consult", "invoice"]),
                "product_key": product(crowd),
                "opened_at": at,
                "opened_on": at.date(),
                "closed_at": at,
                "is_closed": True,
            }
        )


def review(crowd: Crowd, customer_id: int) -> None:
    at = crowd.moment(120)
    crowd.marts["fct_reviews"].append(
        {
            "review_key": crowd.key(),
            "customer_id": customer_id,
            "order_key": crowd.rng.choice(crowd.order_keys(customer_id) or [None]),
            "product_key": product(crowd),
            "rating": crowd.rng.choice([1, 2, 3, 4, 5, 5, 5]),
            "reviewed_at": at,
            "reviewed_on": at.date(),
        }
    )
