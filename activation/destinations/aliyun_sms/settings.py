"""Settings of text messages by Aliyun."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field

from activation.destinations.settings import DestinationSettings, EnvName, Wants


class Settings(DestinationSettings):
    """Signature and template as approved; fields of the map fill its variables.

    A phone is sent once, whoever it belongs to: its hash is the key.
    """

    wants: ClassVar[Mapping[str, Wants] | None] = {
        "mobile_sha256": Wants(written=("cn_mobile_sha256",), is_key=True),
        "mobile": Wants(written=("cn_mobile",)),
    }
    takes_others: ClassVar[bool] = True

    type: Literal["aliyun_sms"]
    effect: Literal["message"] = "message"
    access_key_id_env: EnvName
    access_key_secret_env: EnvName
    url_env: EnvName | None = None
    sign_name: str = Field(min_length=1)
    template_code: str = Field(min_length=1)
    max_rows: int = Field(default=100, ge=1, le=100)
