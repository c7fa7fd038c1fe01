"""The campaign family."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from tests.integration.tags.person import SHANGHAI, Person, Purchase
from tests.integration.tags.rows import Row


def _received(person: Person, days: int | None = None) -> list[Row]:
    """Return the touches that arrived, oldest first."""
    return sorted(
        (
            row
            for row in person.of("fct_touches")
            if row["status"] != "failed"
            and (days is None or person.within(row["sent_on"], days))
        ),
        key=lambda row: row["sent_at"],
    )


def _received_by(person: Person, channel: str) -> int:
    return len([r for r in _received(person, 30) if r["touch_channel"] == channel])


def _share(part: int, whole: int) -> Decimal | None:
    if not whole:
        return None
    return (Decimal(part) / whole).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def _days_since(person: Person, day: date | None) -> int | None:
    return (person.today - day).days if day else None


def campaign_touch_count_7d(person: Person) -> int:
    return len(_received(person, 7))


def campaign_touch_count_30d(person: Person) -> int:
    return len(_received(person, 30))


def campaign_sms_count_30d(person: Person) -> int:
    return _received_by(person, "sms")


def campaign_wechat_count_30d(person: Person) -> int:
    return _received_by(person, "wechat")


def campaign_wecom_count_30d(person: Person) -> int:
    return _received_by(person, "wecom")


def campaign_failed_rate_90d(person: Person) -> Decimal | None:
    sent = [r for r in person.of("fct_touches") if person.within(r["sent_on"], 90)]
    return _share(sum(row["status"] == "failed" for row in sent), len(sent))


def campaign_click_rate_180d(person: Person) -> Decimal | None:
    received = _received(person, 180)
    return _share(sum(r["clicked_at"] is not None for r in received), len(received))


def campaign_days_since_last_touch(person: Person) -> int | None:
    received = _received(person)
    return _days_since(person, received[-1]["sent_on"] if received else None)


def campaign_days_since_last_click(person: Person) -> int | None:
    clicks = [r["clicked_at"] for r in _received(person) if r["clicked_at"]]
    if not clicks:
        return None
    return _days_since(person, max(clicks).astimezone(SHANGHAI).date())


def campaign_best_channel_365d(person: Person) -> str | None:
    clicks: dict[str, list[datetime]] = defaultdict(list)
    for row in _received(person, 365):
        if row["clicked_at"]:
            clicks[row["touch_channel"]].append(row["clicked_at"])
    return max(
        clicks, key=lambda one: (len(clicks[one]), max(clicks[one])), default=None
    )


def campaign_has_unsubscribed_365d(person: Person) -> bool:
    return any(row["status"] == "unsubscribed" for row in _received(person, 365))


def campaign_last_campaign_code(person: Person) -> str | None:
    codes = [r["campaign_code"] for r in _received(person) if r["campaign_code"]]
    return codes[-1] if codes else None


def _answers(person: Person) -> list[Purchase]:
    (rule,) = (
        row
        for row in person.tables["tag_cuts"]
        if row["cut_set"] == "touch_answer_days"
        and row["valid_from"] <= person.today <= row["valid_to"]
    )
    time_to_answer = timedelta(days=int(rule["to_value"]))
    return [
        one
        for one in person.purchases
        if person.within(one.day, 90)
        and any(
            row["sent_at"] <= one.paid_at <= row["sent_at"] + time_to_answer
            for row in _received(person)
        )
    ]


def campaign_answered_order_count_90d(person: Person) -> int:
    return len(_answers(person))


def campaign_answered_net_amount_90d(person: Person) -> Decimal:
    return sum((one.net for one in _answers(person)), Decimal("0.00"))


def campaign_ad_exposure_count_90d(person: Person) -> int:
    return sum(
        row["action"] == "impression" and person.within(row["occurred_on"], 90)
        for row in person.of("fct_ad_exposures")
    )


def campaign_ad_click_count_365d(person: Person) -> int:
    return sum(
        row["action"] == "click" and person.within(row["occurred_on"], 365)
        for row in person.of("fct_ad_exposures")
    )


def campaign_last_ad_on(person: Person) -> date | None:
    days = [row["occurred_on"] for row in person.of("fct_ad_exposures")]
    return max(days, default=None)
