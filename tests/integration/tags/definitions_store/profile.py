"""Stores: the profile family."""

from __future__ import annotations

from typing import Any

from tests.integration.tags.things import Store


def store_status(store: Store) -> Any:
    return store.row["status"]


def store_has_guide(store: Store) -> Any:
    return store.row["has_guide"]


def store_guide_count(store: Store) -> int:
    return sum(
        one["store_code"] == store.code
        and one["role"] == "guide"
        and one["status"] in ("active", "leaving")
        for one in store.tables["dim_guides"]
    )


def store_province(store: Store) -> Any:
    regions = store.tables.by("dim_regions", "region_code")
    return next(
        (one["province"] for one in regions.get(store.row["region_code"], ())), None
    )


def store_city(store: Store) -> Any:
    return store.row["city"]


def store_city_tier(store: Store) -> Any:
    return store.row["city_tier"]


def store_opened_on(store: Store) -> Any:
    return store.row["opened_on"]
