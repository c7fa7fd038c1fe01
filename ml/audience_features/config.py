"""What can be turned in the comparison of two audiences."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ContrastConfig:
    """Settings of both ways."""

    # Tags that one rule may name.
    dimensions: int = 2
    # People of a side without whom there is nothing to learn from and to test on.
    least_people: int = 20
    # Quantiles of each side at which a number may be cut, and digits of such a number.
    cuts: int = 16
    digits: int = 3
    # A text with more values, or longer ones, stands apart: no rule names it.
    most_values: int = 50
    longest: int = 40
    # People and share of them that a value of a text needs to be told from the rest.
    least_of_value: int = 5
    least_share: float = 0.005
    # Strongest tags that the space is made of, and that a rule chooses from.
    strongest: int = 30
    candidates: int = 12
    # Share of the weight (both sides weigh the same) that a box holds at least.
    least_weight: float = 0.03
    trees: int = 100
    tree_depth: int = 6
    # People that the forest learns from, per side.
    forest_people: int = 5_000
    printed_trees: int = 2
    # Neighbours kept together by t-SNE, and people it places.
    perplexity: float = 30
    tsne_people: int = 4_000
    # A tag that tells the sides apart this well alone is suspected to define one.
    suspicious_gap: float = 0.98
    seed: int = 20_171_231
