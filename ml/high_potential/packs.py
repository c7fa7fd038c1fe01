"""Packs: ranges of the score that hold growing shares of everybody."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ml.errors import InvalidInputError, MissingColumnError
from ml.supervised.spec import Floats

_PACK = re.compile(r"p([1-9]|10)")


def shares(packs: pd.DataFrame) -> dict[str, float]:
    """Return {pack: share of people at or above its lowest score}, best pack first.

    Raises when the seed lacks a column, or shares do not grow with the packs up to 1.
    """
    missing = {"pack", "top_share"} - set(packs.columns)
    if missing:
        raise MissingColumnError(
            f"high_potential_packs lacks {', '.join(sorted(missing))}."
        )
    ordered = sorted(
        zip(map(str, packs["pack"]), packs["top_share"].astype(float), strict=True),
        key=lambda one: one[1],
    )
    wanted = [f"p{number}" for number in range(1, len(ordered) + 1)]
    found = [share for _, share in ordered]
    if (
        [pack for pack, _ in ordered] != wanted
        or not all(map(_PACK.fullmatch, wanted))
        or len(set(found)) != len(found)
        or not found
        or not (found[0] > 0 and found[-1] == 1)
    ):
        raise InvalidInputError(
            "high_potential_packs needs p1, p2 ... with shares that grow up to 1."
        )
    return dict(ordered)


def pack_of(scores: Floats, wanted: dict[str, float]) -> npt.NDArray[Any]:
    """Return the pack of each score; the same score is always in the same pack."""
    falling = np.sort(scores)[::-1]
    found = np.full(len(scores), next(reversed(wanted)), dtype=object)
    # From the last pack to the first, so that the best one stays.
    for pack, share in reversed(wanted.items()):
        size = max(1, round(share * len(scores)))
        found[scores >= falling[size - 1]] = pack
    return found


def pack_rows(said: pd.DataFrame, wanted: dict[str, float]) -> list[dict[str, Any]]:
    """Return size, score range, said and seen rate of each pack.

    `said` has score, label, has_bought and base_date: each origin is packed by itself,
    as it is in life.
    """
    packed = said.assign(
        pack=said.groupby("base_date")["score"].transform(
            lambda scores: pack_of(scores.to_numpy(), wanted)
        )
    )
    everyone = max(float(said["label"].sum()), 1.0)
    rows = []
    for pack in wanted:
        inside = packed[packed["pack"] == pack]
        if inside.empty:
            continue
        rows.append(
            {
                "pack": pack,
                "rows": len(inside),
                "from_score": float(inside["score"].min()),
                "to_score": float(inside["score"].max()),
                "predicted_rate": float(inside["score"].mean()),
                "observed_rate": float(inside["label"].mean()),
                "captured": float(inside["label"].sum() / everyone),
                "never_bought": int((~inside["has_bought"]).sum()),
            }
        )
    return rows
