"""Settings of hashes in Redis."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from activation.destinations.settings import DestinationSettings, EnvName


class Settings(DestinationSettings):
    """Address (`redis://user:password@host:port/0`, rediss:// for TLS) and prefix.

    A member lies at `<prefix>:<key>`; all keys of it are in the set `<prefix>`.
    """

    type: Literal["redis_hash"]
    effect: Literal["set"] = "set"
    url_env: EnvName
    prefix: str = Field(pattern=r"^[A-Za-z0-9_:.-]+$")
