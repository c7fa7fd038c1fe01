"""Random draws that do not disturb each other.

Every topic has a stream of its own, so that switching noise on or off, or cutting
another range of days, leaves the rest of the world as it was.
"""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

DAY = np.timedelta64(86_400, "s")
Times = NDArray[np.datetime64]
Spans = NDArray[np.timedelta64]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Texts = NDArray[np.object_]


class Dice:
    """A seed from which each topic draws its own stream."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def stream(self, topic: str) -> np.random.Generator:
        """Return a fresh generator: the same topic always gives the same draws."""
        return np.random.default_rng([self.seed, zlib.crc32(topic.encode())])


def pick_some(uniform: Floats, rate: float, *, least: int = 0) -> Mask:
    """Mark where `uniform` < rate; at least `least` rows as long as rate > 0."""
    chosen = uniform < rate
    if rate > 0 and chosen.sum() < least:
        chosen = np.zeros(len(uniform), dtype=bool)
        chosen[np.argsort(uniform, kind="stable")[:least]] = True
    return chosen


def seconds(low: float, high: float, uniform: Floats) -> Spans:
    """Turn uniform draws into whole-second time deltas between low and high hours."""
    hours = low + (high - low) * uniform
    return (hours * 3600).astype("int64").astype("timedelta64[s]")


def tokens(rng: np.random.Generator, count: int, prefix: str) -> Texts:
    """Draw opaque vendor ids: prefix and 20 hexadecimal digits."""
    digits = np.frombuffer(rng.bytes(10 * count).hex().encode("ascii"), dtype="S20")
    return texts(prefix + digits.astype("U20").astype(object))


def texts(values: object) -> Texts:
    """Return an object array of Python strings (None where missing)."""
    return np.asarray(values, dtype=object)


def only(mask: object, values: object) -> Texts:
    """Keep the texts where `mask` holds; None elsewhere."""
    kept = texts(values).copy()
    kept[~np.asarray(mask, dtype=bool)] = None
    return kept
