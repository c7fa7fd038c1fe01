"""The member family."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from tests.integration.tags.person import SHANGHAI, Person


def member_upgrade_gap_amount(person: Person) -> Decimal | None:
    if not person.row["is_member"]:
        return None
    joined = person.row["joined_at"].astimezone(SHANGHAI).date()
    spent: dict[int, Decimal] = defaultdict(Decimal)
    for one in person.purchases:
        if one.day >= joined:
            spent[one.day.year] += one.net
    best = max(spent[person.today.year], spent[person.today.year - 1])
    above = [
        row["from_value"]
        for row in person.tables["tag_cuts"]
        if row["cut_set"] == "member_tier" and row["from_value"] > best
    ]
    return min(above) - spent[person.today.year] if above else None
