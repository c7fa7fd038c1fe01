"""What the recommendation models are set to; part of a run's parameters."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class RecommendationConfig:
    """Parameters of product_recommendation; days are days before the base_date."""

    seed: int = 20171231
    # Items bought by fewer people are recommended only to those who bought them.
    min_buyers: int = 5
    # And so are all but the most bought ones: work and memory grow with their number.
    max_items: int = 12_000
    half_life_days: float = 45.0
    repeat_days: int = 30
    trend_days: int = 28
    popularity_days: int = 90
    # An item first sold this recently, or never, is new: content alone speaks for it.
    launch_days: int = 28
    max_launches: int = 5_000
    # What a customer has not bought for so many days is new to him; None: never bought.
    new_after_days: int | None = None
    factors: int = 32
    regularization: float = 30.0
    alpha: float = 4.0
    iterations: int = 8
    neighbours: int = 100
    # Customers that factors, neighbours and transitions are learnt from, drawn by hash.
    pool_customers: int = 20_000
    # Items per customer that item neighbours are learnt from, the most frequent ones.
    items_per_customer: int = 150
    place_prior: float = 200.0
    max_places: int = 500
    # Candidates per customer: own items, items not bought, and new items.
    own: int = 120
    unbought: int = 60
    launches: int = 30
    block: int = 128
    # Back-test: months tested, customers looked at in each of them and in validation.
    tests: int = 2
    evaluated: int = 600
    top_n: int = 10

    def as_dict(self) -> dict[str, Any]:
        """Return the parameters as plain values."""
        return asdict(self)
