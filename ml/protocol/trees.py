"""What every LightGBM model here has in common."""

from __future__ import annotations

from typing import Any


def repeatable(seed: int) -> dict[str, Any]:
    """Return LightGBM's parameters by which the same rows give the same trees.

    One thread, and rows in their order: sums never change theirs.
    """
    return {
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbosity": -1,
    }
