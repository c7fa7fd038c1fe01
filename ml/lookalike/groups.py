"""Vectors in groups of their like, and searches that compare a group with a few others.

Members of a group are compared with the same others, hence as one product of matrices:
several times quicker per pair than following the list of each member on its own, so
that looking at more pairs than an inverted file does takes a fraction of its time
(docs/models/lookalike.md has the figures).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt
from scipy import sparse

from ml.lookalike.vectors import Vectors

Places = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]

# Groups per root of n: more are dearer to find, fewer hold more who are not alike.
_GROUPS_PER_ROOT = 9
_TRAIN_ROUNDS, _TRAIN_PER_GROUP = 2, 10
# Each member votes for some 64 groups near it, of the 1,024 nearest to its own group.
_VOTES, _BALLOT = 64, 1_024
# One in so many of these tells how near the 64th is.
_EVERY = 4
# Groups whose people are looked at by votes, before the others by place.
_FIRST = 32
# Cells of one product: small enough to stay near the processor.
_CELLS = 1 << 21
# Below the cosine of anybody.
_NOBODY = -2.0

_of_thread = threading.local()


@dataclass(frozen=True)
class Groups:
    """Vectors sorted by group.

    `order` are the places they had (n), `group` is the group of each place (n), group g
    is rows `bounds[g]` to `bounds[g + 1]` of `vectors`. `near[g]` are groups, itself
    first and then those with most votes; `votes[g]` is the share of the members of g
    that have the centre of each among the 64 nearest ones (2 for itself).
    """

    vectors: Vectors
    order: Places
    group: Places
    bounds: Places
    near: npt.NDArray[np.int64]
    votes: npt.NDArray[np.float32]

    @classmethod
    def of(cls, those: Vectors, seed: int) -> Groups:
        """Group the vectors (n x factors, length 1) by k-means.

        To be called with one thread of BLAS, so that sums never change order.
        """
        count = max(1, min(int(_GROUPS_PER_ROOT * len(those) ** 0.5), len(those) // 4))
        means = faiss.Kmeans(
            those.shape[1],
            count,
            niter=_TRAIN_ROUNDS,
            seed=seed,
            max_points_per_centroid=_TRAIN_PER_GROUP,
            min_points_per_centroid=1,
        )
        means.train(those)
        centres = np.asarray(means.centroids)
        centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-9)
        # Those of one region side by side: a search then reads memory in long pieces.
        region = np.argmax(centres @ centres[:64].T, axis=1)
        centres = centres[np.argsort(region, kind="stable")]
        # Of vectors of length 1 the nearest is the most alike.
        group = faiss.knn(those, centres, 1)[1][:, 0]
        order = np.argsort(group, kind="stable")
        bounds = np.searchsorted(group[order], np.arange(count + 1))
        near, votes = _vote(those[order], bounds, centres)
        return cls(those[order], order, group, bounds, near, votes)

    def votes_between(self, places: Places, others: Places) -> npt.NDArray[np.float32]:
        """Return how the groups of `places` (n) vote for those of `others` (n x m)."""
        count, width = self.near.shape
        votes = sparse.csr_matrix(
            (self.votes.ravel(), self.near.ravel(), np.arange(count + 1) * width),
            shape=(count, count),
        )
        voting = np.repeat(self.group[places], others.shape[1])
        found = np.asarray(votes[voting, self.group[others].ravel()])
        return found.reshape(others.shape)

    def search(self, least: float, top: int) -> tuple[Places, Scores, float]:
        """Return the `top` nearest others of each and their cosines, best first.

        Each group is compared with those that have `least` of its votes, and with all
        where those are too few people. Last comes the mean number of groups that
        somebody has been compared with.
        """
        places = np.empty((len(self.order), top), dtype=np.int64)
        scores = np.empty((len(self.order), top), dtype=np.float32)
        size = np.diff(self.bounds)
        looked_at = (self.votes >= least).sum(axis=1)
        # A vector as one value: rows are gathered in half the time.
        whole = self.vectors.view(f"V{self.vectors[0].nbytes}").ravel()

        def search(one: int) -> None:
            begin, end = self.bounds[one], self.bounds[one + 1]
            groups = self.near[one, : looked_at[one]]
            if size[groups].sum() <= top:
                looked_at[one] = len(size)
                groups = np.append(one, np.delete(np.arange(len(size)), one))
            # The first ones tell which cosines matter, the order of others does not.
            groups = np.concatenate([groups[:_FIRST], np.sort(groups[_FIRST:])])
            ends = np.cumsum(size[groups])
            others = np.arange(ends[-1]) + np.repeat(
                self.bounds[groups] - ends + size[groups], size[groups]
            )
            near = whole.take(others, mode="clip").view(np.float32)
            near = near.reshape(len(others), -1)
            step = max(1, _CELLS // len(others))
            for first in range(begin, end, step):
                part = slice(first, min(first + step, end))
                cosines = _cosines(self.vectors[part], near)
                # Its own group comes first, so row i of it is column i.
                row = np.arange(len(cosines))
                cosines[row, row + first - begin] = _NOBODY
                found, cosine = _best(cosines, top, 20 * top)
                places[self.order[part]] = self.order[others[found]]
                scores[self.order[part]] = cosine

        def search_each(part: slice) -> None:
            for one in np.arange(part.start, part.stop)[size[part] > 0]:
                search(one)

        _on_all_cores(search_each, len(size), 32)
        return places, scores, float(np.average(looked_at, weights=size))


def nearest_of_all(those: Vectors, places: Places, top: int) -> Places:
    """Return the `top` nearest others of each of `places`, all of `those` compared."""
    found = np.empty((len(places), top), dtype=np.int64)

    def search(part: slice) -> None:
        cosines = _cosines(those[places[part]], those)
        cosines[np.arange(len(cosines)), places[part]] = _NOBODY
        found[part], _ = _best(cosines, top, len(those) // 10)

    _on_all_cores(search, len(places), _CELLS // len(those))
    return found


def _vote(
    ordered: Vectors, bounds: Places, centres: Vectors
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Return `near` and `votes` of `Groups`."""
    count = len(centres)
    width = min(_BALLOT, count)
    near = np.empty((count, width), dtype=np.int64)
    votes = np.empty((count, width), dtype=np.float32)
    asked = len(range(0, width, _EVERY))
    place = asked - min(_VOTES // _EVERY, asked)

    def vote(part: slice) -> None:
        alike = centres[part] @ centres.T
        own = np.arange(part.start, part.stop)
        alike[np.arange(len(own)), own] = -_NOBODY
        ballots = np.argpartition(alike, count - width, axis=1)[:, count - width :]
        for one, ballot in zip(own, ballots, strict=True):
            members = ordered[bounds[one] : bounds[one + 1]] @ centres[ballot].T
            bar = np.partition(members[:, ::_EVERY], place, axis=1)[:, place, None]
            share = (members >= bar).sum(axis=0, dtype=np.float32)
            share /= max(1, len(members))
            share[ballot == one] = -_NOBODY
            ranked = np.argsort(-share, kind="stable")
            near[one], votes[one] = ballot[ranked], share[ranked]

    _on_all_cores(vote, count, 32)
    return near, votes


def _best(cosines: Scores, top: int, first: int) -> tuple[Places, Scores]:
    """Return columns and values of the `top` largest of each row, the largest first.

    The `top`-th of the `first` columns bounds that of all from below, and few exceed
    it: only those are sorted.
    """
    rows, width = cosines.shape
    first = min(max(first, top), width)
    bound = np.partition(cosines[:, :first], first - top, axis=1)[:, first - top]
    exceeds = _kept("exceeds", cosines.shape, np.bool_)
    np.greater_equal(cosines, bound[:, None], out=exceeds)
    cell = np.flatnonzero(exceeds)
    if len(cell) > 16 * rows * top:
        # Many are alike to the last digit, and which of them matters to nobody.
        column = np.argpartition(cosines, width - top, axis=1)[:, width - top :]
        cell = (column + np.arange(rows)[:, None] * width).ravel()
    row = cell // width
    # One number to sort by: the row; the bits of 2 - cosine, which rise as it does
    # because it is positive; the column.
    distance = (np.float32(2) - cosines.ravel()[cell]).view(np.int32)
    bits = width.bit_length()
    keys = ((row << 31 | distance) << bits) | (cell - row * width)
    keys.sort()
    begins = np.searchsorted(keys, np.arange(rows) << (31 + bits))
    column = keys[begins[:, None] + np.arange(top)] & ((1 << bits) - 1)
    return column, np.take_along_axis(cosines, column, axis=1)


def _cosines(some: Vectors, others: Vectors) -> Scores:
    """Return those of `some` (n) with `others` (m): n x m, until the next call."""
    found = _kept("cosines", (len(some), len(others)), np.float32)
    return np.matmul(some, others.T, out=found)


def _kept(name: str, shape: tuple[int, int], kind: type) -> npt.NDArray[Any]:
    """Return an array of the memory that this thread keeps under a name.

    Fresh memory would cost half as much again as the product that is written to it.
    """
    cells = shape[0] * shape[1]
    memory = _of_thread.__dict__.get(name)
    if memory is None or len(memory) < cells:
        memory = _of_thread.__dict__[name] = np.empty(max(cells, _CELLS), dtype=kind)
    return memory[:cells].reshape(shape)


def _on_all_cores(work: Callable[[slice], None], count: int, step: int) -> None:
    """Do independent pieces of work in threads: numpy lets go of the lock."""
    step = max(1, step)
    parts = [slice(one, min(one + step, count)) for one in range(0, count, step)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(work, parts):
            pass
