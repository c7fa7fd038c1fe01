"""Candidates of each customer, and the weights under which they are ranked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ml.recommendation.collaborative import Floats
from ml.recommendation.evaluate import ndcg
from ml.recommendation.history import Ints
from ml.recommendation.sources import NAMES, Scores, Sources

NOBODY = -1
# Weights tried beside the best source alone, which weighs 1.
STEPS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.6, 1.0)


@dataclass(frozen=True)
class Candidates:
    """Items a block of customers may be shown, padded with -1.

    items, is_own: customers x candidates; scores: customers x candidates x sources.
    """

    rows: Ints
    items: Ints
    is_own: npt.NDArray[np.bool_]
    scores: Floats

    def total(self, weights: Floats) -> Floats:
        """Return the blended scores; minus infinity where there is no candidate."""
        return np.where(self.items >= 0, self.scores @ weights, -np.inf).astype(
            np.float32
        )

    def ranked(self, weights: Floats) -> Candidates:
        """Return the candidates in the order of their blended scores."""
        total = self.total(weights)
        # Equal scores are ordered by the item, whatever order they were found in.
        order = np.lexsort((self.items, -total), axis=1)
        return Candidates(
            self.rows,
            np.take_along_axis(self.items, order, 1),
            np.take_along_axis(self.is_own, order, 1),
            np.take_along_axis(self.scores, order[:, :, None], 1),
        )


def candidates(
    sources: Sources,
    scores: Scores,
    weights: Floats | None,
    banned: npt.NDArray[np.bool_],
) -> Candidates:
    """Return own items and the best items not bought, with every source's score.

    Without weights the items not bought are the best of each source in turn, which is
    what weights are learnt from. `banned` items are nobody's candidate.
    """
    config = sources.config
    own = sources.own(scores.rows)
    own.data[banned[own.indices]] = 0
    own.eliminate_zeros()
    mine = padded(own, config.own)
    width = len(sources.columns)
    is_barred = np.zeros((len(scores.rows), width), dtype=bool)
    row, item = own.nonzero()
    inside = sources.position[item] >= 0
    is_barred[row[inside], sources.position[item[inside]]] = True
    is_barred |= banned[sources.columns]
    if weights is None:
        each = max(config.unbought // len(NAMES), 1) * 2
        found = [
            _best(np.where(is_barred, 0, layer[:, :width]), each)
            for layer in scores.dense
        ]
        fresh = _distinct(np.concatenate(found, axis=1))
    else:
        # Nothing outside the weights: a source that counts for nothing costs nothing.
        total = np.zeros((len(scores.rows), width), dtype=np.float32)
        for weight, layer in zip(weights, scores.dense, strict=True):
            if weight:
                total += weight * layer[:, :width]
        total[is_barred] = 0
        fresh = _best(total, config.unbought)
    found_items = np.where(fresh >= 0, sources.columns[fresh], NOBODY)
    items = np.concatenate([mine, found_items], axis=1)
    is_own = np.zeros(items.shape, dtype=bool)
    is_own[:, : mine.shape[1]] = mine >= 0
    return gathered(sources, scores, items, is_own)


def launches(
    sources: Sources, scores: Scores, banned: npt.NDArray[np.bool_]
) -> Candidates:
    """Return new items by content: nobody's habits say anything of them yet."""
    new = sources.launches[~banned[sources.launches]]
    content = sources.content(scores.rows, new)
    best = _best(content, sources.config.launches)
    items = np.where(best >= 0, new[best], NOBODY) if len(new) else best
    own = sources.own(scores.rows)
    is_own = np.zeros(items.shape, dtype=bool)
    for row in range(len(items)):
        mine = own.indices[own.indptr[row] : own.indptr[row + 1]]
        is_own[row] = np.isin(items[row], mine)
    found = gathered(sources, scores, items, is_own)
    at = np.maximum(best, 0)
    layer = np.take_along_axis(content, at, 1) if len(new) else 0
    found.scores[:] = 0
    found.scores[:, :, NAMES.index("content")] = np.where(items >= 0, layer, 0)
    return found


