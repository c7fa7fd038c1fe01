"""What a card form asks: the columns of the source's demographics, made up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from ingestion.sample.dice import Ints

AGES = ("19-24", "25-34", "35-44", "45-54", "55-64", "65+")
SHARES, OF_PARENTS = (6, 18, 24, 36, 7, 9), (12, 58, 28, 2, 0, 0)
# percents of the source's households
INCOMES = {
    "Under 15K": 8, "15-24K": 9, "25-34K": 10, "35-49K": 21, "50-74K": 24,
    "75-99K": 12, "100-124K": 4, "125-149K": 5, "150-174K": 7,
}  # fmt: skip


def named(names: tuple[str, ...], number: np.ndarray) -> pd.Series:
    """Return names by number as a column of texts."""
    return (
        pa.DictionaryArray.from_arrays(pa.array(number), pa.array(names))
        .cast(pa.string())
        .to_pandas()
    )


def draw_demographics(
    rng: np.random.Generator, share: float, born: np.ndarray
) -> pd.DataFrame:
    """Return what is known of a share of people; parents of babies are younger."""
    known = np.flatnonzero(rng.random(len(born)) < share)
    parent = ~np.isnat(born[known])
    count = len(known)

    def drawn(weights: tuple[int, ...]) -> Ints:
        ladder = np.cumsum(weights) / sum(weights)
        return np.searchsorted(ladder, rng.random(count), side="right")

    age = np.where(parent, drawn(OF_PARENTS), drawn(SHARES))
    adults = 1 + (rng.random(count) < np.where(parent, 0.85, 0.6)).astype("int64")
    older = np.where(rng.random(count) < 0.3, rng.integers(1, 4, count), 0)
    kids = np.where(parent, 1 + rng.binomial(2, 0.3, count), older)
    owner = rng.random(count)
    return pd.DataFrame(
        {
            "household_id": known + 1,
            "age": named(AGES, age),
            "income": named(tuple(INCOMES), drawn(tuple(INCOMES.values()))),
            "home_ownership": named(
                ("Homeowner", "Renter"), (owner > 0.63).astype("int64")
            ).where(owner < 0.71),
            "marital_status": named(("Unmarried", "Married"), adults - 1),
            "household_size": named(
                ("1", "2", "3", "4", "5+"), np.minimum(adults + kids, 5) - 1
            ),
            "household_comp": named(
                (
                    "1 Adult No Kids",
                    "1 Adult Kids",
                    "2 Adults No Kids",
                    "2 Adults Kids",
                ),
                (adults - 1) * 2 + (kids > 0),
            ),
            "kids_count": named(("0", "1", "2", "3+"), kids),
        }
    )
