"""Vectors in groups of their like, and searches that compare a group with a few others.

Members of a group are compared with the same others, hence as one product of matrices:
several times quicker per pair than following the list of each member on its own, so
that looking at thrice the pairs of an inverted file costs two thirds of its time
(docs/models/lookalike.md has the figures).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import faiss
import numpy as np
import numpy.typing as npt

from ml.lookalike.vectors import Vectors

Places = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]

# Groups per root of n: more are dearer to find, fewer hold more who are not alike.
_GROUPS_PER_ROOT = 4.5
_TRAIN_ROUNDS, _TRAIN_PER_GROUP = 5, 20
# So many groups nearest to it each member votes for.
_VOTES = 32
# Cells of one product: small enough to stay near the processor.
_CELLS = 1 << 22


@dataclass(frozen=True)
class Groups:
    """Vectors sorted by group.

    `order` are the places they had (n), `group` is the group of each place (n), group g
    is rows `bounds[g]` to `bounds[g + 1]` of `vectors`. `votes[g, h]` is the share of
    the members of g that have the centre of h among the 32 nearest ones.
    """

    vectors: Vectors
    order: Places
    group: Places
    bounds: Places
    votes: npt.NDArray[np.float32]

    @classmethod
    def of(cls, those: Vectors, seed: int) -> Groups:
        """Group the vectors (n x factors, length 1) by k-means on the sphere.

        To be called under `threadpool_limits(1)`, so that sums never change order.
        """
        count = max(1, min(int(_GROUPS_PER_ROOT * len(those) ** 0.5), len(those) // 4))
        means = faiss.Kmeans(
            those.shape[1],
            count,
            niter=_TRAIN_ROUNDS,
            seed=seed,
            spherical=True,
            max_points_per_centroid=_TRAIN_PER_GROUP,
            min_points_per_centroid=1,
        )
        means.train(those)
        centres = np.asarray(means.centroids).T
        group = np.empty(len(those), dtype=np.int64)
        step = max(1, _CELLS // count)

        def assign(begin: int) -> None:
            part = slice(begin, begin + step)
            group[part] = np.argmax(those[part] @ centres, axis=1)

        _on_all_cores(assign, range(0, len(those), step))
        order = np.argsort(group, kind="stable")
        bounds = np.searchsorted(group[order], np.arange(count + 1))
        ordered = those[order]
        votes = np.zeros((count, count), dtype=np.float32)
        last = max(0, count - _VOTES)

        def vote(one: int) -> None:
            near = ordered[bounds[one] : bounds[one + 1]] @ centres
            if len(near):
                least = np.partition(near, last, axis=1)[:, last, None]
                votes[one] = (near >= least).mean(axis=0)

        _on_all_cores(vote, range(count))
        return cls(ordered, order, group, bounds, votes)

    def votes_between(self, places: Places, others: Places) -> npt.NDArray[np.float32]:
        """Return how the groups of `places` (n) vote for those of `others` (n x m)."""
        return self.votes[self.group[places][:, None], self.group[others]]

    def search(self, least: float, top: int) -> tuple[Places, Scores, float]:
        """Return places and cosines of the `top` nearest of each (n x top), best first.

        Each group is compared with those that have `least` of its votes, and with more
        where they are fewer than `top` vectors. Last comes the mean number of groups
        that somebody has been compared with.
        """
        places = np.empty((len(self.order), top), dtype=np.int64)
        scores = np.empty((len(self.order), top), dtype=np.float32)
        compared = np.zeros(len(self.votes))
        size = np.diff(self.bounds)

        def search(one: int) -> None:
            if not size[one]:
                return
            # Those with most votes first: `_best` takes its bound from the first ones.
            ranked = np.argsort(-self.votes[one], kind="stable")
            enough = np.searchsorted(np.cumsum(size[ranked]), top) + 1
            looked_at = max(int((self.votes[one] >= least).sum()), int(enough))
            compared[one] = looked_at
            others = np.concatenate(
                [
                    np.arange(self.bounds[other], self.bounds[other + 1])
                    for other in ranked[:looked_at]
                ]
            )
            columns = self.vectors[others].T
            step = max(1, _CELLS // len(others))
            for begin in range(self.bounds[one], self.bounds[one + 1], step):
                part = slice(begin, min(begin + step, self.bounds[one + 1]))
                found, cosines = _best(self.vectors[part] @ columns, top)
                places[self.order[part]] = self.order[others[found]]
                scores[self.order[part]] = cosines

        _on_all_cores(search, range(len(self.votes)))
        return places, scores, float(np.average(compared, weights=size))


def _best(cosines: Scores, top: int) -> tuple[Places, Scores]:
    """Return columns and values of the `top` largest of each row, the largest first.

    The `top`-th of the first columns bounds that of all from below, and few exceed it:
    only those are sorted.
    """
    rows, width = cosines.shape
    first = min(40 * top, width)
    bound = np.partition(cosines[:, :first], first - top, axis=1)[:, first - top]
    row, column = np.divmod(np.flatnonzero(cosines >= bound[:, None]), width)
    if len(row) > 16 * rows * top:
        # Many are alike to the last digit, and which of them matters to nobody.
        column = np.argpartition(cosines, width - top, axis=1)[:, width - top :].ravel()
        row = np.repeat(np.arange(rows), top)
    value = cosines[row, column]
    ranked = np.lexsort((-value, row))
    begins = np.searchsorted(row, np.arange(rows))
    kept = ranked[begins[:, None] + np.arange(top)]
    return column[kept], value[kept]


def _on_all_cores(work: Callable[[int], None], over: Iterable[int]) -> None:
    """Do independent pieces of work in threads: numpy lets go of the lock."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(work, over):
            pass
