"""Devices as ad logs know them."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
import pandas as pd
import pyarrow as pa

from ingestion.sample.dice import Floats, Ints, Texts, texts
from ingestion.sample.world import World

SECOND = 0.3  # of what people with two devices do: on the second


def hashed(devices: np.ndarray) -> pa.Array:
    """Return the SHA-256 of device ids in hexadecimal digits, each made once."""
    number, known = pd.factorize(devices)
    digests = [sha256(device.encode()).hexdigest() for device in known]
    places = pa.array(number, pa.int32())
    return pa.DictionaryArray.from_arrays(places, pa.array(digests, pa.string())).cast(
        pa.string()
    )


def some_device(world: World, person: Ints, draw: Floats) -> Texts:
    """Return one of each person's devices, mostly the first."""
    people = world.people
    first = texts(people["device_id"])[person]
    second = texts(people["second_device_id"])[person]
    return np.where(pd.notna(second) & (draw < SECOND), second, first)
