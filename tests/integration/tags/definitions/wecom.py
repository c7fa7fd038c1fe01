"""The WeCom family."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from tests.integration.tags.person import Person
from tests.integration.tags.rows import Row

EVER = datetime.min.replace(tzinfo=UTC)


def _spans(person: Person) -> list[Row]:
    """Friendships in the order they began; without a moment, before all others."""
    return sorted(
        person.of("fct_guide_contacts"),
        key=lambda row: (row["added_at"] or EVER, row["guide_contact_key"]),
    )


def _live(person: Person) -> list[Row]:
    return [row for row in _spans(person) if row["deleted_at"] is None]


def _friend(person: Person) -> Row | None:
    """The live friend who was added last."""
    found = None
    for row in _live(person):
        if found is None or (row["added_at"] or EVER) > (found["added_at"] or EVER):
            found = row
    return found


def _guide(person: Person) -> Row | None:
    if not (friend := _friend(person)):
        return None
    guides = person.tables.by("dim_guides", "staff_code").get(friend["staff_code"])
    return guides[0] if guides else None


def _is_lost(person: Person) -> bool:
    return bool(_spans(person)) and not _live(person)


def _last_task(person: Person) -> Row | None:
    found = None
    for row in sorted(
        person.of("fct_guide_tasks"), key=lambda one: one["guide_task_key"]
    ):
        if found is None or row["assigned_at"] > found["assigned_at"]:
            found = row
    return found


def wecom_is_friend(person: Person) -> bool:
    return bool(_live(person))


def wecom_friend_count(person: Person) -> int:
    return len({row["staff_code"] for row in _live(person)})


def wecom_first_added_on(person: Person) -> date | None:
    return next((row["added_on"] for row in _spans(person) if row["added_on"]), None)


def wecom_last_added_on(person: Person) -> date | None:
    days = [row["added_on"] for row in _spans(person)]
    return days[-1] if days else None


def wecom_friend_days(person: Person) -> int | None:
    for row in _live(person):
        if row["added_on"]:
            return int((person.today - row["added_on"]).days)
    return None


def wecom_first_added_way(person: Person) -> str | None:
    spans = _spans(person)
    if not spans:
        return None
    if spans[0]["qr_state"] is None:
        return "direct"
    for row in person.tables["wecom_qr_uses"]:
        if row["qr_code_name"] == spans[0]["qr_code_name"]:
            return str(row["added_way"])
    return "other_qr"


def wecom_is_deleted_by_customer(person: Person) -> bool:
    return "contact" in [row["deleted_by"] for row in _spans(person)]


def wecom_has_lost_all_friends(person: Person) -> bool:
    return _is_lost(person)


def wecom_days_since_lost(person: Person) -> int | None:
    if not _is_lost(person):
        return None
    last = max(row["deleted_on"] for row in _spans(person))
    return int((person.today - last).days)


def wecom_friend_staff_code(person: Person) -> Any:
    friend = _friend(person)
    return friend and friend["staff_code"]


def wecom_friend_store_code(person: Person) -> Any:
    guide = _guide(person)
    return guide and guide["store_code"]


def wecom_friend_staff_status(person: Person) -> Any:
    guide = _guide(person)
    return guide and guide["status"]


def wecom_is_friend_of_serving_guide(person: Person) -> bool | None:
    serving = {
        row["staff_code"]
        for row in person.of("dim_guide_assignments")
        if row["valid_from"] <= person.today < (row["valid_to"] or date.max)
    }
    if not serving:
        return None
    return bool(serving & {row["staff_code"] for row in _live(person)})


def wecom_last_task_on(person: Person) -> date | None:
    task = _last_task(person)
    return task and task["assigned_on"]


def wecom_last_task_type(person: Person) -> Any:
    task = _last_task(person)
    return task and task["task_type"]


def wecom_last_task_outcome(person: Person) -> Any:
    task = _last_task(person)
    return task and (task["outcome"] or "open")


def wecom_open_task_count(person: Person) -> int:
    return sum(row["done_at"] is None for row in person.of("fct_guide_tasks"))
