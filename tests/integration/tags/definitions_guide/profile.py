"""Guides: the profile family."""

from __future__ import annotations

from typing import Any

from tests.integration.tags.rows import Row
from tests.integration.tags.things import Guide


def guide_status(guide: Guide) -> Any:
    return guide.row["status"]


def guide_role(guide: Guide) -> Any:
    return guide.row["role"]


def guide_store(guide: Guide) -> Any:
    return guide.row["store_code"]


def guide_store_status(guide: Guide) -> Any:
    return _store(guide)["status"]


def guide_city_tier(guide: Guide) -> Any:
    return _store(guide)["city_tier"]


def guide_tenure_days(guide: Guide) -> int | None:
    hired, left = guide.row["hired_on"], guide.row["left_on"]
    return ((left or guide.today) - hired).days if hired else None


def _store(guide: Guide) -> Row:
    return guide.tables.by("dim_stores", "store_code")[guide.row["store_code"]][0]
