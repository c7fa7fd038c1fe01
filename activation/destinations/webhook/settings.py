"""Settings of a webhook."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import model_validator

from activation.destinations.settings import DestinationSettings, EnvName


class Settings(DestinationSettings):
    """A Standard Webhooks endpoint; address and secret by names of variables.

    With the three of the token it also asks for an access token by client credentials
    (RFC 6749 section 4.4) and sends it as a bearer.
    """

    tuning: ClassVar[tuple[str, ...]] = (
        *DestinationSettings.tuning,
        "token_url_env",
        "client_id_env",
        "client_secret_env",
    )

    type: Literal["webhook"]
    url_env: EnvName
    secret_env: EnvName
    token_url_env: EnvName | None = None
    client_id_env: EnvName | None = None
    client_secret_env: EnvName | None = None

    @model_validator(mode="after")
    def _token_is_whole(self) -> Self:
        given = [self.token_url_env, self.client_id_env, self.client_secret_env]
        if any(given) and not all(given):
            raise ValueError(
                "token_url_env, client_id_env and client_secret_env: all three, or none"
            )
        return self
