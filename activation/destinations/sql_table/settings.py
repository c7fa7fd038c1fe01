"""Settings of a table in another database."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from activation.destinations.settings import DestinationSettings, EnvName


class Settings(DestinationSettings):
    """Address (`postgresql://...`, `mysql://user:password@host:port/name`) and table.

    A table that is not there is made, all columns text; one that is there needs the
    fields of the map as columns and the key as its primary key.
    """

    type: Literal["sql_table"]
    effect: Literal["set"] = "set"
    url_env: EnvName
    table: str = Field(pattern=r"^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$")
