"""Settings of a webhook."""

from __future__ import annotations

from typing import Literal

from activation.destinations.settings import DestinationSettings, EnvName


class Settings(DestinationSettings):
    """A Standard Webhooks endpoint; address and secret by names of variables."""

    type: Literal["webhook"]
    url_env: EnvName
    secret_env: EnvName
