"""The next three categories of a customer, and the next three that are new to him.

The same sources as for products, with the group's categories as items
(docs/models/recommendation.md).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.errors import EmptyInputError, MissingColumnError
from ml.model import Model, Result
from ml.recommendation.backtest import (
    Month,
    Weights,
    blocks,
    learn,
    new_only,
    read_origins,
    summed,
    tested,
)
from ml.recommendation.blend import candidates
from ml.recommendation.config import RecommendationConfig
from ml.recommendation.history import History, Purchases
from ml.recommendation.items import without_words
from ml.recommendation.report import artefacts, recommendation_report
from ml.recommendation.sources import NAMES, Sources

KEPT = 3
SHOWN = 8
CONFIG = RecommendationConfig(
    min_buyers=2,
    launch_days=0,
    max_launches=0,
    new_after_days=365,
    own=40,
    unbought=60,
    factors=8,
    top_n=3,
)


def train_and_score(
    purchases: pd.DataFrame,
    base_dates: pd.DataFrame,
    config: RecommendationConfig | None = None,
) -> Result:
    """Learn weights on one month, test on the next ones, list for the scoring day.

    purchases: customer_id, product_category, paid_on, place_code. Output
    `category_recommendations`: customer_id, kind (any, new: not bought for a
    year), list_position, product_category, score, source.
    """
    config = config or CONFIG
    if "product_category" not in purchases.columns:
        raise MissingColumnError("feat_category_days lacks product_category.")
    names = np.unique(purchases["product_category"].dropna().astype(str))
    if not len(names):
        raise EmptyInputError("feat_category_days holds no row: nothing is classified.")
    coded = Purchases.of(
        purchases.assign(
            product_category=purchases["product_category"].astype(object)
        ).rename(columns={"product_category": "item", "place_code": "place"}),
        names.astype(object),
        "feat_category_days",
    )
    items = without_words(len(names))
    origins, scoring = read_origins(base_dates, config.tests)
    months = [Month.of(coded, items, origin, config) for origin in origins]
    weights = learn(months[0])
    lists = [tested(month, weights) for month in months[1:]]
    found = {kind: summed(months[1:], lists, kind, None) for kind in ("any", "new")}
    history = History.until(coded, scoring.day, config.half_life_days)
    sources = Sources.fit(history, items, config)
    recommendations = recommend(sources, weights, names)
    report = recommendation_report(
        months,
        scoring,
        found,
        weights,
        rows={
            "purchase_days": len(coded.day),
            "items": len(names),
            "tested": sum(len(month.rows) for month in months[1:]),
            "scored": int(recommendations["customer_id"].nunique()),
        },
        metrics={},
        tables=(_first_table(recommendations),),
        notes=(),
    )
    return Result(
        {"category_recommendations": recommendations},
        report,
        artefacts(found, weights, config.top_n, "category_recommendation"),
    )


def recommend(sources: Sources, weights: Weights, names: np.ndarray) -> pd.DataFrame:
    """Return the best categories of everybody who has bought anything."""
    history = sources.history
    nothing = np.zeros(len(names), dtype=bool)
    parts = []
    for rows in blocks(history.active(), sources.config.block):
        scores = sources.score(rows, weights.any + weights.new)
        pool = candidates(sources, scores, weights.new, nothing)
        fresh = new_only(sources, pool)
        for kind, found, counted in (
            ("any", pool, weights.any),
            ("new", fresh, weights.new),
        ):
            ranked = found.ranked(counted)
            row, at = np.nonzero(ranked.items[:, :KEPT] >= 0)
            why = np.argmax(ranked.scores * counted, axis=2)
            parts.append(
                pd.DataFrame(
                    {
                        "customer_id": history.purchases.customers[rows[row]],
                        "kind": kind,
                        "list_position": at + 1,
                        "product_category": names[ranked.items[row, at]],
                        "score": ranked.total(counted)[row, at].round(4),
                        "source": np.array(NAMES, dtype=object)[why[row, at]],
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def _first_table(recommendations: pd.DataFrame) -> dict[str, object]:
    first = recommendations[recommendations["list_position"] == 1]
    counted = (
        first.groupby(["kind", "product_category"], as_index=False)
        .agg(customers=("customer_id", "size"))
        .sort_values(["kind", "customers"], ascending=[True, False], kind="stable")
    )
    return {
        "title": "Categories named first, by how many customers",
        "rows": [
            {
                "kind": str(row["kind"]),
                "product_category": str(row["product_category"]),
                "customers": int(row["customers"]),
            }
            for row in counted.groupby("kind").head(SHOWN).to_dict("records")
        ],
    }


MODEL = Model(
    name="category_recommendation",
    title_zh="品类推荐",
    question="Which categories does a customer buy next, and which for the first time?",
    inputs={
        "purchases": "features.feat_category_days",
        "base_dates": "features.feat_base_dates",
    },
    train_and_score=train_and_score,
    config=CONFIG,
    main_figure="ndcg3",
    made_of=("recommendation",),
)
