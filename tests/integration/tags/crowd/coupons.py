"""Coupons on their way: issued, claimed, used, given back."""

from __future__ import annotations

from datetime import timedelta

from tests.integration.tags.crowd.base import CHANNELS, TODAY, Crowd


def add(crowd: Crowd, customer_id: int) -> None:
    for _ in range(crowd.rng.choice([0, 1, 3, 8])):
        coupon(crowd, customer_id)


def coupon(crowd: Crowd, customer_id: int) -> None:
    rng = crowd.rng
    coupon_id, channel = str(crowd.key()), rng.choice(CHANNELS)
    orders = crowd.order_keys(customer_id)
    ends = TODAY + timedelta(days=rng.choice([-1, 0, 1, 5, 7, 8]))
    at = crowd.moment(40)
    face, threshold = rng.choice([3, 5, 20]), rng.choice([0, 15, 30, 200])
    steps = ["issue", "claim", "use", "return", "expire"][: rng.randrange(1, 6)]
    if rng.random() < 0.3:
        # Channels are not always right about what happened when.
        steps = rng.choices(["issue", "claim", "use", "return", "expire"], k=4)
    for action in steps:
        later = at + timedelta(minutes=rng.choice([0, 1, 2, 3000]))
        at = later if later.date() <= TODAY else at
        crowd.marts["fct_coupons"].append(
            {
                "coupon_event_key": crowd.key(),
                "customer_id": customer_id,
                "channel_code": channel,
                "coupon_id": coupon_id,
                "action": action,
                "valid_from": TODAY + timedelta(days=rng.choice([-30, 0, 1])),
                "valid_to": ends if action == "claim" else None,
                "order_key": rng.choice(orders or [None]) if action == "use" else None,
                "face_amount": face,
                "threshold_amount": threshold,
                "occurred_at": at,
                "occurred_on": at.date(),
            }
        )
