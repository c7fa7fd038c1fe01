"""The nearest of everybody: faiss IVF, or all pairs where that is as quick."""

from __future__ import annotations

from dataclasses import dataclass

import faiss
import numpy as np
import numpy.typing as npt

from ml.lookalike.config import LookalikeConfig
from ml.lookalike.vectors import Vectors

_BATCH = 16_384
# Vectors that teach faiss where its lists lie, per list.
_TRAIN_PER_LIST = 64


@dataclass(frozen=True)
class Neighbours:
    """`rows` x top places and cosines, the nearest first, oneself left out.

    `recall` is the share of the true top that was found, on a sample of rows; it is 1
    where all pairs were compared. A place of -1 is nobody (fewer others than asked).
    """

    places: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float32]
    recall: float
    probes: int


def neighbours(those: Vectors, config: LookalikeConfig) -> Neighbours:
    """Return for every vector (length 1) the `config.neighbours` most similar ones.

    With more than `config.exact_up_to` vectors only the lists nearest to each are
    looked at (inverted file): as many as a sample needs for `config.min_recall`.
    """
    top = min(config.neighbours, len(those) - 1)
    if len(those) <= config.exact_up_to:
        places, scores = exact(those, those, top + 1)
        return Neighbours(*_without_self(places, scores, top), recall=1.0, probes=0)
    index = ivf(those, config.seed)
    rng = np.random.default_rng(config.seed)
    size = min(config.recall_sample, len(those))
    sample = np.sort(rng.choice(len(those), size, replace=False))
    true, _ = exact(those, those[sample], top + 1)
    index.nprobe, share = 1, 0.0
    # A margin, since the sample is not everybody; small steps, since every list that is
    # looked at more is paid for by everybody.
    while share < config.min_recall + 0.005 and index.nprobe < index.nlist:
        index.nprobe = min(index.nprobe + max(1, index.nprobe // 5), index.nlist)
        _, found = index.search(those[sample], top + 1)
        share = recall(true, found)
    places, scores = _search(index, those, top + 1)
    return Neighbours(
        *_without_self(places, scores, top), recall=share, probes=int(index.nprobe)
    )


def ivf(those: Vectors, seed: int) -> faiss.IndexIVFFlat:
    """Return an inverted file of the vectors, about 3 sqrt(n) lists."""
    lists = int(3 * np.sqrt(len(those)))
    dimension = those.shape[1]
    index = faiss.IndexIVFFlat(
        faiss.IndexFlatIP(dimension), dimension, lists, faiss.METRIC_INNER_PRODUCT
    )
    index.cp.seed = seed
    index.cp.niter = 8
    index.cp.max_points_per_centroid = _TRAIN_PER_LIST
    index.train(those)
    index.add(those)
    return index


def exact(
    those: Vectors, asked: Vectors, top: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Return places and cosines of the `top` nearest of `those`, all compared."""
    index = faiss.IndexFlatIP(those.shape[1])
    index.add(those)
    return _search(index, asked, top)


def _search(
    index: faiss.Index, asked: Vectors, top: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    places = np.empty((len(asked), top), dtype=np.int64)
    scores = np.empty((len(asked), top), dtype=np.float32)
    for begin in range(0, len(asked), _BATCH):
        part = slice(begin, begin + _BATCH)
        scores[part], places[part] = index.search(asked[part], top)
    return places, scores


def _without_self(
    places: npt.NDArray[np.int64], scores: npt.NDArray[np.float32], top: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Drop oneself, wherever twins have put it, or else the last; keep the order."""
    own = places == np.arange(len(places))[:, None]
    own[~own.any(axis=1), -1] = True
    return (
        places[~own].reshape(len(places), top),
        scores[~own].reshape(len(places), top),
    )


def recall(true: npt.NDArray[np.int64], found: npt.NDArray[np.int64]) -> float:
    """Return the share of the `true` places (rows x top) that were `found`."""
    shared = [
        len(np.intersect1d(one, two)) for one, two in zip(true, found, strict=True)
    ]
    return float(np.mean(shared) / true.shape[1])
