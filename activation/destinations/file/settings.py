"""Settings of files in a folder."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from activation.destinations.settings import DestinationSettings


class Settings(DestinationSettings):
    """CSV parts in a folder; a relative one lies below the state folder (.quanyu)."""

    type: Literal["file"]
    effect: Literal["set"] = "set"
    directory: str = Field(min_length=1)
    encoding: Literal["utf-8", "gb18030"] = "utf-8"
    max_rows: int = Field(default=50_000, ge=1)
