"""The engagement family."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.integration.tags.person import CENT, Person
from tests.integration.tags.rows import Row

GESTURES = ("like", "collect", "comment", "share", "follow")


def _done(person: Person, days: int, *kinds: str) -> list[Row]:
    return [
        row
        for row in person.of("fct_interactions")
        if row["interaction_type"] in kinds and person.within(row["occurred_on"], days)
    ]


def _content(person: Person, row: Row) -> Row | None:
    found = person.tables.by("dim_contents", "content_key").get(row["content_key"])
    return found[0] if found and row["content_key"] is not None else None


def _is_live(person: Person, row: Row) -> bool:
    content = _content(person, row)
    return content is not None and content["content_type"] == "live"


def _favourite(person: Person, rows: list[Row], name: Callable[[Row], Any]) -> Any:
    """Return what rows are about most often; of equals, what was touched on last."""
    times: dict[Any, int] = defaultdict(int)
    for row in rows:
        if name(row) is not None:
            times[name(row)] += 1
    # Whatever was done last with a content that counts is the last contact with it.
    counted = {
        (row["channel_code"], row["shop_code"], row["content_key"]) for row in rows
    }
    last: dict[Any, datetime] = {}
    for row in person.of("fct_interactions"):
        if (row["channel_code"], row["shop_code"], row["content_key"]) in counted:
            what = name(row)
            last[what] = max(last.get(what, row["occurred_at"]), row["occurred_at"])
    return max(times, key=lambda one: (times[one], last[one]), default=None)


def engagement_content_view_count_30d(person: Person) -> int:
    return len(_done(person, 30, "view"))


def engagement_live_watch_minutes_90d(person: Person) -> int:
    seconds = sum(
        row["duration_seconds"] or 0
        for row in _done(person, 90, "view")
        if _is_live(person, row)
    )
    return int(seconds // 60)


def engagement_live_session_count_90d(person: Person) -> int:
    watched = [row for row in _done(person, 90, "view") if _is_live(person, row)]
    return len({row["content_key"] for row in watched})


def engagement_product_click_count_90d(person: Person) -> int:
    return len(_done(person, 90, "product_click"))


def engagement_interaction_count_30d(person: Person) -> int:
    return len(_done(person, 30, *GESTURES))


def engagement_like_count_90d(person: Person) -> int:
    return len(_done(person, 90, "like"))


def engagement_comment_count_90d(person: Person) -> int:
    return len(_done(person, 90, "comment"))


def engagement_collect_count_365d(person: Person) -> int:
    return len(_done(person, 365, "collect"))


def engagement_share_count_365d(person: Person) -> int:
    return len(_done(person, 365, "share"))


def engagement_followed_account_count(person: Person) -> int:
    follows: dict[str, bool] = {}
    for row in sorted(person.of("fct_interactions"), key=lambda r: r["occurred_at"]):
        if row["interaction_type"] in ("follow", "unfollow"):
            follows[row["shop_code"]] = row["interaction_type"] == "follow"
    return sum(follows.values())


def engagement_level(person: Person) -> str | None:
    return person.cut("engagement_level", len(_done(person, 90, *GESTURES)))


def engagement_main_topic_180d(person: Person) -> str | None:
    def topic(row: Row) -> str | None:
        content = _content(person, row)
        return content["topic"] if content else None

    return _favourite(person, _done(person, 180, *GESTURES), topic)


def engagement_main_content_type_180d(person: Person) -> str | None:
    def content_type(row: Row) -> str | None:
        content = _content(person, row)
        return content["content_type"] if content else None

    return _favourite(person, _done(person, 180, "view"), content_type)


def engagement_main_channel_180d(person: Person) -> str | None:
    views = _done(person, 180, "view")
    return _favourite(person, views, lambda row: row["channel_code"])


def engagement_days_since_last_interaction(person: Person) -> int | None:
    days = [
        row["occurred_on"]
        for row in person.of("fct_interactions")
        if row["interaction_type"] in GESTURES
    ]
    return (person.today - max(days)).days if days else None


def _reviews(person: Person) -> list[Row]:
    return [r for r in person.of("fct_reviews") if person.within(r["reviewed_on"], 365)]


def engagement_review_count_365d(person: Person) -> int:
    return len(_reviews(person))


def engagement_bad_review_count_365d(person: Person) -> int:
    moods = [person.cut("review_mood", row["rating"]) for row in _reviews(person)]
    return moods.count("bad")


def engagement_average_rating_365d(person: Person) -> Decimal | None:
    ratings = [Decimal(row["rating"]) for row in _reviews(person)]
    if not ratings:
        return None
    return (sum(ratings, Decimal(0)) / len(ratings)).quantize(CENT, ROUND_HALF_UP)


def engagement_last_review_on(person: Person) -> date | None:
    return max((r["reviewed_on"] for r in person.of("fct_reviews")), default=None)


def engagement_lead_count_365d(person: Person) -> int:
    leads = person.of("fct_leads")
    return sum(person.within(row["submitted_on"], 365) for row in leads)


def engagement_last_lead_status(person: Person) -> str | None:
    leads = sorted(person.of("fct_leads"), key=lambda row: row["submitted_at"])
    return leads[-1]["status"] if leads else None
