"""Where a recommendation can come from: each source scores every item for a customer.

Scores of a source are divided by the customer's highest, so that they lie between 0 and
1 and a weighted sum of them means the same for everybody.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ml.recommendation.collaborative import (
    Floats,
    als_factors,
    als_rows,
    item_neighbours,
    rarity,
    unit_rows,
    user_neighbours,
)
from ml.recommendation.config import RecommendationConfig
from ml.recommendation.history import History, Ints, drawn

# Name in ml.recommendations, and what a person reads.
SOURCES = {
    "frequency": "常购",
    "recency": "近期购买",
    "replenish": "该补货",
    "als": "隐因子",
    "user_cf": "相似的人",
    "item_cf": "常一起被人买",
    "content": "内容相近",
    "category": "近期品类",
    "last_category": "上次品类的下一步",
    "place": "常去门店热销",
    "popularity": "大家都买",
}
NAMES = tuple(SOURCES)


@dataclass(frozen=True)
class Items:
    """What is known of the items: a category each, and words (items x tokens)."""

    category: Ints
    tokens: sparse.csr_matrix


@dataclass(frozen=True)
class Scores:
    """Sources' scores of a block of customers for the columns of `Sources.columns`.

    `dense` is sources x customers x (columns + 1): the last column is that of items
    outside `columns` and holds zeros.
    """

    rows: Ints
    dense: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Sources:
    """Everything learnt from one history; later purchases were not seen."""

    history: History
    items: Items
    config: RecommendationConfig
    # Items any source may bring up, and the position of each item in them (-1: none).
    columns: Ints
    position: Ints
    launches: Ints
    repeat_rate: Floats
    item_factors: Floats
    neighbours: sparse.csr_matrix
    pool: sparse.csr_matrix
    pool_unit: sparse.csr_matrix
    pool_at: Ints
    rare: Floats
    place_sold: Floats
    place_of: Ints
    popularity: Floats
    share_in_category: Floats
    transitions: Floats
    last_categories: sparse.csr_matrix
    token_unit: sparse.csr_matrix = field(repr=False)

    @classmethod
    def fit(
        cls, history: History, items: Items, config: RecommendationConfig
    ) -> Sources:
        """Learn all sources from a history; what is heavy, on drawn customers."""
        columns = np.argsort(-history.buyers, kind="stable")[: config.max_items]
        columns = np.sort(columns[history.buyers[columns] >= config.min_buyers])
        position = np.full(len(history.purchases.items), -1, dtype=np.int64)
        position[columns] = np.arange(len(columns))
        active = history.active()
        ids = history.purchases.customers[active]
        members = active[drawn(ids, config.pool_customers)]
        weights = log_days(history)
        pool = weights[members][:, columns]
        _, item_factors = als_factors(
            pool,
            factors=config.factors,
            regularization=config.regularization,
            alpha=config.alpha,
            iterations=config.iterations,
            seed=config.seed,
        )
        pool_at = np.full(len(history.purchases.customers), -1, dtype=np.int64)
        pool_at[members] = np.arange(len(members))
        rare = rarity(pool)
        sold = history.sold(config.popularity_days)[columns]
        place_of, place_sold = _places(history, columns, config)
        last, transitions = _transitions(history, items, members)
        return cls(
            history,
            items,
            config,
            columns,
            position,
            _launches(history, config),
            _repeat_rate(history, config),
            item_factors,
            item_neighbours(_most_frequent(pool, config), config.neighbours),
            sparse.csr_matrix(pool),
            unit_rows(sparse.csr_matrix(pool @ sparse.diags(rare))),
            pool_at,
            rare,
            place_sold,
            place_of,
            sold / max(float(sold.max(initial=0)), 1.0),
            _share_in_category(sold, items.category[columns]),
            transitions,
            last,
            unit_rows(
                sparse.csr_matrix(items.tokens @ sparse.diags(rarity(items.tokens)))
            ),
        )

    def score(self, rows: Ints, weights: Floats | None = None) -> Scores:
        """Return the sources' scores for customers, by their positions.

        With weights, a source that counts for nothing is not computed and scores 0.
        """
        width = len(self.columns)
        dense = np.zeros((len(NAMES), len(rows), width + 1), dtype=np.float32)
        for at, name in enumerate(NAMES):
            if weights is None or weights[at] > 0:
                layer = getattr(self, f"_{name}")(rows)
                highest = layer.max(axis=1, keepdims=True, initial=0)
                np.divide(
                    np.maximum(layer, 0),
                    np.where(highest > 0, highest, 1),
                    out=dense[at, :, :width],
                )
        return Scores(rows, dense)

    def own(self, rows: Ints) -> sparse.csr_matrix:
        """Return what the customers have bought (rows x all items), decayed days."""
        return sparse.csr_matrix(self.history.decayed[rows])

    def own_scores(self, rows: Ints) -> dict[str, sparse.csr_matrix]:
        """Return the scores that a customer's own purchases give, for all items."""
        replenish = self.own(rows)
        replenish.data *= self.repeat_rate[replenish.indices]
        found = {
            "frequency": sparse.csr_matrix(self.history.days[rows]),
            "recency": self.own(rows),
            "replenish": replenish,
        }
        for matrix in found.values():
            highest = matrix.max(axis=1).toarray().ravel()
            highest[highest == 0] = 1
            matrix.data /= np.repeat(highest, np.diff(matrix.indptr))
        return found

    def _frequency(self, rows: Ints) -> Floats:
        return self.own_scores(rows)["frequency"][:, self.columns].toarray()

    def _recency(self, rows: Ints) -> Floats:
        return self.own_scores(rows)["recency"][:, self.columns].toarray()

    def _replenish(self, rows: Ints) -> Floats:
        return self.own_scores(rows)["replenish"][:, self.columns].toarray()

    def _als(self, rows: Ints) -> Floats:
        user_factors = als_rows(
            log_days(self.history, rows)[:, self.columns],
            self.item_factors,
            regularization=self.config.regularization,
            alpha=self.config.alpha,
        )
        return user_factors @ self.item_factors.T

    def _user_cf(self, rows: Ints) -> Floats:
        own = log_days(self.history, rows)[:, self.columns] @ sparse.diags(self.rare)
        near = user_neighbours(
            unit_rows(sparse.csr_matrix(own)),
            self.pool_unit,
            self.pool_at[rows],
            self.config.neighbours,
        )
        return (near @ self.pool).toarray()

    def _item_cf(self, rows: Ints) -> Floats:
        own = self.history.decayed[rows][:, self.columns]
        own.data = np.log1p(own.data)
        return (own @ self.neighbours).toarray()

    def _content(self, rows: Ints) -> Floats:
        return self.content(rows, self.columns)

    def content(self, rows: Ints, items: Ints) -> Floats:
        """Return how near the words of items are to those of what was bought."""
        profile = unit_rows(sparse.csr_matrix(self.own(rows) @ self.token_unit))
        return (self.token_unit[items] @ profile.T).toarray().T

    def _category(self, rows: Ints) -> Floats:
        return self._by_category(self.categories(rows))

    def _last_category(self, rows: Ints) -> Floats:
        return self._by_category(
            np.asarray(self.last_categories[rows] @ self.transitions)
        )

    def _place(self, rows: Ints) -> Floats:
        return self.place_sold[self.place_of[rows]]

    def _popularity(self, rows: Ints) -> Floats:
        return np.broadcast_to(self.popularity, (len(rows), len(self.columns)))

    def categories(self, rows: Ints) -> Floats:
        """Return how much each customer buys of each category, old days less."""
        own = self.own(rows)
        width = int(self.items.category.max(initial=-1)) + 1
        matrix = sparse.csr_matrix(
            (own.data, self.items.category[own.indices], own.indptr),
            shape=(len(rows), width),
        )
        return matrix.toarray()

    def _by_category(self, interest: Floats) -> Floats:
        """Spread an interest in categories over their items as they sell."""
        return interest[:, self.items.category[self.columns]] * self.share_in_category


