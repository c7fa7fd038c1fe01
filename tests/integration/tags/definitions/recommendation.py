"""The recommendation family: the lists are taken as given, which ones hold is not."""

from __future__ import annotations

from tests.integration.tags.person import Person
from tests.integration.tags.published import published


def categories(person: Person, kind: str) -> dict[int, str]:
    """The categories of a list, by their position."""
    rows = published(person, "category_recommendation", "ml.category_recommendations")
    return {
        int(row["list_position"]): str(row["product_category"])
        for row in rows
        if row["kind"] == kind
    }


def _item(person: Person, slot: str) -> str | None:
    rows = published(person, "product_recommendation", "ml.recommendations")
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
