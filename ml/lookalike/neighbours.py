"""The nearest of everybody: by groups, or all pairs where that is as quick."""

from __future__ import annotations

from dataclasses import dataclass

import faiss
import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from ml.lookalike.config import LookalikeConfig
from ml.lookalike.groups import Groups, nearest_of_all
from ml.lookalike.vectors import Vectors

_BATCH = 16_384


@dataclass(frozen=True)
class Neighbours:
    """`rows` x top places and cosines, the nearest first, oneself left out.

    `recall` is the share of the true top that was found, on a sample of rows; it is 1
    where all pairs were compared. `probes` is the mean number of groups that somebody
    was compared with.
    """

    places: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float32]
    recall: float
    probes: int


def neighbours(those: Vectors, config: LookalikeConfig) -> Neighbours:
    """Return for every vector (length 1) the `config.neighbours` most similar ones.

    With more than `config.exact_up_to` vectors each is compared with the groups only
    that its own group votes for most: with as many as hold `config.min_recall` of the
    true neighbours of a sample.
    """
    top = min(config.neighbours, len(those) - 1)
    if len(those) <= config.exact_up_to:
        places, scores = exact(those, those, top + 1)
        return Neighbours(*_without_self(places, scores, top), recall=1.0, probes=0)
    rng = np.random.default_rng(config.seed)
    size = min(config.recall_sample, len(those))
    sample = np.sort(rng.choice(len(those), size, replace=False))
    with threadpool_limits(limits=1, user_api="blas"):
        groups = Groups.of(those, config.seed)
        # What is compared is compared exactly, so a true neighbour is found if its
        # group is looked at: how many votes that takes is known before the search.
        votes = groups.votes_between(sample, nearest_of_all(those, sample, top))
        # A margin, since the sample is not everybody.
        missed = max(0.0, 1 - config.min_recall - 0.003)
        least = float(np.quantile(votes, missed, method="lower"))
        places, scores, compared = groups.search(least, top)
    return Neighbours(
        places, scores, recall=float((votes >= least).mean()), probes=round(compared)
    )


def exact(
    those: Vectors, asked: Vectors, top: int
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Return places and cosines of the `top` nearest of `those`, all compared."""
    index = faiss.IndexFlatIP(those.shape[1])
    index.add(those)
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
