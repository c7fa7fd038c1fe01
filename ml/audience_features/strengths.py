"""How well single tags tell two groups apart."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.audience_features.config import ContrastConfig
from ml.audience_features.rules import People
from ml.audience_features.scales import Floats, Mask, Tag


def gap_of(codes: Floats, is_in: Mask) -> float:
    """Return the largest difference of shares that one cut of a tag makes, 0 to 1.

    It is the statistic of Kolmogorov and Smirnov; missing values stand below all others
    or above all, whichever tells more.
    """
    filled = np.where(np.isnan(codes), -1, codes).astype(np.int64) + 1
    last = int(filled.max(initial=0)) + 1
    shares = np.bincount(filled[is_in], minlength=last) / max(1, int(is_in.sum()))
    shares -= np.bincount(filled[~is_in], minlength=last) / max(1, int((~is_in).sum()))
    below = np.abs(np.cumsum(shares)).max()
    above = np.abs(np.cumsum(shares[1:])).max(initial=0)
    return float(max(below, above))


def strongest(people: People, is_in: Mask, names: list[str], most: int) -> list[str]:
    """Return the tags that tell best who `is_in`, of those learnt from."""
    learns = people.learns
    found = {name: gap_of(people.codes[name][learns], is_in[learns]) for name in names}
    return sorted(names, key=lambda name: (-found[name], name))[:most]


def stand_apart(
    columns: dict[Tag, pd.Series], is_a: Mask, learns: Mask
) -> list[dict[str, object]]:
    """Return for each text of many values how far it tells A from B by itself.

    Whoever has a value that A has more often (of those learnt from) is said to be A;
    `accuracy` is the mean over both sides of the share told rightly, of all others. A
    value not seen before says nothing, and counts half.
    """
    rows: list[dict[str, object]] = []
    for tag, column in columns.items():
        text = column.astype("str").where(column.notna(), "")
        in_a = text[is_a & learns].value_counts(normalize=True)
        in_b = text[~is_a & learns].value_counts(normalize=True)
        more = in_a.sub(in_b, fill_value=0)
        said = np.sign(text[~learns].map(more).fillna(0).to_numpy(dtype=np.float64))
        rightly = np.where(is_a[~learns], said, -said) / 2 + 0.5
        sides = [rightly[is_a[~learns]].mean(), rightly[~is_a[~learns]].mean()]
        rows.append(
            {
                "tag": tag.name,
                "values": int(column.nunique()),
                "accuracy": float(np.mean(sides)),
            }
        )
    return sorted(rows, key=lambda row: -float(str(row["accuracy"])))


def is_long(column: pd.Series, config: ContrastConfig) -> bool:
    """Whether a text has too many values, or too long ones, to stand in a rule."""
    values = column.dropna().unique()
    return len(values) > config.most_values or any(
        len(value) > config.longest for value in values
    )
