"""The value matrix: expected orders by expected value of an order, cut by a seed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from ml.cltv.fit import Floats
from ml.errors import InvalidInputError, MissingColumnError

TIERS = ("high", "mid", "low")
MEASURES = ("orders", "order_value")

Cuts = dict[str, dict[str, float]]


def tier_cuts(tiers: pd.DataFrame) -> Cuts:
    """Return {measure: {tier: least value}} of the seed cltv_tiers.

    Raises when a measure lacks high or mid, or they do not fall.
    """
    missing = {"measure", "tier", "min_value"} - set(tiers.columns)
    if missing:
        raise MissingColumnError(f"cltv_tiers lacks {', '.join(sorted(missing))}.")
    cuts: Cuts = {}
    minima = tiers["min_value"].astype(float)
    for measure, tier, least in zip(
        tiers["measure"], tiers["tier"], minima, strict=True
    ):
        cuts.setdefault(str(measure), {})[str(tier)] = least
    for measure in MEASURES:
        found = cuts.get(measure, {})
        if set(found) != {"high", "mid"} or not found["high"] > found["mid"] > 0:
            raise InvalidInputError(
                f"cltv_tiers: {measure} needs high and mid, falling, above 0."
            )
    return cuts


def tier_of(values: Floats, cuts: dict[str, float]) -> npt.NDArray[np.object_]:
    """Return high, mid or low for each value."""
    at = (values < cuts["high"]).astype(int) + (values < cuts["mid"])
    return np.array(TIERS, dtype=object)[at]
