"""Weights learnt on one month, lists tested on the months after, rules beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from ml.errors import InvalidInputError, MissingColumnError, NotEnoughHistoryError
from ml.recommendation.blend import (
    NOBODY,
    Candidates,
    candidates,
    learn_weights,
    padded,
)
from ml.recommendation.collaborative import Floats
from ml.recommendation.config import RecommendationConfig
from ml.recommendation.evaluate import figures, spread
from ml.recommendation.history import History, Ints, Purchases, drawn
from ml.recommendation.sources import Items, Sources


@dataclass(frozen=True)
class Origin:
    """A month end and the month after it, as days since 1970-01-01."""

    day: int
    label_from: int
    label_to: int

    def text(self) -> str:
        """Return the month end as a date."""
        return f"{np.datetime64(self.day, 'D')}"


@dataclass(frozen=True)
class Weights:
    """How sources count for all items, and for those the customer has not bought."""

    any: Floats
    new: Floats


def read_origins(base_dates: pd.DataFrame, tests: int) -> tuple[list[Origin], Origin]:
    """Return the validation and test origins, oldest first, and the scoring day."""
    wanted = ("base_date", "is_scoring", "label_from", "label_to")
    missing = [one for one in wanted if one not in base_dates.columns]
    if missing:
        raise MissingColumnError(f"feat_base_dates lacks {', '.join(missing)}.")
    days = {
        name: pd.to_datetime(base_dates[name]).to_numpy().astype("datetime64[D]")
        for name in ("base_date", "label_from", "label_to")
    }
    found = [
        Origin(*(int(value) for value in row))
        for row in zip(*(one.astype(np.int64) for one in days.values()), strict=True)
    ]
    is_scoring = base_dates["is_scoring"].to_numpy(dtype=bool)
    if is_scoring.sum() != 1:
        raise InvalidInputError("feat_base_dates needs exactly one scoring day.")
    past = sorted(
        (one for one, now in zip(found, is_scoring, strict=True) if not now),
        key=lambda one: one.day,
    )
    if len(past) < tests + 1:
        raise NotEnoughHistoryError(
            f"The back-test needs {tests + 1} labelled month ends and there are "
            f"{len(past)}: load more months of purchases."
        )
    return past[-tests - 1 :], found[int(np.flatnonzero(is_scoring)[0])]


def bought_between(purchases: Purchases, first: int, last: int) -> sparse.csr_matrix:
    """Return who bought what in the days from `first` to `last` (customers x items)."""
    inside = purchases.between(first - 1, last)
    matrix = sparse.csr_matrix(
        (
            np.ones(inside.sum(), dtype=np.float32),
            (purchases.customer[inside], purchases.item[inside]),
        ),
        shape=(len(purchases.customers), len(purchases.items)),
    )
    matrix.data = np.ones_like(matrix.data)
    return matrix


def blocks(rows: Ints, size: int) -> Iterator[Ints]:
    """Yield the rows in pieces."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def is_bought(truth: sparse.csr_matrix, rows: Ints, items: Ints) -> npt.NDArray[Any]:
    """Tell which of the items (customers x n, -1 padded) the customers bought."""
    picked = truth[rows][np.arange(len(rows))[:, None], np.maximum(items, 0)]
    return np.asarray(picked.todense() > 0) & (items >= 0)


def new_only(sources: Sources, found: Candidates) -> Candidates:
    """Return the candidates without what is not new to the customers."""
    held = sources.history.held(found.rows, sources.config.new_after_days)
    is_held = is_bought(held, np.arange(len(found.rows)), found.items)
    items = np.where(is_held, NOBODY, found.items)
    return replace(found, items=items)


@dataclass(frozen=True)
class Month:
    """One origin: what was learnt by then, and what its sample bought afterwards."""

    origin: Origin
    sources: Sources
    rows: Ints
    truth: sparse.csr_matrix
    fresh_truth: sparse.csr_matrix

    @classmethod
    def of(
        cls,
        purchases: Purchases,
        items: Items,
        origin: Origin,
        config: RecommendationConfig,
    ) -> Month:
        """Learn the sources up to the origin and draw the customers to look at."""
        history = History.until(purchases, origin.day, config.half_life_days)
        sources = Sources.fit(history, items, config)
        truth = bought_between(purchases, origin.label_from, origin.label_to)
        everybody = np.arange(len(purchases.customers))
        held = history.held(everybody, config.new_after_days)
        fresh = truth - truth.multiply(held)
        fresh.eliminate_zeros()
        has_both = (np.diff(history.days.indptr) > 0) & (np.diff(truth.indptr) > 0)
        rows = np.flatnonzero(has_both)
        rows = rows[drawn(purchases.customers[rows], config.evaluated)]
        if not len(rows):
            raise NotEnoughHistoryError(
                f"Nobody who had bought by {origin.text()} bought in the month after."
            )
        return cls(origin, sources, rows, truth, sparse.csr_matrix(fresh))

    def nothing_banned(self) -> npt.NDArray[np.bool_]:
        """Return the mask of a back-test: rules of now say nothing of then."""
        return np.zeros(len(self.sources.history.purchases.items), dtype=bool)


