"""Settings of an audience at Ocean Engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from activation.destinations.settings import DestinationSettings, EnvName, Wants


class Settings(DestinationSettings):
    """Advertiser, application and first refresh token, by names of variables.

    The refresh token of the variable is used once; each refresh gives the next.
    """

    wants: ClassVar[Mapping[str, Wants] | None] = {
        "mobile_sha256": Wants(written=("cn_mobile_sha256",), is_key=True),
    }

    type: Literal["ocean_engine"]
    effect: Literal["set"] = "set"
    advertiser_id_env: EnvName
    app_id_env: EnvName
    secret_env: EnvName
    refresh_token_env: EnvName
    url_env: EnvName | None = None
    audience_name: str = Field(min_length=1, max_length=30)
    # A zip may hold 50 MB: about a million hashes.
    max_rows: int = Field(default=500_000, ge=1)
    timeout_s: float = Field(default=30, gt=0)
