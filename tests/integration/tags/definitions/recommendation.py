"""The recommendation family: the lists are taken as given, which ones hold is not."""

from __future__ import annotations

from datetime import timedelta

from tests.integration.tags.person import Person
from tests.integration.tags.rows import Row


def _lists(person: Person, model: str, table: str) -> list[Row]:
    """Return the newest published run's rows, in the month they are of."""
    runs = [
        run
        for run in person.tables["ml.model_run"]
        if run["model"] == model and run["is_published"] and run["retired_at"] is None
    ]
    if not runs:
        return []
    newest = max(runs, key=lambda run: run["base_date"])
    scored, tomorrow = newest["base_date"], person.today + timedelta(days=1)
    months = (tomorrow.year - scored.year) * 12 + tomorrow.month - scored.month
    if months > 1 or scored > person.today:
        return []
    return [row for row in person.of(table) if row["run_id"] == newest["run_id"]]


def categories(person: Person, kind: str) -> dict[int, str]:
    """The categories of a list, by their position."""
    rows = _lists(person, "category_recommendation", "ml.category_recommendations")
    return {
        int(row["list_position"]): str(row["product_category"])
        for row in rows
        if row["kind"] == kind
    }


def _item(person: Person, slot: str) -> str | None:
    rows = _lists(person, "product_recommendation", "ml.recommendations")
    for row in rows:
        if (row["slot"], row["list_position"]) == (slot, 1):
            product = person.product(row["product_key"])
            return str(product["item_code"]) if product else None
    return None


def recommendation_next_category(person: Person) -> str | None:
    return categories(person, "any").get(1)


def recommendation_next_category_second(person: Person) -> str | None:
    return categories(person, "any").get(2)


def recommendation_next_category_third(person: Person) -> str | None:
    return categories(person, "any").get(3)


def recommendation_replenish_item(person: Person) -> str | None:
    return _item(person, "replenish")


def recommendation_discover_item(person: Person) -> str | None:
    return _item(person, "discover")
