"""Devices as ad logs know them."""

from __future__ import annotations

from hashlib import sha256

import pandas as pd

from ingestion.sample.dice import Texts, only, texts
from ingestion.sample.world import World


def hashed(devices: Texts | pd.Series) -> Texts:
    """Return the SHA-256 of device ids in hexadecimal digits, None for none."""
    given = texts(devices)
    none = pd.isna(given)
    found = texts([sha256(str(device).encode()).hexdigest() for device in given])
    return only(~none, found)


def device_hashes(world: World) -> tuple[Texts, Texts]:
    """Return the hashes of each person's first and second device, None for none."""
    people = world.people
    return hashed(people["device_id"]), hashed(people["second_device_id"])
