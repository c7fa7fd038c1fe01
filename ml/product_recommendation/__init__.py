"""What next, per customer and slot: ten sources blended, with a rule layer on top.

Purchases up to the end of month M make the lists of month M + 1
(docs/models/recommendation.md).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ml.model import Model, Result
from ml.recommendation.backtest import (
    Month,
    Weights,
    blocks,
    launch_figures,
    learn,
    read_origins,
    summed,
    tested,
)
from ml.recommendation.blend import candidates, launches
from ml.recommendation.config import RecommendationConfig
from ml.recommendation.history import History, Purchases
from ml.recommendation.items import checked_products, product_items
from ml.recommendation.lists import ALL_SOURCES, Lists, compose
from ml.recommendation.report import artefacts, recommendation_report
from ml.recommendation.rules import Slot, read_slots
from ml.recommendation.sources import NAMES, Sources

TITLE_ZH = "商品推荐"
EXAMPLES = 3


def train_and_score(
    *,
    purchases: pd.DataFrame,
    products: pd.DataFrame,
    base_dates: pd.DataFrame,
    slots: pd.DataFrame,
    rules: pd.DataFrame,
    config: RecommendationConfig | None = None,
) -> Result:
    """Learn weights on one month, test on the next ones, list for the scoring day.

    purchases: customer_id, product_key, paid_on, place_code, one row per customer, item
    and day or finer. Output `recommendations`: customer_id, slot, list_position,
    product_key, score, source; a customer who has bought nothing has no row.
    Raises ModelError for inputs that cannot be worked with.
    """
    config = config or RecommendationConfig()
    catalogue = checked_products(products)
    read = read_slots(slots, rules, catalogue)
    coded = Purchases.of(
        purchases.rename(columns={"product_key": "item", "place_code": "place"}),
        catalogue["product_key"].to_numpy(),
        "feat_product_days",
    )
    items = product_items(catalogue)
    origins, scoring = read_origins(base_dates, config.tests)
    months = [Month.of(coded, items, origin, config) for origin in origins]
    weights = learn(months[0])
    lists = [tested(month, weights) for month in months[1:]]
    words = months[-1].sources.token_unit
    found = {kind: summed(months[1:], lists, kind, words) for kind in ("any", "new")}
    cold = launch_figures(months[-1])
    history = History.until(coded, scoring.day, config.half_life_days)
    sources = Sources.fit(history, items, config)
    recommendations = recommend(sources, weights, read)
    recommendations["product_key"] = catalogue["product_key"].to_numpy()[
        recommendations.pop("item")
    ]
    metrics: dict[str, Any] = {"new_items": cold} if cold else {}
    report = recommendation_report(
        months,
        scoring,
        found,
        weights,
        rows={
            "purchase_days": len(coded.day),
            "items": len(catalogue),
            "tested": sum(len(month.rows) for month in months[1:]),
            "scored": int(recommendations["customer_id"].nunique()),
        },
        metrics=metrics,
        tables=(
            _sources_table(recommendations),
            _examples_table(recommendations, catalogue, read),
        ),
        notes=_notes(cold),
    )
    return Result(
        {"recommendations": recommendations},
        report,
        artefacts(found, weights, config.top_n, "product_recommendation"),
    )


def recommend(sources: Sources, weights: Weights, slots: list[Slot]) -> pd.DataFrame:
    """Return what each slot shows to everybody who has bought anything.

    Columns customer_id, slot, list_position (1 is the first), item (its position in the
    catalogue), score, source.
    """
    config, history = sources.config, sources.history
    banned = np.logical_and.reduce([slot.banned for slot in slots])
    sold = history.sold(config.popularity_days)
    popular = np.argsort(-sold, kind="stable")
    popular = popular[sold[popular] > 0][: 4 * config.top_n]
    content = np.zeros(len(NAMES), dtype=np.float32)
    content[NAMES.index("content")] = 1
    parts = []
    for rows in blocks(history.active(), config.block):
        customers = history.purchases.customers[rows].astype(np.int64)
        scores = sources.score(rows, weights.any + weights.new)
        pool = candidates(sources, scores, weights.new, banned)
        for slot in slots:
            found, counted, reserve = pool, weights.any, popular
            if slot.kind == "new":
                counted = weights.new
            if slot.kind == "launch":
                found, counted = launches(sources, scores, banned), content
            if slot.kind in ("new", "bought", "launch"):
                # What everybody buys would be no item of these kinds.
                reserve = popular[:0]
            lists = compose(
                slot,
                found,
                counted,
                popular=reserve,
                customers=customers,
                salt=history.day,
            )
            parts.append(_long(slot.name, lists, customers))
    return pd.concat(parts, ignore_index=True)


def _long(slot: str, lists: Lists, customers: np.ndarray[Any, Any]) -> pd.DataFrame:
    row, at = np.nonzero(lists.items >= 0)
    # Positions are counted over what is there: a gap is never shown.
    position = np.cumsum(lists.items >= 0, axis=1)[row, at]
    return pd.DataFrame(
        {
            "customer_id": customers[row],
            "slot": slot,
            "list_position": position,
            "item": lists.items[row, at],
            "score": np.round(lists.score[row, at].astype(np.float64), 4),
            "source": np.array(ALL_SOURCES, dtype=object)[lists.source[row, at]],
        }
    )


def _sources_table(recommendations: pd.DataFrame) -> dict[str, Any]:
    counted = pd.crosstab(recommendations["slot"], recommendations["source"])
    return {
        "title": "Where the recommended items come from",
        "rows": [
            {"slot": str(slot), "source": str(source), "items": int(count)}
            for slot, row in counted.iterrows()
            for source, count in row.sort_values(ascending=False, kind="stable").items()
            if count
        ],
    }


def _examples_table(
    recommendations: pd.DataFrame, catalogue: pd.DataFrame, slots: list[Slot]
) -> dict[str, Any]:
    """Show what some customers see; the smallest ids, so that it can be looked up."""
    shown = sorted(recommendations["customer_id"].unique())[:EXAMPLES]
    rows = recommendations[recommendations["customer_id"].isin(shown)]
    order = {slot.name: number for number, slot in enumerate(slots)}
    rows = rows[rows["list_position"] <= 5].merge(
        catalogue[["product_key", "item_code", "name"]], on="product_key"
    )
    rows = rows.assign(order=rows["slot"].map(order)).sort_values(
        ["customer_id", "order", "list_position"]
    )
    return {
        "title": "Examples: the first five items of each slot",
        "rows": [
            {
                "customer_id": int(one["customer_id"]),
                "slot": one["slot"],
                "list_position": int(one["list_position"]),
                "item_code": str(one["item_code"]),
                "name": None if pd.isna(one["name"]) else str(one["name"]),
                "source": one["source"],
            }
            for one in rows.to_dict("records")
        ],
    }


def _notes(cold: dict[str, float] | None) -> tuple[str, ...]:
    if cold is None:
        return ("No item was sold for the first time in the last tested month.",)
    return (
        f"Of {cold['items']} items first sold in the last tested month, the ten "
        f"nearest by content hold {cold['recall']:.1%} of what {cold['customers']} "
        f"customers bought of them; ten drawn by lot {cold['chance_recall']:.1%}.",
    )


MODEL = Model(
    name="product_recommendation",
    title_zh=TITLE_ZH,
    question="Which items does a customer buy in the next calendar month?",
    inputs={
        "purchases": "features.feat_product_days",
        "products": "features.feat_products",
        "base_dates": "features.feat_base_dates",
        "slots": "seeds.recommendation_slots",
        "rules": "seeds.recommendation_rules",
    },
    train_and_score=train_and_score,
    config=RecommendationConfig(),
    main_figure="ndcg10",
    made_of=("recommendation",),
)