def log_days(history: History, rows: Ints | None = None) -> sparse.csr_matrix:
    """Return days with a purchase on a logarithmic scale: the tenth adds little."""
    matrix = history.days.copy() if rows is None else history.days[rows]
    matrix.data = np.log1p(matrix.data)
    return sparse.csr_matrix(matrix)


def _most_frequent(
    pool: sparse.csr_matrix, config: RecommendationConfig
) -> sparse.csr_matrix:
    """Return the pool with at most so many items per customer, the most frequent."""
    at = np.repeat(np.arange(pool.shape[0]), np.diff(pool.indptr))
    order = np.lexsort((pool.indices, -pool.data, at))
    rank = np.arange(len(order)) - pool.indptr[at[order]]
    order = order[rank < config.items_per_customer]
    return sparse.csr_matrix(
        (pool.data[order], (at[order], pool.indices[order])), shape=pool.shape
    )


def _places(
    history: History, columns: Ints, config: RecommendationConfig
) -> tuple[Ints, Floats]:
    """Return each customer's place, and what sells there now (places x columns).

    Row 0 is everywhere; it stands in for customers without a known place and for all
    but the `max_places` busiest. A place with little sold leans on everywhere.
    """
    purchases = history.purchases
    recent = purchases.between(history.day - config.popularity_days, history.day)
    known = recent & (purchases.place >= 0)
    width = max(len(purchases.places), 1)
    visits = np.bincount(purchases.place[known], minlength=width)
    ranked = np.argsort(-visits, kind="stable")[: config.max_places]
    ranked = ranked[visits[ranked] > 0]
    row_of = np.zeros(width, dtype=np.int64)
    row_of[ranked] = np.arange(1, len(ranked) + 1)
    cell = purchases.customer[known] * width + purchases.place[known]
    cells, counts = np.unique(cell, return_counts=True)
    order = np.lexsort((cells, counts))
    place_of = np.zeros(len(purchases.customers), dtype=np.int64)
    # The most visited place is written last.
    place_of[cells[order] // width] = row_of[cells[order] % width]
    trend = history.sold(config.trend_days)[columns]
    everywhere = trend / max(float(trend.sum()), 1.0)
    at = row_of[purchases.place[known]]
    sold = sparse.csr_matrix(
        (np.ones(len(at), dtype=np.float32), (at, purchases.item[known])),
        shape=(len(ranked) + 1, len(purchases.items)),
    )[:, columns].toarray()
    sold[0] = 0
    total = sold.sum(axis=1, keepdims=True) + config.place_prior
    return place_of, ((sold + config.place_prior * everywhere) / total).astype(
        np.float32
    )


def _transitions(
    history: History, items: Items, members: Ints
) -> tuple[sparse.csr_matrix, Floats]:
    """Return categories of each customer's last day, and what follows what.

    The second is P(category is bought on the next day of purchase | category bought
    now), learnt from the pool's pairs of days that follow each other.
    """
    purchases = history.purchases
    seen = purchases.between(None, history.day)
    width = int(items.category.max(initial=-1)) + 1
    customer, day = purchases.customer[seen], purchases.day[seen]
    is_new = np.ones(len(customer), dtype=bool)
    is_new[1:] = (customer[1:] != customer[:-1]) | (day[1:] != day[:-1])
    visit = np.cumsum(is_new) - 1
    visitor = customer[is_new]
    visits = sparse.csr_matrix(
        (
            np.ones(len(visit), dtype=np.float32),
            (visit, items.category[purchases.item[seen]]),
        ),
        shape=(len(visitor), width),
    )
    visits.data = np.ones_like(visits.data)
    last = np.ones(len(visitor), dtype=bool)
    last[:-1] = visitor[1:] != visitor[:-1]
    in_pool = np.zeros(len(purchases.customers), dtype=bool)
    in_pool[members] = True
    now = np.flatnonzero(~last & in_pool[visitor])
    together = (visits[now].T @ visits[now + 1]).toarray()
    count = np.asarray(visits[now].sum(axis=0)).ravel()[:, None]
    where = np.zeros(len(purchases.customers), dtype=np.int64)
    where[visitor[last]] = np.flatnonzero(last)
    latest = sparse.csr_matrix(visits[where]) if len(visitor) else visits
    return latest, (together / np.maximum(count, 1)).astype(np.float32)


def _launches(history: History, config: RecommendationConfig) -> Ints:
    """Return the new items: first sold lately or never yet, the latest ones first."""
    first = history.first_sold()
    found = np.flatnonzero(first > history.day - config.launch_days)
    # Never sold: of a large catalogue's dead wood only so much is carried along.
    order = np.lexsort((found, -first[found], first[found] > history.day))
    return np.sort(found[order][: config.max_launches])


def _repeat_rate(history: History, config: RecommendationConfig) -> Floats:
    """Return, per item, the share of its earlier buyers who came back for it lately.

    An item with few earlier buyers leans on the rate of all.
    """
    purchases = history.purchases
    width = len(purchases.items)
    split = history.day - config.repeat_days
    pair = purchases.customer * width + purchases.item
    before = _distinct(pair[purchases.between(None, split)])
    lately = _distinct(pair[purchases.between(split, history.day)])
    again = np.intersect1d(before, lately, assume_unique=True)
    had = np.bincount(before % width, minlength=width)
    came = np.bincount(again % width, minlength=width)
    overall = (came.sum() + 1) / (had.sum() + 20)
    return ((came + 20 * overall) / (had + 20)).astype(np.float32)


def _distinct(numbers: Ints) -> Ints:
    """Return the distinct numbers in order; sorting is faster here than hashing."""
    numbers = np.sort(numbers)
    is_first = np.ones(len(numbers), dtype=bool)
    is_first[1:] = numbers[1:] != numbers[:-1]
    return numbers[is_first]


def _share_in_category(sold: Floats, category: Ints) -> Floats:
    """Return each item's share of what its category sells, the best seller as 1."""
    best = np.zeros(int(category.max(initial=-1)) + 1, dtype=np.float32)
    np.maximum.at(best, category, sold)
    return np.asarray(sold / np.maximum(best[category], 1), dtype=np.float32)
