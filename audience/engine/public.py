"""An ad platform's people beside ours: shares it publishes, never its users (公域).

A file of tag,value,share: tag and value are ours (profile_age_band, 25_29), share is
the share of the platform's audience among those it knows the value of, from 0 to 1.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pandas as pd

from audience.engine.engine import Engine
from audience.engine.profile import (
    FALSE_DISCOVERIES,
    LEAST_EXPECTED,
    NO_VALUE,
    breakdown,
    corrected,
    p_value,
)
from warehouse.errors import QuanyuError

COLUMNS = ["tag", "value", "share"]
_ROUNDING = 0.005


def compare_public(engine: Engine, audience: str, file: Path) -> pd.DataFrame:
    """Return an audience beside a platform's published shares, among known values.

    One row per tag and value of the file: tag, value, share, public_share, public_tgi,
    public_q. The platform's shares are taken as true, so the test is of one proportion.
    """
    published = read_public(file, engine)
    rows = []
    for tag, shares in published.items():
        found = breakdown(engine, audience, tag)
        known = found[found["value"] != NO_VALUE].set_index("value")["people"]
        rows += [
            (tag, value, int(known.get(value, 0)), int(known.sum()), share)
            for value, share in shares.items()
        ]
    frame = pd.DataFrame(rows, columns=["tag", "value", "people", "known", "public"])
    return _tested(frame)


def read_public(file: Path, engine: Engine) -> dict[str, dict[str, float]]:
    """Return published shares by tag and value; QuanyuError names file and line."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise QuanyuError(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise QuanyuError(f"{file} is not UTF-8: {error}.") from error
    reader = csv.DictReader(io.StringIO(text))
    if reader.fieldnames != COLUMNS:
        raise QuanyuError(f"{file}: the first line is {','.join(COLUMNS)}.")
    found: dict[str, dict[str, float]] = {}
    for row in reader:
        place = f"{file} line {reader.line_num}"
        tag, value = row["tag"], row["value"]
        labels = engine.copy.about["bins"].get(tag, {}).get("labels")
        if labels is None or engine.vocabulary.kinds[tag].name not in (
            "text",
            "boolean",
        ):
            raise QuanyuError(f"{place}: {tag} is no tag with values to be named.")
        if value not in labels:
            raise QuanyuError(
                f"{place}: {tag} is never {value}, only {', '.join(labels)}."
            )
        if value in found.setdefault(tag, {}):
            raise QuanyuError(f"{place}: {tag} {value} is there twice.")
        found[tag][value] = _share(row["share"], place)
        if sum(found[tag].values()) > 1 + _ROUNDING:
            raise QuanyuError(f"{place}: the shares of {tag} add up to more than 1.")
    if not found:
        raise QuanyuError(f"{file} has no shares.")
    return found


def _share(text: str | None, place: str) -> float:
    try:
        share = float(text or "")
    except ValueError:
        share = np.nan
    if not 0 <= share <= 1:
        raise QuanyuError(f"{place}: share {text!r} is no number from 0 to 1.")
    return share


def _tested(frame: pd.DataFrame) -> pd.DataFrame:
    size, public = frame["known"].to_numpy(float), frame["public"].to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = frame["people"].to_numpy() / size
        z = (share - public) / np.sqrt(public * (1 - public) / size)
        z[size * np.minimum(public, 1 - public) < LEAST_EXPECTED] = np.nan
        tgi = np.where(public > 0, 100 * share / public, np.nan)
    q = corrected(p_value(z))
    return frame[["tag", "value"]].assign(
        share=share,
        public_share=public,
        public_tgi=tgi,
        public_q=q,
        is_significant=q <= FALSE_DISCOVERIES,
    )
