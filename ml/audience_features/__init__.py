"""What sets audience A apart from B: a few tags, a range of each, and how sure that is.

Two frames of tags in; rules as SQL predicates, tables and pictures out. Half of each
side is learnt from, every figure is of the other (docs/models/audience_features.md).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from ml.audience_features.config import ContrastConfig
from ml.audience_features.forest import ForestWay, way_of_forest
from ml.audience_features.rules import LEAST_GAP, Figures, People, Rule, figures_of
from ml.audience_features.scales import Floats, Mask, Tag, fit_scale
from ml.audience_features.space import Kind, SpaceWay, way_of_space
from ml.audience_features.strengths import gap_of, is_long, stand_apart, strongest
from ml.errors import (
    EmptyInputError,
    InvalidInputError,
    MissingColumnError,
    NotEnoughPeopleError,
    SingleClassError,
)

__all__ = [
    "Contrast",
    "ContrastConfig",
    "Figures",
    "Rule",
    "Scored",
    "Tag",
    "contrast",
    "figures_of",
]

Way = Literal["space", "forest", "both"]


@dataclass(frozen=True)
class Scored:
    """How well the scores of a way order the people that nothing was learnt from.

    `auc` is the share of pairs of one of A and one of B in which A's score is higher.
    """

    way: str
    auc: float
    mean_a: float
    mean_b: float


@dataclass(frozen=True)
class Contrast:
    """The answer; `rules` are of both ways, for A and for B, the widest gap first.

    `people`: rows of A, then of B, as given. `gaps`: by tag the widest gap that one cut
    of it makes. `apart`: texts of many values, each by itself. `left_out`: tags by the
    reason they are not part of it.
    """

    people: People
    rules: list[Rule]
    scored: list[Scored]
    space: SpaceWay | None
    forest: ForestWay | None
    gaps: dict[str, float]
    apart: list[dict[str, object]]
    left_out: dict[str, list[str]]
    notes: list[str] = field(default_factory=list)

    def best(self, among: Collection[str] | None = None) -> Rule | None:
        """Return the shortest rule for A among those whose gap is about the widest.

        About is 0.02 less, on those learnt from. With `among` it names no other tags.
        """
        own = [
            rule
            for rule in self.rules
            if rule.side == "A" and (among is None or set(rule.tags) <= set(among))
        ]
        widest = max((rule.learnt_gap for rule in own), default=0)
        near = [rule for rule in own if rule.learnt_gap >= widest - LEAST_GAP]
        return min(near, key=lambda one: (one.clauses, -one.learnt_gap), default=None)

    def figures(self, selected: Mask, side: str = "A") -> Figures:
        """Return how any other selection of `people` does, on the same tested half."""
        return figures_of(self.people, selected, side)


def contrast(
    a: pd.DataFrame,
    b: pd.DataFrame,
    tags: Sequence[Tag],
    *,
    way: Way = "both",
    space: Kind = "pca",
    sizes: tuple[int, int] | None = None,
    config: ContrastConfig | None = None,
) -> Contrast:
    """Return what sets the people of `a` apart from those of `b`.

    Both frames have a column per tag, in the form `Tag` says, and nobody in common.
    `sizes` are the people of both before they were sampled; precision and lift are as
    of these. The same frames give the same answer. Raises ModelError subclasses by
    name: nobody on a side, too few, all tags empty or the same for everybody.
    """
    config = config or ContrastConfig()
    if not 1 <= config.dimensions <= 3:
        raise InvalidInputError(
            f"Rules have 1 to 3 dimensions, not {config.dimensions}."
        )
    _check(a, b, tags, config)
    is_a = np.repeat([True, False], [len(a), len(b)])
    learns = _halves(is_a, config.seed)
    people = People({}, {}, is_a, learns, sizes or (len(a), len(b)))
    long_texts: dict[Tag, pd.Series] = {}
    left_out: dict[str, list[str]] = {"empty": [], "the same for all": [], "long": []}
    for tag in tags:
        column = pd.concat([a[tag.name], b[tag.name]], ignore_index=True)
        if column.isna().all():
            left_out["empty"].append(tag.name)
        elif tag.kind == "text" and is_long(column, config):
            left_out["long"].append(tag.name)
            long_texts[tag] = column
        else:
            scale = fit_scale(tag, column, is_a, learns, config)
            codes = scale.codes(column)
            if len(np.unique(codes[learns])) == 1:
                left_out["the same for all"].append(tag.name)
                continue
            people.scales[tag.name] = scale
            people.codes[tag.name] = codes
    if not people.scales:
        raise InvalidInputError(
            f"Of {len(tags)} tags none can tell A from B: "
            + ", ".join(f"{len(names)} {why}" for why, names in left_out.items())
            + "."
        )
    names = strongest(people, is_a, list(people.scales), len(people.scales))
    gaps = {name: gap_of(people.codes[name][learns], is_a[learns]) for name in names}
    in_space = in_forest = None
    rules: list[Rule] = []
    scored: list[Scored] = []
    if way in ("space", "both"):
        in_space = way_of_space(people, names[: config.strongest], space, config)
        rules += in_space.rules
        scored.append(_scored("space", in_space.space.people, in_space.scores))
    if way in ("forest", "both"):
        in_forest = way_of_forest(people, config)
        rules += in_forest.rules
        scored.append(_scored("forest", people, in_forest.scores))
    return Contrast(
        people=people,
        rules=sorted(_once(rules), key=lambda rule: (rule.side, -rule.learnt_gap)),
        scored=scored,
        space=in_space,
        forest=in_forest,
        gaps=gaps,
        apart=stand_apart(long_texts, is_a, learns),
        left_out={why: names for why, names in left_out.items() if names},
        notes=_notes(people, gaps, config),
    )


def _check(
    a: pd.DataFrame, b: pd.DataFrame, tags: Sequence[Tag], config: ContrastConfig
) -> None:
    if not len(a) and not len(b):
        raise EmptyInputError("Nobody is in A, and nobody in B.")
    for side, frame in (("A", a), ("B", b)):
        if not len(frame):
            raise SingleClassError(
                f"Nobody is in {side}: there is nothing to tell apart."
            )
        if len(frame) < config.least_people:
            raise NotEnoughPeopleError(
                f"{side} has {len(frame)} people; {config.least_people} are the least: "
                "half to learn from, half to test on."
            )
        missing = [tag.name for tag in tags if tag.name not in frame]
        if missing:
            raise MissingColumnError(f"{side} lacks {', '.join(missing)}.")
    if not tags:
        raise InvalidInputError("There is no tag to tell A from B by.")


def _halves(is_a: Mask, seed: int) -> Mask:
    """Return who is learnt from: half of each side, drawn by the seed."""
    random = np.random.default_rng(seed)
    learns = np.zeros(len(is_a), dtype=bool)
    for side in (is_a, ~is_a):
        rows = random.permutation(np.flatnonzero(side))
        learns[rows[: (len(rows) + 1) // 2]] = True
    return learns


def _once(rules: list[Rule]) -> list[Rule]:
    """Return rules without those that another way says in the same words."""
    found: dict[tuple[str, str], Rule] = {}
    for rule in rules:
        found.setdefault((rule.side, rule.sql), rule)
    return list(found.values())


def _scored(way: str, people: People, scores: Floats) -> Scored:
    tested = ~people.learns
    is_a, said = people.is_a[tested], scores[tested]
    auc = float(roc_auc_score(is_a, said))
    return Scored(way, auc, float(said[is_a].mean()), float(said[~is_a].mean()))


def _notes(people: People, gaps: dict[str, float], config: ContrastConfig) -> list[str]:
    notes = []
    defining = [name for name in gaps if people.scales[name].tag.defines]
    if defining:
        notes.append(
            "The definition of A or B reads " + ", ".join(defining) + ": that these "
            "tell them apart is no news."
        )
    alone = [
        name
        for name, gap in gaps.items()
        if gap >= config.suspicious_gap and name not in defining
    ]
    if alone:
        notes.append(
            "One cut of " + ", ".join(alone) + " tells nearly all of A from B: is it "
            "what A was chosen by, or what it leads to?"
        )
    return notes
