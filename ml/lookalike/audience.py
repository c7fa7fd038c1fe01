"""An audience and who resembles it: every ranking, and which of them found more."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ml.lookalike import rankers
from ml.lookalike.config import LookalikeConfig
from ml.lookalike.rankers import ENSEMBLE, PU, SPEND, VOTES, Mask
from ml.lookalike.table import Floats, Ints, People
from ml.lookalike.vectors import Vectors


@dataclass(frozen=True)
class Resemblance:
    """What is known of `those` people: vectors, and whom each seed lists.

    `listed` and `similarity` are rows x top places and cosines of the people `listing`
    (places): those of an audience are enough, whatever the number of all people.
    """

    those: People
    found: Vectors
    listing: Ints
    listed: Ints
    similarity: np.ndarray
    config: LookalikeConfig

    @cached_property
    def design(self) -> Floats:
        """What the trees read."""
        return rankers.design_of(self.those, self.found)

    def votes(self, seeds: Mask) -> tuple[Ints, Floats]:
        """Return votes and summed similarity of everybody; `seeds` list others."""
        rows = np.flatnonzero(seeds[self.listing])
        return rankers.votes(self.listed[rows], self.similarity[rows], len(self.those))

    def rankings(self, seeds: Mask) -> dict[str, Floats]:
        """Return a number per method and person, higher is more alike."""
        voted = rankers.by_votes(*self.votes(seeds))
        trees = rankers.by_trees(self.design, seeds, self.config.ranker)
        return {
            VOTES: voted,
            PU: trees,
            ENSEMBLE: rankers.ensemble(voted, trees),
            SPEND: self.those.spend,
        }

    def sample(self, seeds: Ints, size: int) -> Resemblance:
        """Return the same of the seeds (ids) and at most `size` others."""
        others = np.flatnonzero(~np.isin(self.those.ids, seeds))
        if len(others) <= size:
            return self
        rng = np.random.default_rng(self.config.seed)
        drawn = rng.choice(others, size, replace=False)
        at = np.union1d(drawn, np.flatnonzero(np.isin(self.those.ids, seeds)))
        place = np.full(len(self.those) + 1, -1)
        place[at] = np.arange(len(at))
        # The last entry of `place` is nobody, which a place of -1 asks for.
        return Resemblance(
            self.those.only(at),
            self.found[at],
            place[self.listing],
            place[self.listed],
            self.similarity,
            self.config,
        )