def gathered(
    sources: Sources, scores: Scores, items: Ints, is_own: npt.NDArray[np.bool_]
) -> Candidates:
    """Return the candidates `items` with the scores each source gives them."""
    at = np.where(items >= 0, sources.position[items], -1)
    rows = np.arange(len(items))[:, None]
    values = np.moveaxis(scores.dense[:, rows, at], 0, 2)
    # Items bought by few are outside the columns; the customer himself knows them.
    for name, matrix in sources.own_scores(scores.rows).items():
        row = np.broadcast_to(rows, items.shape)[is_own]
        values[is_own, NAMES.index(name)] = np.asarray(
            matrix[row, items[is_own]]
        ).ravel()
    return Candidates(scores.rows, items, is_own, values)


def learn_weights(
    parts: list[Candidates], bought: list[npt.NDArray[np.bool_]], counts: Ints, k: int
) -> tuple[Floats, float]:
    """Return the weights with the highest nDCG@k, and that figure.

    `bought` says which candidates were bought afterwards, `counts` how many items each
    customer bought. The source that ranks best by itself weighs 1; one weight after the
    other of the rest is tried at each of STEPS, until a round brings nothing.
    """
    width = max(part.items.shape[1] for part in parts)
    scores = np.concatenate([_widened(part.scores, width) for part in parts])
    is_empty = np.concatenate([_widened(part.items, width, NOBODY) for part in parts])
    hits = np.concatenate([_widened(one, width) for one in bought])
    nothing = np.where(is_empty < 0, -np.inf, 0).astype(np.float32)

    def figure(total: npt.NDArray[Any]) -> float:
        top = np.argpartition(-total, min(k, width) - 1, axis=1)[:, :k]
        order = np.argsort(-np.take_along_axis(total, top, 1), axis=1, kind="stable")
        top = np.take_along_axis(top, order, 1)
        return ndcg(np.take_along_axis(hits, top, 1), counts, k)

    alone = [figure(scores[:, :, at] + nothing) for at in range(len(NAMES))]
    anchor = int(np.argmax(alone))
    weights = np.zeros(len(NAMES), dtype=np.float32)
    weights[anchor] = 1
    total: npt.NDArray[Any] = scores[:, :, anchor] + nothing
    best = alone[anchor]
    rest = [at for at in np.argsort(alone)[::-1] if at != anchor]
    for _ in range(3):
        before = best
        for at in rest:
            start, base = weights[at], total
            for step in STEPS:
                tried = base + np.float32(step - start) * scores[:, :, at]
                if (reached := figure(tried)) > best + 1e-6:
                    best, total, weights[at] = reached, tried, step
        if best <= before + 1e-4:
            break
    return weights, best


def _best(total: Floats, keep: int) -> Ints:
    """Return the columns of the `keep` largest positive values per row, -1 padded."""
    keep = min(keep, total.shape[1])
    if keep == 0:
        return np.full((len(total), 1), -1, dtype=np.int64)
    top = np.argpartition(-total, keep - 1, axis=1)[:, :keep]
    top.sort(axis=1)
    value = np.take_along_axis(total, top, 1)
    order = np.argsort(-value, axis=1, kind="stable")
    top = np.take_along_axis(top, order, 1)
    return np.where(np.take_along_axis(value, order, 1) > 0, top, -1)


def padded(matrix: sparse.csr_matrix, keep: int) -> Ints:
    """Return the columns of each sparse row's `keep` largest values, -1 padded."""
    at = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    order = np.lexsort((matrix.indices, -matrix.data, at))
    rank = np.arange(len(order)) - matrix.indptr[at[order]]
    kept = rank < keep
    padded = np.full((matrix.shape[0], keep), NOBODY, dtype=np.int64)
    padded[at[order][kept], rank[kept]] = matrix.indices[order][kept]
    return padded


def _distinct(found: Ints) -> Ints:
    """Return the rows without what they name twice."""
    found = np.sort(found, axis=1)
    again = np.zeros(found.shape, dtype=bool)
    again[:, 1:] = found[:, 1:] == found[:, :-1]
    return np.where(again, -1, found)


def _widened(array: npt.NDArray[Any], width: int, value: float = 0) -> npt.NDArray[Any]:
    missing = [(0, 0)] * array.ndim
    missing[1] = (0, width - array.shape[1])
    return np.pad(array, missing, constant_values=value)
