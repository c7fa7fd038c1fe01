"""Way 1: people as points of a space of three dimensions at most, cut into regions.

The space is that of supervised principal components (Bair, Hastie, Paul, Tibshirani,
Prediction by Supervised Principal Components, 2006): of the tags that differ most
between A and B, scaled and weighed by how much they differ, the components with the
largest variance. Plain components of all tags show what people differ in, whoever is
asked about. A missing value stands at the mean of its tag, and that it is missing is a
column of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from threadpoolctl import threadpool_limits

from ml.audience_features.config import ContrastConfig
from ml.audience_features.rules import (
    People,
    Rule,
    boxes_of,
    choose_tags,
    grow,
    rules_of,
)
from ml.audience_features.scales import Floats, Mask
from ml.audience_features.strengths import gap_of, strongest

AXES = 3
Kind = Literal["pca", "tsne"]


@dataclass(frozen=True)
class Space:
    """Points of three columns, of `people`.

    `explained`: by axis the share of variance; `axes`: the tags that make it up, the
    strongest first. Both are empty for t-SNE, whose axes mean nothing.
    """

    people: People
    points: Floats
    explained: tuple[float, ...] = ()
    axes: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class SpaceWay:
    """A region of the space, and the rules on tags that restate it.

    `gaps`: by method of cutting, share of A in the region less share of B, of people it
    was not found on; `method` did best on the people it was found on. `faithful`: share
    of the former of whom the rules say what the region says. `scores` of the points are
    the higher, the more the place is A's.
    """

    space: Space
    method: str
    gaps: dict[str, float]
    faithful: float
    scores: Floats
    rules: list[Rule]


def way_of_space(
    everybody: People, names: Sequence[str], kind: Kind, config: ContrastConfig
) -> SpaceWay:
    """Return the rules of way 1, on a space of these tags."""
    # Threads add up in any order: one gives the same sums twice.
    with threadpool_limits(1):
        return _way_of_space(everybody, names, kind, config)


def _way_of_space(
    everybody: People, names: Sequence[str], kind: Kind, config: ContrastConfig
) -> SpaceWay:
    space = (
        _tsne(everybody, names, config) if kind == "tsne" else _pca(everybody, names)
    )
    people, points = space.people, space.points[:, : config.dimensions]
    learns, weights = people.learns, people.weights()
    found = {
        "tree": _by_tree(people, points, config),
        "clusters": _by_clusters(people, points, config),
    }
    method = max(found, key=lambda name: _gap(found[name][0], people, learns))
    region, scores = found[method]
    # What restates a region may be any tag.
    candidates = strongest(people, region, list(people.codes), config.candidates)
    tags = choose_tags(people, region, weights, candidates, config)
    rules: list[Rule] = []
    faithful = float("nan")
    if tags:
        tree = grow(
            people.matrix(tags)[learns],
            region[learns],
            weights[learns],
            len(tags),
            config,
        )
        boxes = boxes_of(tree, tags, people.scales)
        rules = rules_of(everybody, "space", boxes)
        said = people.holds([box for box, is_in in boxes if is_in])
        faithful = float((said == region)[~learns].mean())
    gaps = {name: _gap(one, people, ~learns) for name, (one, _) in found.items()}
    return SpaceWay(space, method, gaps, faithful, scores, rules)


def _pca(people: People, names: Sequence[str]) -> Space:
    matrix, owners = _scaled(people, names)
    count = min(AXES, matrix.shape[1])
    # Of the full decomposition: no random start.
    components = PCA(count, svd_solver="full").fit(matrix[people.learns])
    points = np.zeros((len(matrix), AXES))
    points[:, :count] = components.transform(matrix)
    axes = [
        tuple(dict.fromkeys(owners[place] for place in np.argsort(-np.abs(row))))[:3]
        for row in components.components_
    ]
    explained = tuple(float(one) for one in components.explained_variance_ratio_)
    return Space(people, points, explained, tuple(axes))


def _tsne(people: People, names: Sequence[str], config: ContrastConfig) -> Space:
    some = people.only(people.some(config.tsne_people // 2, config.seed))
    matrix, _ = _scaled(some, names)
    perplexity = min(config.perplexity, (len(matrix) - 1) / 3)
    points = TSNE(
        n_components=AXES, perplexity=perplexity, init="pca", random_state=config.seed
    ).fit_transform(matrix)
    return Space(some, np.asarray(points, dtype=np.float64))


def _scaled(people: People, names: Sequence[str]) -> tuple[Floats, list[str]]:
    """Return columns of mean 0, each as wide as its gap, and the tag each is of."""
    columns: list[Floats] = []
    owners: list[str] = []
    patterns: set[bytes] = set()
    weights = people.weights() * people.learns
    weights /= weights.sum()
    learns, is_a = people.learns, people.is_a[people.learns]

    def add(column: Floats, owner: str, gap: float) -> None:
        mean = weights @ column
        spread = np.sqrt(weights @ (column - mean) ** 2)
        if spread > 1e-9:
            columns.append((column - mean) * (gap / spread))
            owners.append(owner)

    for name in names:
        codes = people.codes[name]
        is_missing = np.isnan(codes)
        known = np.where(is_missing, 0, weights)
        mean = known @ np.nan_to_num(codes) / max(known.sum(), 1e-12)
        add(np.where(is_missing, mean, codes), name, gap_of(codes[learns], is_a))
        # Tags of one family are missing together: that is one column.
        pattern = np.packbits(is_missing).tobytes()
        if is_missing.any() and pattern not in patterns:
            patterns.add(pattern)
            without = is_missing.astype(np.float64)
            add(without, name, gap_of(without[learns], is_a))
    return np.column_stack(columns), owners


def _by_tree(
    people: People, points: Floats, config: ContrastConfig
) -> tuple[Mask, Floats]:
    learns = people.learns
    tree = grow(
        points[learns],
        people.is_a[learns],
        people.weights()[learns],
        points.shape[1],
        config,
    )
    scores = np.asarray(tree.predict_proba(points)[:, 1])
    return scores > 0.5, scores


def _by_clusters(
    people: People, points: Floats, config: ContrastConfig
) -> tuple[Mask, Floats]:
    """Cut half-way between two centres, which begin as those of A and B."""
    learns, is_a = people.learns, people.is_a
    start = np.array([points[learns & side].mean(axis=0) for side in (~is_a, is_a)])
    clusters = KMeans(2, init=start, n_init=1, random_state=config.seed).fit(
        points[learns], sample_weight=people.weights()[learns]
    )
    to_b, to_a = clusters.transform(points).T
    scores = np.asarray(to_b / np.maximum(to_a + to_b, 1e-12))
    return scores > 0.5, scores


def _gap(region: Mask, people: People, rows: Mask) -> float:
    inside_a, inside_b = region[rows & people.is_a], region[rows & ~people.is_a]
    return float(inside_a.mean() - inside_b.mean())
