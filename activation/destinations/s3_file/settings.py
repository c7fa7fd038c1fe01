"""Settings of files in a bucket."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from activation.destinations.settings import DestinationSettings, EnvName


class Settings(DestinationSettings):
    """Bucket and keys; `url_env` names the address of what is not Amazon's."""

    type: Literal["s3_file"]
    effect: Literal["set"] = "set"
    bucket: str = Field(min_length=3, max_length=63)
    prefix: str = Field(default="quanyu", pattern=r"^[\w.-]+(/[\w.-]+)*$")
    region: str = "cn-north-1"
    url_env: EnvName | None = None
    access_key_id_env: EnvName
    access_key_secret_env: EnvName
    encoding: Literal["utf-8", "gb18030"] = "utf-8"
    max_rows: int = Field(default=50_000, ge=1)
