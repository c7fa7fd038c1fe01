"""Settings of files on an SFTP server."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from activation.destinations.settings import DestinationSettings, EnvName


class Settings(DestinationSettings):
    """Address (`sftp://user@host:port/folder`), key or password, the server's key.

    `host_key_env` names a variable with the server's public key as in known_hosts
    (`ssh-ed25519 AAAA...`): a server that cannot show it is not spoken to.
    """

    type: Literal["sftp_file"]
    effect: Literal["set"] = "set"
    url_env: EnvName
    host_key_env: EnvName
    private_key_env: EnvName | None = None  # holds the path of the key's file
    password_env: EnvName | None = None
    encoding: Literal["utf-8", "gb18030"] = "utf-8"
    max_rows: int = Field(default=50_000, ge=1)

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if bool(self.private_key_env) == bool(self.password_env):
            raise ValueError("either private_key_env or password_env is needed")
        return self
