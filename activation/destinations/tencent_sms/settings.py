"""Settings of text messages by Tencent Cloud."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from activation.destinations.settings import (
    DestinationSettings,
    EnvName,
    Mapped,
    Wants,
)


class Settings(DestinationSettings):
    """Signature and template as approved; `template_params` fill it, in order.

    A phone is sent once, whoever it belongs to: its hash is the key. The variables of a
    request are the same for all its numbers: with any, a request has one number.
    """

    wants: ClassVar[Mapping[str, Wants] | None] = {
        "mobile_sha256": Wants(written=("cn_mobile_sha256",), is_key=True),
        "mobile": Wants(written=("e164",)),
    }
    takes_others: ClassVar[bool] = True

    type: Literal["tencent_sms"]
    effect: Literal["message"] = "message"
    secret_id_env: EnvName
    secret_key_env: EnvName
    url_env: EnvName | None = None
    region: str = "ap-guangzhou"
    app_id: str = Field(pattern=r"^\d+$")
    sign_name: str = Field(min_length=1)
    template_id: str = Field(min_length=1)
    template_params: tuple[str, ...] = ()
    max_rows: int = Field(default=1, ge=1, le=200)

    @model_validator(mode="after")
    def _one_number_with_variables(self) -> Self:
        if self.template_params and self.max_rows > 1:
            raise ValueError("max_rows must be 1 with template_params")
        return self

    def objection(self, key: str, fields: Mapping[str, Mapped]) -> str | None:
        """Say what is wrong with the map, also when a variable is no field."""
        unknown = [name for name in self.template_params if name not in fields]
        if unknown:
            return f"template_params: {unknown[0]!r} is not a field of map"
        return super().objection(key, fields)
