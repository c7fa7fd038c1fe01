"""The promotion family."""

from __future__ import annotations

from tests.integration.tags.person import Person


def promotion_double11_count_3y(person: Person) -> int:
    windows = [
        row
        for row in person.tables["platform_promotions"]
        if row["promotion_code"] == "double11" and row["starts_on"] <= person.today
    ]
    latest = max(row["year"] for row in windows)
    return len(
        {
            row["year"]
            for row in windows
            for one in person.purchases
            if row["year"] > latest - 3
            and row["channel_code"] == one.channel
            and row["starts_on"] <= one.day <= row["ends_on"]
        }
    )


def promotion_festival_gift_count_2y(person: Person) -> int:
    since = person.today.replace(year=person.today.year - 2)
    gifts = set()
    for day, line, product, _ in person.consumables():
        if not (product["is_gift_set"] and line["line_type"] == "sale"):
            continue
        for feast in person.tables["lunar_festivals"]:
            before = (feast["falls_on"] - day).days
            if feast["festival"] != "dragon_boat" and 1 <= before <= 45 and day > since:
                order = person.valid_orders[line["order_key"]]
                gifts.add(order["parent_order_key"])
    return len(gifts)
