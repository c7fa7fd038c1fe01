"""The coupon family: each coupon's life walked step by step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.integration.tags.person import CENT, SHANGHAI, Person
from tests.integration.tags.rows import Row, grouped

_LIFE = ("issue", "claim", "use", "return", "expire")


@dataclass
class _Coupon:
    """Where a coupon is, and when it got there."""

    state: str
    face: Decimal
    threshold: Decimal
    starts: date | None
    ends: date | None
    claimed: date | None = None
    used: date | None = None
    expired: date | None = None

    def in_hand(self, today: date) -> bool:
        return self.state in ("claimed", "returned") and (
            self.starts is None or self.starts <= today
        )


def coupon_expiring_count_7d(person: Person) -> int:
    return sum(
        one.in_hand(person.today)
        and one.ends is not None
        and 0 < (one.ends - person.today).days <= 7
        for one in _coupons(person)
    )


def coupon_in_hand_count(person: Person) -> int:
    return sum(one.in_hand(person.today) for one in _coupons(person))


def coupon_in_hand_amount(person: Person) -> Decimal:
    return sum(
        (one.face for one in _coupons(person) if one.in_hand(person.today)), Decimal(0)
    )


def coupon_unclaimed_count(person: Person) -> int:
    return sum(one.state == "issued" for one in _coupons(person))


def coupon_claimed_count_90d(person: Person) -> int:
    return sum(person.within(one.claimed, 90) for one in _coupons(person))


def coupon_used_count_90d(person: Person) -> int:
    return sum(person.within(one.used, 90) for one in _used(person))


def coupon_expired_count_90d(person: Person) -> int:
    return sum(
        one.state == "expired"
        and one.claimed is not None
        and person.within(one.expired, 90)
        for one in _coupons(person)
    )


def coupon_use_rate_365d(person: Person) -> Decimal | None:
    fates = [
        one.state == "used"
        for one in _coupons(person)
        if person.within(one.claimed, 365) and one.state in ("used", "expired")
    ]
    if not fates:
        return None
    return (Decimal(sum(fates)) / len(fates)).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def coupon_used_amount_365d(person: Person) -> Decimal:
    return sum((one.face for one in _used_in_year(person)), Decimal(0))


def coupon_used_average_amount_365d(person: Person) -> Decimal | None:
    used = _used_in_year(person)
    if not used:
        return None
    total = sum((one.face for one in used), Decimal(0))
    return (total / len(used)).quantize(CENT, ROUND_HALF_UP)


def coupon_claim_to_use_days_365d(person: Person) -> int | None:
    days = [
        (one.used - one.claimed).days
        for one in _used_in_year(person)
        if one.claimed and one.used
    ]
    if not days:
        return None
    return int((Decimal(sum(days)) / len(days)).quantize(Decimal(1), ROUND_HALF_UP))


def coupon_days_since_last_use(person: Person) -> int | None:
    days = [one.used for one in _used(person) if one.used]
    return (person.today - max(days)).days if days else None


def coupon_threshold_band_365d(person: Person) -> str | None:
    bands: dict[str, tuple[int, date, Decimal]] = {}
    for one in _used_in_year(person):
        label = person.cut("coupon_threshold", one.threshold)
        assert label and one.used
        count, latest, least = bands.get(label, (0, one.used, -one.threshold))
        bands[label] = (count + 1, max(latest, one.used), max(least, -one.threshold))
    return max(bands, key=lambda label: bands[label]) if bands else None


def _used(person: Person) -> list[_Coupon]:
    return [one for one in _coupons(person) if one.state == "used"]


def _used_in_year(person: Person) -> list[_Coupon]:
    return [one for one in _used(person) if person.within(one.used, 365)]


def _coupons(person: Person) -> Iterator[_Coupon]:
    status = {row["order_key"]: row["order_status"] for row in person.orders}
    coupons = grouped(
        person.of("fct_coupons"), lambda row: (row["channel_code"], row["coupon_id"])
    )
    for steps in coupons.values():
        coupon = _Coupon(
            "new",
            _highest(steps, "face_amount") or Decimal(0),
            _highest(steps, "threshold_amount") or Decimal(0),
            _highest(steps, "valid_from"),
            _highest(steps, "valid_to"),
        )
        for step in sorted(
            steps,
            key=lambda row: (
                row["occurred_at"],
                _LIFE.index(row["action"]),
                row["coupon_event_key"],
            ),
        ):
            cancelled = status.get(step["order_key"]) == "closed"
            _take(coupon, step, cancelled)
        is_over = coupon.ends is not None and coupon.ends <= person.today
        if is_over and coupon.state not in ("used", "expired"):
            coupon.state, coupon.expired = "expired", coupon.ends
        yield coupon


def _take(coupon: _Coupon, step: Row, cancelled: bool) -> None:
    """What a step does to a coupon; one that cannot happen does nothing.

    A use that a channel reports counts whenever it comes; used goods that go back give
    the coupon back; after its end only a use still changes it.
    """
    action, day = step["action"], step["occurred_at"].astimezone(SHANGHAI).date()
    state = coupon.state
    if action == "claim":
        coupon.claimed = min(coupon.claimed or day, day)
    if action == "issue" and state == "new":
        coupon.state = "issued"
    elif action == "claim" and state in ("new", "issued"):
        coupon.state = "claimed"
    elif action == "use" and cancelled:
        if state not in ("used", "expired"):
            coupon.state = "returned"
    elif action == "use":
        if state != "used":
            coupon.state, coupon.used = "used", day
    elif action == "return" and state in ("new", "used"):
        coupon.state = "returned"
    elif action == "expire" and state != "used":
        if state != "expired":
            coupon.expired = day
        coupon.state = "expired"


def _highest(steps: list[Row], column: str) -> Any:
    return max((row[column] for row in steps if row[column] is not None), default=None)
