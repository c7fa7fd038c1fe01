"""Guides: the tasks family."""

from __future__ import annotations

from decimal import Decimal

from tests.integration.tags.rows import Row
from tests.integration.tags.subject import local_day
from tests.integration.tags.things import Guide


def guide_open_task_count(guide: Guide) -> int:
    return sum(one["done_at"] is None for one in guide.tasks)


def guide_overdue_task_count(guide: Guide) -> int:
    return sum(
        one["done_at"] is None
        and one["due_at"] is not None
        and local_day(one["due_at"]) <= guide.today
        for one in guide.tasks
    )


def guide_task_count_90d(guide: Guide) -> int:
    return sum(guide.within(one["assigned_on"], 90) for one in guide.tasks)


def guide_task_done_rate_365d(guide: Guide) -> Decimal | None:
    return guide.share(
        (
            one["done_at"] is not None
            for one in guide.tasks
            if guide.within(one["assigned_on"], 365)
        ),
        "guide",
    )


def guide_task_on_time_rate_365d(guide: Guide) -> Decimal | None:
    due = [
        one
        for one in guide.tasks
        if one["due_at"] and guide.within(local_day(one["due_at"]), 365)
    ]
    return guide.share(
        (bool(one["done_at"] and one["done_at"] <= one["due_at"]) for one in due),
        "guide",
    )


def guide_task_reached_rate_365d(guide: Guide) -> Decimal | None:
    spoke = ("reached", "bought", "refused")
    return guide.share((one["outcome"] in spoke for one in _done(guide)), "guide")


def _done(guide: Guide) -> list[Row]:
    return [
        one
        for one in guide.tasks
        if one["done_at"] is not None and guide.within(one["assigned_on"], 365)
    ]
