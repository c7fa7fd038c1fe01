"""Who resembles the seeds most: by votes, by trees, by both, and by money alone."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from ml.errors import SingleClassError
from ml.lookalike.config import RankerConfig
from ml.lookalike.table import Floats, Ints, People
from ml.lookalike.vectors import Vectors

Mask = npt.NDArray[np.bool_]

VOTES, PU, ENSEMBLE, SPEND = "votes", "pu", "ensemble", "spend"
METHODS = (VOTES, PU, ENSEMBLE, SPEND)


def votes(
    places: Ints, scores: npt.NDArray[np.floating], people: int
) -> tuple[Ints, Floats]:
    """Return votes and summed similarity of each of `people`.

    `places` and `scores` are the rows of the seeds (seeds x top): who each lists. A
    place of -1 is nobody.
    """
    is_somebody = places >= 0
    listed = places[is_somebody]
    counts = np.bincount(listed, minlength=people)
    similarity = np.bincount(
        listed, weights=scores[is_somebody].astype(np.float64), minlength=people
    )
    return np.asarray(counts, np.int64), np.asarray(similarity, np.float64)


def by_votes(counts: Ints, similarity: Floats) -> Floats:
    """Return one number that ranks by votes, then by similarity."""
    return _rank_of(counts.astype(np.float64), similarity)


def by_trees(design: Floats, seeds: Mask, config: RankerConfig) -> Floats:
    """Return how seed-like everybody is (0 to 1): seeds are told from all the rest.

    Who is no seed is not known to be unlike them, only unlabelled. So each of them is
    scored by trees that learnt from the seeds and from others than them; seeds
    themselves get the mean of all trees. Raises SingleClassError without a seed or
    without anybody else.
    """
    positive, rest = np.flatnonzero(seeds), np.flatnonzero(~seeds)
    if not len(positive) or len(rest) < 2:
        raise SingleClassError(
            f"There are {len(positive)} seeds among {len(seeds)} customers: trees need "
            "some seeds and some others."
        )
    rng = np.random.default_rng(config.seed)
    folds = rng.permutation(len(rest)) % min(config.folds, len(rest))
    scores = np.zeros(len(seeds))
    for fold in np.unique(folds):
        others = rest[folds != fold]
        if len(others) > config.max_others:
            others = np.sort(rng.choice(others, config.max_others, replace=False))
        rows = np.concatenate([positive, others])
        labels = np.concatenate([np.ones(len(positive)), np.zeros(len(others))])
        # Both sides weigh the same, however few the seeds are.
        weights = np.where(labels == 1, len(others) / len(positive), 1.0)
        booster = lgb.train(
            config.lightgbm(),
            lgb.Dataset(design[rows], label=labels, weight=weights),
            num_boost_round=config.rounds,
        )
        asked = rest[folds == fold]
        scores[asked] = booster.predict(design[asked], num_threads=1)
        scores[positive] += booster.predict(design[positive], num_threads=1)
    scores[positive] /= len(np.unique(folds))
    return scores


def design_of(those: People, found: Vectors) -> Floats:
    """Return what the trees read: the numbers and the vectors side by side."""
    return np.hstack([those.numbers, found.astype(np.float64)])


def ensemble(*rankings: Floats) -> Floats:
    """Return the mean rank over the rankings (higher is more alike)."""
    return np.asarray(np.mean([rankdata(one) for one in rankings], axis=0))


def _rank_of(first: Floats, second: Floats) -> Floats:
    """Return ranks by `first`, ties by `second`; equal pairs share their rank."""
    pairs = np.rec.fromarrays([first, second])
    _, place = np.unique(pairs, return_inverse=True)
    return np.asarray(place, dtype=np.float64)
