"""Way 2: a random forest says which tags matter, a small tree over them where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestClassifier

from ml.audience_features.config import ContrastConfig
from ml.audience_features.rules import (
    People,
    Rule,
    balanced,
    boxes_of,
    choose_tags,
    grow,
    rules_of,
    splits,
)
from ml.audience_features.scales import Floats, Span, clause

PRINTED_DEPTH = 3


@dataclass(frozen=True)
class ForestWay:
    """`importance`: by tag the share of impurity it takes away, the strongest first.

    `trees` are some of the forest as text; `scores` are everybody's share of A.
    """

    importance: dict[str, float]
    scores: Floats
    trees: list[str]
    rules: list[Rule]


def way_of_forest(people: People, config: ContrastConfig) -> ForestWay:
    """Return the rules of way 2."""
    names = list(people.codes)
    matrix = people.matrix(names)
    taught = people.learns & people.some(2 * config.forest_people, config.seed)
    lesson, answers = matrix[taught], people.is_a[taught]
    weights_of_taught = balanced(people.is_a, taught)[taught]
    forest = RandomForestClassifier(
        config.trees,
        max_depth=config.tree_depth,
        min_samples_leaf=5,
        # Trees are independent of the thread that grows them.
        n_jobs=2,
        random_state=config.seed,
    ).fit(lesson, answers, weights_of_taught)
    # One thread adds up the trees' answers in one order.
    forest.n_jobs = 1
    scores = np.asarray(forest.predict_proba(matrix)[:, 1])
    shares = dict(zip(names, forest.feature_importances_.tolist(), strict=True))
    ranked = sorted(names, key=lambda name: (-shares[name], name))
    weights, learns = people.weights(), people.learns
    candidates = [name for name in ranked if shares[name] > 0][: config.candidates]
    tags = choose_tags(people, people.is_a, weights, candidates, config)
    rules: list[Rule] = []
    if tags:
        tree = grow(
            people.matrix(tags)[learns],
            people.is_a[learns],
            weights[learns],
            len(tags),
            config,
        )
        rules = rules_of(people, "forest", boxes_of(tree, tags, people.scales))
    rightly = [
        float(weights_of_taught @ (tree.predict(lesson) == answers))
        for tree in forest.estimators_
    ]
    best = sorted(range(len(rightly)), key=lambda number: (-rightly[number], number))
    trees = [
        _text(forest.estimators_[number].tree_, people)
        for number in best[: config.printed_trees]
    ]
    return ForestWay({name: shares[name] for name in ranked}, scores, trees, rules)


def _text(tree: Any, people: People) -> str:
    """Return a tree, cut short."""
    whole = {name: Span(0, scale.last, True) for name, scale in people.scales.items()}
    return "\n".join(_lines(tree, 0, whole, people, 0))


def _lines(
    tree: Any, node: int, box: dict[str, Span], people: People, depth: int
) -> Iterator[str]:
    """Yield a line per branch: its condition, and the share of A there (both sides
    weigh the same)."""
    if int(tree.children_left[node]) < 0 or depth == PRINTED_DEPTH:
        return
    names = list(people.scales)
    scale = people.scales[names[tree.feature[node]]]
    for child, span in splits(tree, node, box, names):
        said = clause(scale, span) or "any"
        share = float(tree.value[child][0][1])
        yield f"{'    ' * depth}{said}  ({scale.tag.title})  A {share:.0%}"
        narrower = {**box, scale.tag.name: span}
        yield from _lines(tree, child, narrower, people, depth + 1)
