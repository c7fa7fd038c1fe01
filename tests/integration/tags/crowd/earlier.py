"""The same crowd as it was known on an earlier day."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import date
from typing import Any

from tests.integration.tags.person import SHANGHAI

Row = dict[str, Any]
# Customers of now who were two then: half of what they did stood under another id.
FORMER = 100_000
SPLIT_RATE = 0.1


def marts(today: dict[str, list[Row]], day: date, seed: int) -> dict[str, list[Row]]:
    """Return what was known at the end of `day`.

    Later rows are missing and a few old ones too, because they arrive late; some
    customers are not yet one, and of some products little is known.
    """
    rng = random.Random(seed)
    people = [row["customer_id"] for row in today["dim_customers"]]
    two = {one for one in people if rng.random() < SPLIT_RATE}
    former = {
        mart: list(rows if mart.startswith("dim_") else known(rows, day, two, rng))
        for mart, rows in today.items()
    }
    former["dim_products"] = [
        row | {"brand_code": None, "category": None} if rng.random() < 0.1 else row
        for row in former["dim_products"]
    ]
    return former


def known(
    rows: Iterable[Row], day: date, two: set[int], rng: random.Random
) -> Iterable[Row]:
    """Yield the rows of a fact table that were there."""
    for row in rows:
        days = [
            value.astimezone(SHANGHAI).date()
            for name, value in row.items()
            if name.endswith("_at") and value is not None
        ]
        if (days and min(days) > day) or rng.random() < 0.02:
            continue
        if row.get("customer_id") in two and rng.random() < 0.5:
            yield row | {"customer_id": row["customer_id"] + FORMER}
        else:
            yield row
