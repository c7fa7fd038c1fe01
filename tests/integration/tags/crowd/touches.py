"""Looking around, contents, reviews, leads, messages and ads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.integration.tags.crowd.base import PRODUCTS, TODAY, Crowd

CONTENT_SHOPS = {
    "douyin_flagship": "douyin",
    "douyin_exclusive": "douyin",
    "kuaishou_store": "kuaishou",
}
CONTENTS = 8
EVENTS = (
    *("product_view", "product_view", "page_view", "search"),
    *("search", "check_in", "share", "coupon_view"),
)
KEYWORDS = ("奶粉", "礼盒", "tea")
INTERACTIONS = (
    *("view", "view", "like", "collect", "comment"),
    *("share", "product_click", "follow", "unfollow"),
)


def add(crowd: Crowd, customer_id: int) -> None:
    if customer_id == 1:
        crowd.marts["dim_contents"] += contents()
    rng = crowd.rng
    for _ in range(rng.choice([0, 0, 4, 10])):
        event(crowd, customer_id)
    for _ in range(rng.choice([0, 2, 12])):
        touch(crowd, customer_id)
    for _ in range(rng.choice([0, 1, 10, 40])):
        interaction(crowd, customer_id)
    for _ in range(rng.choice([0, 0, 1, 3])):
        review(crowd, customer_id)
    for _ in range(rng.choice([0, 0, 1, 2])):
        lead(crowd, customer_id)
    for _ in range(rng.choice([0, 0, 1, 4])):
        ad(crowd, customer_id)


def contents() -> list[dict[str, Any]]:
    """Contents 1 to 8; the master of the last has not come."""
    return [
        {
            "content_key": key,
            "content_type": ("note", "video", "live", "live")[key % 4],
            "topic": ("护肤心得", "下厨记", None)[key % 3 if key < 6 else 0],
        }
        for key in range(1, CONTENTS)
    ]


def event(crowd: Crowd, customer_id: int) -> None:
    rng = crowd.rng
    kind = rng.choice(EVENTS)
    at = crowd.moment(rng.choice([8, 45, 200]))
    has_product = kind in ("product_view", "share")
    crowd.marts["fct_events"].append(
        {
            "event_key": crowd.key(),
            "customer_id": customer_id,
            "channel_code": rng.choice(["youzan", "mini_program"]),
            "event_type": kind,
            "occurred_at": at,
            "occurred_on": at.date(),
            "product_key": rng.randrange(1, len(PRODUCTS) + 1) if has_product else None,
            "keyword": rng.choice(KEYWORDS) if kind == "search" else None,
        }
    )


def touch(crowd: Crowd, customer_id: int) -> None:
    rng = crowd.rng
    at = crowd.moment(rng.choice([60, 400]))
    clicked_at = at + timedelta(minutes=rng.randrange(1, 3000))
    crowd.marts["fct_touches"].append(
        {
            "touch_key": crowd.key(),
            "customer_id": customer_id,
            "touch_channel": rng.choice(["sms", "wechat", "wecom", "mail"]),
            "campaign_code": rng.choice([None, "C1", "C2"]),
            "status": rng.choice(["delivered", "delivered", "failed", "unsubscribed"]),
            "sent_at": at,
            "sent_on": at.date(),
            "clicked_at": clicked_at
            if rng.random() < 0.3 and clicked_at.date() <= TODAY
            else None,
        }
    )


def interaction(crowd: Crowd, customer_id: int) -> None:
    rng = crowd.rng
    kind = rng.choice(INTERACTIONS)
    is_of_page = kind in ("follow", "unfollow") and rng.random() < 0.7
    content = rng.randrange(1, CONTENTS + 1)
    shop = list(CONTENT_SHOPS)[content % 3]
    at = crowd.moment(rng.choice([40, 400]))
    crowd.marts["fct_interactions"].append(
        {
            "interaction_key": crowd.key(),
            "customer_id": customer_id,
            "channel_code": CONTENT_SHOPS[shop],
            "shop_code": shop,
            "interaction_type": kind,
            "content_key": None if is_of_page else content,
            "product_key": rng.randrange(1, len(PRODUCTS) + 1)
            if kind == "product_click"
            else None,
            "scene": rng.choice([None, "feed", "search"]),
            "duration_seconds": rng.choice([None, 20, 300]) if kind == "view" else None,
            "occurred_at": at,
            "occurred_on": at.date(),
        }
    )


def review(crowd: Crowd, customer_id: int) -> None:
    at = crowd.moment(500)
    crowd.marts["fct_reviews"].append(
        {
            "review_key": crowd.key(),
            "customer_id": customer_id,
            "rating": crowd.rng.randrange(1, 6),
            "reviewed_at": at,
            "reviewed_on": at.date(),
        }
    )


def lead(crowd: Crowd, customer_id: int) -> None:
    at = crowd.moment(500)
    crowd.marts["fct_leads"].append(
        {
            "lead_key": crowd.key(),
            "customer_id": customer_id,
            "status": crowd.rng.choice(["new", "following", "converted", "invalid"]),
            "submitted_at": at,
            "submitted_on": at.date(),
        }
    )


def ad(crowd: Crowd, customer_id: int) -> None:
    at = crowd.moment(500)
    crowd.marts["fct_ad_exposures"].append(
        {
            "exposure_key": crowd.key(),
            "customer_id": customer_id,
            "action": crowd.rng.choice(["impression", "impression", "click"]),
            "occurred_at": at,
            "occurred_on": at.date(),
        }
    )
