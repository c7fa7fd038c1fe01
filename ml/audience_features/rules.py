"""Rules: a few tags, a range of each, who is in; found by a small tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.tree import DecisionTreeClassifier

from ml.audience_features.config import ContrastConfig
from ml.audience_features.scales import Floats, Mask, Scale, Span, clause

Box = Mapping[str, Span]
# What selects hardly more of its side than of the other says nothing.
LEAST_GAP = 0.02


@dataclass(frozen=True)
class Figures:
    """How a rule does on people it has not seen: `of` are of its side, the rest not.

    Where sides were sampled, `precision` and `lift` are as of all their people.
    """

    hits: int
    of: int
    strays: int
    of_others: int
    precision: float
    lift: float

    @property
    def recall(self) -> float:
        """Share of its side that it selects."""
        return self.hits / self.of

    @property
    def stray_rate(self) -> float:
        """Share of the other side that it selects."""
        return self.strays / self.of_others

    @property
    def gap(self) -> float:
        """The difference of the two: 0 says nothing, 1 tells all apart."""
        return self.recall - self.stray_rate


@dataclass(frozen=True)
class Rule:
    """People in one of `boxes`; `side` is whom it describes, A or B."""

    way: str
    side: str
    boxes: tuple[Box, ...]
    sql: str
    learnt_gap: float
    figures: Figures
    reads_definition: bool

    @property
    def clauses(self) -> int:
        """How many ranges it has."""
        return sum(map(len, self.boxes))

    @property
    def tags(self) -> list[str]:
        """The tags it names, in the order of its SQL."""
        return list(dict.fromkeys(name for box in self.boxes for name in box))


@dataclass(frozen=True)
class People:
    """Everybody looked at: `codes` by tag, NaN where missing.

    `learns` are those that rules are found on, all others test them. `sizes` are A and
    B before they were sampled.
    """

    scales: dict[str, Scale]
    codes: dict[str, Floats]
    is_a: Mask
    learns: Mask
    sizes: tuple[int, int]

    def matrix(self, names: Sequence[str]) -> np.ndarray:
        """Return the small numbers of some tags, a column each."""
        return np.column_stack([self.codes[name] for name in names]).astype(np.float32)

    def weights(self) -> Floats:
        """Return weights under which A and B are as heavy, learnt from or not."""
        return balanced(self.is_a, self.learns)

    def some(self, per_side: int, seed: int) -> Mask:
        """Return a mask of so many of each side, drawn by a seed: half are learnt."""
        random = np.random.default_rng(seed)
        drawn = np.zeros(len(self.is_a), dtype=bool)
        for side in (self.is_a, ~self.is_a):
            for part in (self.learns, ~self.learns):
                rows = np.flatnonzero(side & part)
                drawn[random.permutation(rows)[: per_side // 2]] = True
        return drawn

    def only(self, rows: Mask) -> People:
        """Return some of the people."""
        codes = {name: column[rows] for name, column in self.codes.items()}
        return People(
            self.scales, codes, self.is_a[rows], self.learns[rows], self.sizes
        )

    def holds(self, boxes: Sequence[Box]) -> Mask:
        """Return who is in one of the boxes, as their SQL says."""
        found = np.zeros(len(self.is_a), dtype=bool)
        for box in boxes:
            inside = np.ones(len(self.is_a), dtype=bool)
            for name, span in box.items():
                inside &= span.holds(self.codes[name])
            found |= inside
        return found


def balanced(is_a: Mask, learns: Mask) -> Floats:
    """Return weights that make each side half of those learnt from, and of the rest."""
    weights = np.zeros(len(is_a))
    for part in (learns, ~learns):
        for side in (is_a, ~is_a):
            weights[part & side] = 0.5 / max(1, int((part & side).sum()))
    return weights


def figures_of(people: People, selected: Mask, side: str) -> Figures:
    """Return how a selection does on the people that nothing was learnt from."""
    is_side = people.is_a if side == "A" else ~people.is_a
    own, rest = people.sizes if side == "A" else people.sizes[::-1]
    tested = ~people.learns
    of, of_others = int((tested & is_side).sum()), int((tested & ~is_side).sum())
    hits = int((tested & is_side & selected).sum())
    strays = int((tested & ~is_side & selected).sum())
    # A person stands for so many: for one, where nobody was left undrawn.
    weight = hits * (own / int(is_side.sum()))
    other_weight = strays * (rest / int((~is_side).sum()))
    precision = weight / (weight + other_weight) if hits + strays else 0.0
    lift = precision * (own + rest) / own
    return Figures(hits, of, strays, of_others, precision, lift)


def choose_tags(
    people: People,
    is_in: Mask,
    weights: Floats,
    candidates: Sequence[str],
    config: ContrastConfig,
) -> list[str]:
    """Return the few tags that together tell who `is_in`, the strongest first.

    One after another: the tag is taken with which a small tree does best; none is taken
    that adds less than half a percent.
    """
    chosen: list[str] = []
    best = 0.5
    for _ in range(config.dimensions):
        tried = {
            name: _accuracy(people, [*chosen, name], is_in, weights, config)
            for name in candidates
            if name not in chosen
        }
        if not tried:
            break
        name = max(tried, key=lambda one: tried[one])
        if tried[name] < best + 0.005:
            break
        best = tried[name]
        chosen.append(name)
    return chosen


def grow(
    matrix: np.ndarray,
    is_in: Mask,
    weights: Floats,
    dimensions: int,
    config: ContrastConfig,
) -> DecisionTreeClassifier:
    """Return a small tree: two cuts per dimension, no tiny leaves."""
    tree = DecisionTreeClassifier(
        max_depth=2 * dimensions,
        max_leaf_nodes=2 * dimensions + 2,
        min_weight_fraction_leaf=config.least_weight,
        min_samples_leaf=5,
        random_state=config.seed,
    )
    return tree.fit(matrix, is_in, sample_weight=weights)


def boxes_of(
    tree: DecisionTreeClassifier, names: Sequence[str], scales: Mapping[str, Scale]
) -> list[tuple[Box, bool]]:
    """Return the boxes that a tree over small numbers cuts, and whether each is in.

    Neighbours with the same answer are one box.
    """
    whole = {name: Span(0, scales[name].last, True) for name in names}
    return [
        ({name: box[name] for name in names if box[name] != whole[name]}, is_in)
        for box, is_in in _leaves(tree.tree_, 0, whole, list(names))
    ]


def written(boxes: Sequence[Box], scales: Mapping[str, Scale]) -> str:
    """Return boxes as one condition; empty when it would be no condition."""
    parts = []
    for box in boxes:
        clauses = [clause(scales[name], span) for name, span in box.items()]
        clauses = [one for one in clauses if one]
        if not clauses:
            return ""
        # A clause that stands alone needs no brackets of its own.
        alone = len(clauses) == 1 and clauses[0].startswith("(")
        parts.append(clauses[0][1:-1] if alone else " and ".join(clauses))
    if len(parts) == 1:
        return parts[0]
    return " or ".join(f"({part})" for part in parts)


def rules_of(people: People, way: str, boxes: Sequence[tuple[Box, bool]]) -> list[Rule]:
    """Return the rules for A and for B: each box, and all of a side together."""
    rules = []
    for side in ("A", "B"):
        own = [_simplest(people, box) for box, is_in in boxes if is_in == (side == "A")]
        groups = [(box,) for box in own] + ([tuple(own)] if len(own) > 1 else [])
        found = [rule for group in groups if (rule := _rule(people, way, side, group))]
        rules += sorted(found, key=lambda rule: -rule.learnt_gap)
    return rules


def _simplest(people: People, box: Box) -> Box:
    """Return a box without what decides about nobody in it: ranges, missing values.

    Tags of a family are missing together: one of them says so for all.
    """
    selected = people.holds([box])

    def is_same(other: Box) -> bool:
        return bool((people.holds([other]) == selected).all())

    for name, span in list(box.items()):
        without = {one: other for one, other in box.items() if one != name}
        known = {**box, name: replace(span, with_missing=False)}
        if without and is_same(without):
            box = without
        elif span.with_missing and is_same(known):
            box = known
    return box


def _rule(people: People, way: str, side: str, boxes: tuple[Box, ...]) -> Rule | None:
    sql = written(boxes, people.scales)
    if not sql:
        return None
    selected = people.holds(boxes)
    is_side = people.is_a if side == "A" else ~people.is_a
    learns = people.learns
    gap = selected[learns & is_side].mean() - selected[learns & ~is_side].mean()
    if gap < LEAST_GAP:
        return None
    return Rule(
        way=way,
        side=side,
        boxes=boxes,
        sql=sql,
        learnt_gap=float(gap),
        figures=figures_of(people, selected, side),
        reads_definition=any(
            people.scales[name].tag.defines for box in boxes for name in box
        ),
    )


def _accuracy(
    people: People,
    names: list[str],
    is_in: Mask,
    weights: Floats,
    config: ContrastConfig,
) -> float:
    learns = people.learns
    matrix = people.matrix(names)[learns]
    tree = grow(matrix, is_in[learns], weights[learns], len(names), config)
    return float(tree.score(matrix, is_in[learns], sample_weight=weights[learns]))


def _leaves(
    tree: object, node: int, box: Box, names: list[str]
) -> Iterator[tuple[Box, bool]]:
    """Yield the leaves below a node; one when all of them answer alike."""
    answers = set(_answers(tree, node))
    if len(answers) == 1:
        yield box, answers.pop()
        return
    for child, span in splits(tree, node, box, names):
        name = names[tree.feature[node]]  # type: ignore[attr-defined]
        yield from _leaves(tree, child, {**box, name: span}, names)


def splits(
    tree: object, node: int, box: Box, names: Sequence[str]
) -> list[tuple[int, Span]]:
    """Return both children of a node of sklearn's tree, each with its range."""
    feature, threshold = tree.feature[node], tree.threshold[node]  # type: ignore[attr-defined]
    span = box[names[feature]]
    goes_left = bool(tree.missing_go_to_left[node])  # type: ignore[attr-defined]
    # An infinite threshold sends all who have a value to the left.
    cut = span.high if np.isinf(threshold) else int(np.floor(threshold))
    left = Span(span.low, min(span.high, cut), span.with_missing and goes_left)
    right = Span(max(span.low, cut + 1), span.high, span.with_missing and not goes_left)
    return [
        (int(tree.children_left[node]), left),  # type: ignore[attr-defined]
        (int(tree.children_right[node]), right),  # type: ignore[attr-defined]
    ]


def _answers(tree: object, node: int) -> Iterator[bool]:
    left = int(tree.children_left[node])  # type: ignore[attr-defined]
    if left < 0:
        shares = tree.value[node][0]  # type: ignore[attr-defined]
        yield bool(len(shares) > 1 and shares[1] > shares[0])
        return
    yield from _answers(tree, left)
    yield from _answers(tree, int(tree.children_right[node]))  # type: ignore[attr-defined]
