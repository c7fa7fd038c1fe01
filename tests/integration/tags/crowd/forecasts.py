"""What cltv and purchase_time have published: two months, of which the newer holds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.integration.tags.crowd.base import PEOPLE
from tests.integration.tags.crowd.scores import DAYS
from warehouse.connection import copy_rows

TIERS = ("high", "mid", "low")
CLTV = (
    *("base_date", "customer_id", "p_alive", "orders_365d", "order_value"),
    *("value_90d", "value_365d", "orders_tier", "order_value_tier", "run_id"),
)
TIME = (
    *("base_date", "customer_id", "curve_no", "expected_on"),
    *("probability_7d", "probability_14d", "probability_30d", "run_id"),
)


def write(conn: Any) -> None:
    """Write runs and their rows; every fifth person has none."""
    for day in DAYS:
        people = [one for one in range(1, PEOPLE + 1) if (one + day.month) % 5]
        run_id = _run(conn, "cltv", day)
        worth = [
            (day, one, one % 97 / 97, 12.5, 30, one, one * 4 + day.month,
             TIERS[one % 3], TIERS[one % 4 % 3], run_id)
            for one in people
        ]  # fmt: skip
        copy_rows(conn, "ml.cltv_scores", CLTV, worth)
        run_id = _run(conn, "purchase_time", day)
        times = [
            (day, one, 0, day + timedelta(days=one % 60) if one % 7 else None,
             one % 50 / 128, 0.5, one % 50 / 64, run_id)
            for one in people
        ]  # fmt: skip
        copy_rows(conn, "ml.purchase_time_scores", TIME, times)


def _run(conn: Any, model: str, day: Any) -> int:
    found = conn.execute(
        """
        insert into ml.model_run (
            model, base_date, inputs_sha256, code_version, parameters,
            is_published, verdict, started_at, finished_at
        )
        values (%s, %s, %s, 'test', '{}', true, 'better', %s, %s)
        returning run_id
        """,
        [model, day, str(day), day, day],
    ).fetchone()
    return int(found[0])
