"""Who buys like whom, what is bought like what: functions of one sparse matrix.

Every matrix is customers x items with positive weights. Each function is used by the
models and, as it is, by the benchmark on MovieLens-100K.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from implicit.als import AlternatingLeastSquares
from scipy import sparse
from threadpoolctl import threadpool_limits

Floats = npt.NDArray[np.float32]


def als_factors(
    weights: sparse.csr_matrix,
    *,
    factors: int,
    regularization: float,
    alpha: float,
    iterations: int,
    seed: int,
) -> tuple[Floats, Floats]:
    """Return customer and item factors of implicit ALS (Hu, Koren, Volinsky 2008)."""
    # One thread and one order: the same matrix gives the same factors.
    with threadpool_limits(limits=1):
        model = AlternatingLeastSquares(
            factors=factors,
            regularization=regularization,
            alpha=alpha,
            iterations=iterations,
            random_state=seed,
            num_threads=1,
            use_gpu=False,
        )
        model.fit(weights.astype(np.float32), show_progress=False)
    return np.asarray(model.user_factors), np.asarray(model.item_factors)


def als_rows(
    weights: sparse.csr_matrix,
    item_factors: Floats,
    *,
    regularization: float,
    alpha: float,
) -> Floats:
    """Return the factors of the customers of `weights` against given item factors.

    The exact solution of one ALS step, for customers the factors were not learnt from.
    """
    width = item_factors.shape[1]
    base = item_factors.T @ item_factors
    base = base + regularization * np.eye(width, dtype=np.float32)
    found = np.zeros((weights.shape[0], width), dtype=np.float32)
    with threadpool_limits(limits=1):
        for row in range(weights.shape[0]):
            span = slice(weights.indptr[row], weights.indptr[row + 1])
            near = item_factors[weights.indices[span]]
            confidence = alpha * weights.data[span]
            left = base + (near * (confidence - 1)[:, None]).T @ near
            found[row] = np.linalg.solve(left, near.T @ confidence)
    return found


def unit_rows(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """Return the rows scaled to length 1; empty rows stay empty."""
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    length[length == 0] = 1
    return sparse.csr_matrix(sparse.diags(1 / length) @ matrix)


def rarity(matrix: sparse.csr_matrix) -> Floats:
    """Return, per column, how much it tells: the logarithm of the inverse share."""
    filled = np.bincount(matrix.indices, minlength=matrix.shape[1])
    return np.log1p(matrix.shape[0] / (1 + filled)).astype(np.float32)


def item_neighbours(
    weights: sparse.csr_matrix, keep: int, shrink: float = 20.0, least: int = 3
) -> sparse.csr_matrix:
    """Return the `keep` items most like each item by their buyers (items x items).

    The cosine of the two sets of buyers, shrunk: two items with few buyers are alike
    by chance, and pairs with fewer than `least` buyers in common are left out.
    """
    bought = sparse.csc_matrix(weights, copy=True)
    bought.data = np.ones_like(bought.data)
    buyers = np.asarray(bought.sum(axis=0)).ravel()
    by_item = sparse.csr_matrix(bought.T)
    parts = []
    for start in range(0, by_item.shape[0], 512):
        together = sparse.csr_matrix(by_item[start : start + 512] @ bought)
        together.data[together.data < least] = 0
        together.eliminate_zeros()
        rows = np.repeat(np.arange(together.shape[0]), np.diff(together.indptr))
        apart = np.sqrt(buyers[rows + start] * buyers[together.indices]) + shrink
        together.data = (together.data / apart).astype(np.float32)
        together.data[rows + start == together.indices] = 0
        parts.append(strongest(together, keep))
    return sparse.csr_matrix(sparse.vstack(parts))


def user_neighbours(
    rows: sparse.csr_matrix,
    pool: sparse.csr_matrix,
    own: npt.NDArray[np.int64],
    keep: int,
) -> sparse.csr_matrix:
    """Return the `keep` customers of `pool` most like each of `rows` (rows x pool).

    Both are scaled by `unit_rows`. `own` is the row's own position in the pool, -1 if
    it is not in it: nobody is a neighbour of himself.
    """
    alike = sparse.csr_matrix(rows @ pool.T).toarray()
    inside = np.flatnonzero(own >= 0)
    alike[inside, own[inside]] = 0
    keep = min(keep, alike.shape[1])
    # Nearly everybody shares something with everybody: a partition beats sorting.
    top = np.sort(np.argpartition(-alike, keep - 1, axis=1)[:, :keep], axis=1)
    start = np.arange(len(top) + 1) * keep
    values = np.take_along_axis(alike, top, 1).ravel()
    found = sparse.csr_matrix((values, top.ravel(), start), shape=alike.shape)
    found.eliminate_zeros()
    return found


def strongest(matrix: sparse.csr_matrix, keep: int) -> sparse.csr_matrix:
    """Return the matrix with the `keep` largest positive values of each row."""
    rows = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))
    order = np.lexsort((matrix.indices, -matrix.data, rows))
    rank = np.arange(len(order)) - matrix.indptr[rows[order]]
    order = order[(rank < keep) & (matrix.data[order] > 0)]
    kept = (matrix.data[order], (rows[order], matrix.indices[order]))
    return sparse.csr_matrix(kept, shape=matrix.shape)
