"""What a model has published: runs of two months, of which the newer one holds."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.integration.tags.crowd.base import PEOPLE, TODAY
from warehouse.connection import copy_rows

BRANDS = ("baby", "ginseng", "skincare", "supermarket")
COLUMNS = (
    *("model", "base_date", "brand_code", "customer_id"),
    *("score", "band", "run_id"),
)
CATEGORIES = ("deli", "bakery", "meat", "seafood")
ITEMS = 6
BANDS = ("high", "mid", "low", "none")
NEWEST = TODAY.replace(day=1) - timedelta(days=1)
DAYS = (NEWEST.replace(day=1) - timedelta(days=1), NEWEST)


# Models of customer x brand, and of customers.
OF_BRANDS = ("repurchase", "repurchase_30d", "reactivation")
OF_PEOPLE = ("purchase_intent", "churn")


def write(conn: Any) -> None:
    """Write runs and scores; some people have none for a brand."""
    for day in DAYS:
        for number, model in enumerate((*OF_BRANDS, *OF_PEOPLE)):
            run_id = _run(conn, model, day)
            scores = [
                (model, day, brand, customer_id, 0.5, band, run_id)
                for customer_id in range(1, PEOPLE + 1)
                for place, brand in enumerate(
                    BRANDS if model in OF_BRANDS else ("all",)
                )
                if (band := _band(customer_id + place + day.month + number))
            ]
            copy_rows(conn, "ml.scores", COLUMNS, scores)
            if model == "churn":
                _write_horizons(conn, run_id, scores)
        _write_packs(conn, _run(conn, "high_potential", day), day)
        _write_lists(conn, day)


def _write_lists(conn: Any, day: date) -> None:
    """Write recommended items and categories; every fifth person has none."""
    people = [one for one in range(1, PEOPLE + 1) if (one + day.month) % 5]
    run_id = _run(conn, "product_recommendation", day)
    copy_rows(
        conn,
        "ml.recommendations",
        (
            "base_date",
            "slot",
            "customer_id",
            "list_position",
            "product_key",
            "score",
            "source",
            "run_id",
        ),
        [
            (day, slot, one, position, 1 + (one + position) % ITEMS, 0, "als", run_id)
            for one in people
            for position in (1, 2)
            for slot in ("home", "replenish", "discover")[: 1 + one % 3]
        ],
    )
    run_id = _run(conn, "category_recommendation", day)
    copy_rows(
        conn,
        "ml.category_recommendations",
        (
            "base_date",
            "kind",
            "customer_id",
            "list_position",
            "product_category",
            "score",
            "source",
            "run_id",
        ),
        [
            (
                day,
                kind,
                one,
                position,
                CATEGORIES[(one + position) % 4],
                0,
                "als",
                run_id,
            )
            for one in people
            for kind in ("any", "new")
            for position in range(1, 2 + one % 3)
        ],
    )


def _run(conn: Any, model: str, day: date) -> int:
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


def _write_horizons(conn: Any, run_id: int, scores: list[tuple[Any, ...]]) -> None:
    copy_rows(
        conn,
        "ml.churn_horizons",
        ("base_date", "customer_id", "churn_horizon_days", "run_id"),
        [
            (day, customer_id, 14 + customer_id % 50, run_id)
            for _, day, _, customer_id, *_ in scores
        ],
    )


def _write_packs(conn: Any, run_id: int, day: date) -> None:
    columns = ("base_date", "customer_id", "score", "pack", "has_bought", "run_id")
    packs = [
        (day, customer_id, 0.5, f"p{(customer_id + day.month) % 10 + 1}", True, run_id)
        for customer_id in range(1, PEOPLE + 1)
        if customer_id % 7
    ]
    copy_rows(conn, "ml.high_potential_packs", columns, packs)


def _band(number: int) -> str | None:
    return (*BANDS, None)[number % 5]
