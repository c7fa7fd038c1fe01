"""Settings of an audience at Tencent Ads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field, field_validator

from activation.destinations.settings import (
    DestinationSettings,
    EnvName,
    Mapped,
    Wants,
)

_WRITTEN = {
    "HASH_MOBILE_PHONE": "cn_mobile_md5",
    "SHA256_MOBILE_PHONE": "cn_mobile_sha256",
}


class Settings(DestinationSettings):
    """Advertising account and application, by names of variables.

    The refresh token of the variable is used once; each refresh gives the next.
    """

    wants: ClassVar[Mapping[str, Wants] | None] = {
        "mobile": Wants(written=tuple(_WRITTEN.values()), is_key=True),
    }

    type: Literal["tencent_ads"]
    effect: Literal["set"] = "set"
    account_id_env: EnvName
    client_id_env: EnvName
    secret_env: EnvName
    refresh_token_env: EnvName
    url_env: EnvName | None = None
    audience_name: str = Field(min_length=1)
    user_id_type: Literal["HASH_MOBILE_PHONE", "SHA256_MOBILE_PHONE"]
    # A zip may hold 100 MB, and files a day are limited: few large ones.
    max_rows: int = Field(default=1_000_000, ge=1)
    timeout_s: float = Field(default=60, gt=0)

    @field_validator("audience_name")
    @classmethod
    def _short_enough(cls, value: str) -> str:
        if len(value.encode()) > 32:
            raise ValueError("may have 32 bytes, which are ten Chinese characters")
        return value

    def objection(self, key: str, fields: Mapping[str, Mapped]) -> str | None:
        """Say what is wrong with the map, also when it hashes the other way."""
        found = super().objection(key, fields)
        wanted = _WRITTEN[self.user_id_type]
        if found is None and fields["mobile"].normaliser != wanted:
            return f"map.mobile.as: must be {wanted} for {self.user_id_type}"
        return found
