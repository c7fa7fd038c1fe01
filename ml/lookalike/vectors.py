"""Customers as dense vectors: implicit ALS on customers x marks."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from implicit.als import AlternatingLeastSquares
from scipy import sparse
from threadpoolctl import threadpool_limits

from ml.lookalike.config import LookalikeConfig

Vectors = npt.NDArray[np.float32]


def vectors(matrix: sparse.csr_matrix, config: LookalikeConfig) -> Vectors:
    """Return one vector of length 1 per row of `matrix` (customers x marks, >= 0).

    Their inner product is a cosine. A customer without any mark has the vector 0. Rows
    are solved one by one and the starting point is seeded: the same matrix gives the
    same vectors, whatever the number of threads.
    """
    with threadpool_limits(limits=1, user_api="blas"):
        model = AlternatingLeastSquares(
            factors=config.factors,
            regularization=config.regularization,
            alpha=config.alpha,
            iterations=config.iterations,
            random_state=config.seed,
            use_gpu=False,
        )
        model.fit(matrix, show_progress=False)
    found = np.asarray(model.user_factors, dtype=np.float32)
    length = np.linalg.norm(found, axis=1, keepdims=True)
    has_marks = np.diff(matrix.indptr)[:, None] > 0
    return np.where(
        has_marks & (length > 0), found / np.maximum(length, 1e-12), 0.0
    ).astype(np.float32)
