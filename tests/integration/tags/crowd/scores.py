"""What a model has published: runs of two months, of which the newer one holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.integration.tags.crowd.base import PEOPLE, TODAY
from warehouse.connection import copy_rows

BRANDS = ("baby", "ginseng", "skincare", "supermarket")
COLUMNS = (
    *("model", "base_date", "brand_code", "customer_id"),
    *("score", "band", "run_id"),
)
BANDS = ("high", "mid", "low", "none")
NEWEST = TODAY.replace(day=1) - timedelta(days=1)
DAYS = (NEWEST.replace(day=1) - timedelta(days=1), NEWEST)


def write(conn: Any) -> None:
    """Write runs and scores; some people have none for a brand."""
    for day in DAYS:
        run_id = conn.execute(
            """
            insert into ml.model_run (
                model, base_date, inputs_sha256, code_version, parameters,
                is_published, verdict, started_at, finished_at
            )
            values ('repurchase', %s, %s, 'test', '{}', true, 'better', %s, %s)
            returning run_id
            """,
            [day, str(day), day, day],
        ).fetchone()[0]
        scores = [
            ("repurchase", day, brand, customer_id, 0.5, band, run_id)
            for customer_id in range(1, PEOPLE + 1)
            for place, brand in enumerate(BRANDS)
            if (band := _band(customer_id + place + day.month))
        ]
        copy_rows(conn, "ml.scores", COLUMNS, scores)


def _band(number: int) -> str | None:
    return (*BANDS, None)[number % 5]
