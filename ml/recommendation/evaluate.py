"""How good ranked lists are: the figures, each per customer and then averaged."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ml.recommendation.history import Ints

Hits = npt.NDArray[np.bool_]


def ndcg(hits: Hits, counts: Ints, k: int) -> float:
    """Return nDCG@k: hits (customers x k, best first) of `counts` items to find."""
    discount = 1 / np.log2(np.arange(2, k + 2))
    ideal = np.cumsum(discount)[np.minimum(counts, k) - 1]
    return float((hits @ discount[: hits.shape[1]] / ideal).mean())


def figures(hits: Hits, counts: Ints, k: int) -> dict[str, float]:
    """Return ndcg<k>, map<k>, precision<k>, recall<k>; everybody has an item to find.

    As in Microsoft's comparison of recommenders: gains are binary, average precision
    and recall are divided by the number of items to be found, even beyond k.
    """
    found = hits.sum(axis=1)
    at_rank = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
    return {
        f"ndcg{k}": round(ndcg(hits, counts, k), 4),
        f"map{k}": round(float(((hits * at_rank).sum(axis=1) / counts).mean()), 4),
        f"precision{k}": round(float(found.mean() / k), 4),
        f"recall{k}": round(float((found / counts).mean()), 4),
    }


def spread(
    lists: Ints, sold_items: int, tokens: sparse.csr_matrix | None
) -> dict[str, Any]:
    """Return coverage (share of the items sold that are on any list) and diversity.

    Diversity is 1 less the mean cosine of the words of two items of one list; `tokens`
    holds rows of length 1. Lists are padded with -1.
    """
    shown = np.unique(lists[lists >= 0])
    result: dict[str, Any] = {"coverage": round(len(shown) / max(sold_items, 1), 4)}
    if tokens is None:
        return result
    is_there = lists >= 0
    rows = np.repeat(np.arange(len(lists)), is_there.sum(axis=1))
    pick = sparse.csr_matrix(
        (np.ones(len(rows)), (rows, lists[is_there])),
        shape=(len(lists), tokens.shape[0]),
    )
    together = sparse.csr_matrix(pick @ tokens)
    squared = np.asarray(together.multiply(together).sum(axis=1)).ravel()
    size = is_there.sum(axis=1)
    pairs = size * (size - 1)
    alike = (squared - size)[pairs > 0] / pairs[pairs > 0]
    result["diversity"] = round(float(1 - alike.mean()), 4) if len(alike) else None
    return result