def learn(month: Month) -> Weights:
    """Return the weights that rank best in this month, which is for nothing else."""
    config = month.sources.config
    parts, any_hits, new_parts, new_hits, new_rows = [], [], [], [], []
    for rows in blocks(month.rows, config.block):
        scores = month.sources.score(rows)
        found = candidates(month.sources, scores, None, month.nothing_banned())
        parts.append(found)
        any_hits.append(is_bought(month.truth, rows, found.items))
        asked = np.flatnonzero(np.diff(month.fresh_truth[rows].indptr) > 0)
        fresh = new_only(month.sources, found)
        items = fresh.items[asked]
        new_parts.append(
            Candidates(rows[asked], items, fresh.is_own[asked], fresh.scores[asked])
        )
        new_hits.append(is_bought(month.fresh_truth, rows[asked], items))
        new_rows.append(rows[asked])
    counts = np.diff(month.truth[month.rows].indptr)
    weights, _ = learn_weights(parts, any_hits, counts, config.top_n)
    asked = np.concatenate(new_rows)
    if not len(asked):
        return Weights(weights, weights)
    counts = np.diff(month.fresh_truth[asked].indptr)
    return Weights(weights, learn_weights(new_parts, new_hits, counts, config.top_n)[0])


def tested(month: Month, weights: Weights) -> dict[str, Any]:
    """Return lists and hits of the model and of every baseline in a month.

    By kind of list (any, new) and by name: items, hits, counts.
    """
    sources, config = month.sources, month.sources.config
    k = config.top_n
    found: dict[str, dict[str, list[Any]]] = {"any": {}, "new": {}}

    def add(kind: str, name: str, items: Ints, rows: Ints) -> None:
        truth = month.truth if kind == "any" else month.fresh_truth
        keep = np.diff(truth[rows].indptr) > 0
        items = items[keep, :k]
        found[kind].setdefault(name, []).append(
            (
                items,
                is_bought(truth, rows[keep], items),
                np.diff(truth[rows[keep]].indptr),
            )
        )

    popular = np.argsort(-sources.history.sold(config.popularity_days), kind="stable")
    for rows in blocks(month.rows, config.block):
        scores = sources.score(rows, weights.any + weights.new)
        pool = candidates(sources, scores, weights.new, month.nothing_banned())
        add("any", "model", pool.ranked(weights.any).items, rows)
        fresh = new_only(sources, pool)
        add("new", "model", fresh.ranked(weights.new).items, rows)
        own = sources.own_scores(rows)
        tie = own["recency"].copy()
        tie.data = own["frequency"].data + 1e-3 * tie.data
        for name, matrix in (
            ("personal_frequency", tie),
            ("personal_recent", own["recency"]),
        ):
            add("any", name, _filled(padded(matrix, k), popular, k), rows)
        add("any", "popularity", np.tile(popular[:k], (len(rows), 1)), rows)
        bought = sources.history.held(rows, config.new_after_days)
        unbought = np.full((len(rows), k), NOBODY, dtype=np.int64)
        for at in range(len(rows)):
            mine = bought.indices[bought.indptr[at] : bought.indptr[at + 1]]
            head = popular[: k + len(mine)]
            left = head[~np.isin(head, mine)][:k]
            unbought[at, : len(left)] = left
        add("new", "popularity", unbought, rows)
    return {
        kind: {
            name: tuple(np.concatenate(part) for part in zip(*parts, strict=True))
            for name, parts in by_name.items()
        }
        for kind, by_name in found.items()
    }


def launch_figures(month: Month) -> dict[str, float] | None:
    """Return how well content alone ranks items that nobody had bought by the origin.

    Looked at are the items first sold in the month after; chance is the recall of
    items drawn by lot from as many. None when nothing new was bought.
    """
    history = month.sources.history
    never = history.buyers == 0
    sold = np.flatnonzero(never & (np.asarray(month.truth.sum(axis=0)).ravel() > 0))
    cold = sparse.csr_matrix(month.truth[:, sold])
    rows = month.rows[np.diff(cold[month.rows].indptr) > 0]
    if len(sold) < 2 * month.sources.config.top_n or not len(rows):
        return None
    k = month.sources.config.top_n
    content = month.sources.content(rows, sold)
    top = np.argsort(-content, axis=1, kind="stable")[:, :k]
    result = figures(is_bought(cold, rows, top), np.diff(cold[rows].indptr), k)
    return {
        "items": len(sold),
        "customers": len(rows),
        "recall": result[f"recall{k}"],
        "chance_recall": round(k / len(sold), 4),
    }


def summed(
    months: list[Month], found: list[dict[str, Any]], kind: str, tokens: Any
) -> dict[str, dict[str, Any]]:
    """Return figures by name over all tested months together."""
    result = {}
    for name in found[0][kind]:
        items, hits, counts = (
            np.concatenate(part)
            for part in zip(*(one[kind][name] for one in found), strict=True)
        )
        if not len(items):
            continue
        sold = int((months[-1].sources.history.buyers > 0).sum())
        k = months[-1].sources.config.top_n
        last = found[-1][kind][name][0]
        result[name] = figures(hits, counts, k) | spread(last, sold, tokens)
    return result


def _filled(items: Ints, popular: Ints, k: int) -> Ints:
    """Close the gaps of short lists with popular items that are not in them."""
    items = items[:, :k].copy()
    for row in np.flatnonzero((items < 0).any(axis=1)):
        gaps = np.flatnonzero(items[row] < 0)
        left = popular[: 2 * k][~np.isin(popular[: 2 * k], items[row])][: len(gaps)]
        items[row, gaps[: len(left)]] = left
    return items
