"""What the settings of all destinations share, and how they are found by their folder.

A folder of this package is a kind of destination: `settings.py` holds its `Settings`,
`client.py` its `connect`. There is no list to add it to.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, ClassVar, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from activation.destinations.base import Effect, Rate
from warehouse.errors import QuanyuError

# Addresses, accounts and secrets are names of variables, never values.
EnvName = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]


class Strict(BaseModel):
    """A key that is not known is an error, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Mapped(Protocol):
    """What is asked of a field of the map."""

    @property
    def source(self) -> str:
        """Where it comes from."""

    @property
    def normaliser(self) -> str | None:
        """How it is written."""


@dataclass(frozen=True)
class Wants:
    """A field that a channel reads from the map of a sync.

    `written`: normalisers of which it must have one; `source`: what it must come from,
    when it is no phone or e-mail.
    """

    written: tuple[str, ...] = ()
    source: str | None = None
    is_key: bool = False
    is_required: bool = True

    def objection(self, name: str, field: Mapped | None, key: str) -> str | None:
        """Say what is wrong with the field of this name."""
        if field is None:
            return f"map.{name}: is needed" if self.is_required else None
        if self.is_key and key != name:
            return f"key: must be {name!r}"
        if self.written and field.normaliser not in self.written:
            return f"map.{name}.as: must be {' or '.join(self.written)}"
        if self.source and field.source != self.source:
            return f"map.{name}.from: must be {self.source}"
        return None


class RateLimit(Strict):
    """Requests a second that the account allows, over all syncs that name it."""

    account: str = Field(min_length=1)
    per_s: float = Field(gt=0)
    burst: int = Field(default=1, ge=1)


class DestinationSettings(Strict):
    """Settings of a destination.

    `effect` says what repeating a send does, `max_rows` the most members of a request,
    `senders` how many requests are made at a time. `wants`: fields the channel reads
    by name; None when it takes whatever the map holds.
    """

    wants: ClassVar[Mapping[str, Wants] | None] = None
    takes_others: ClassVar[bool] = False  # fields beyond those it wants
    # Changing these changes nothing at the other end.
    tuning: ClassVar[tuple[str, ...]] = (
        "max_rows",
        "timeout_s",
        "senders",
        "rate",
        "effect",
    )

    type: str
    effect: Effect = "set"
    senders: int = Field(default=1, ge=1, le=64)
    rate: RateLimit | None = None
    max_rows: int = Field(default=1_000, ge=1)
    timeout_s: float = Field(default=20, gt=0)

    def objection(self, key: str, fields: Mapping[str, Mapped]) -> str | None:
        """Say what is wrong with the map of a sync for this channel, or None."""
        if self.wants is None:
            return None
        unknown = sorted(fields.keys() - self.wants.keys())
        if unknown and not self.takes_others:
            known = ", ".join(self.wants)
            return f"map: {self.type} takes no field {unknown[0]!r}, only {known}"
        for name, wanted in self.wants.items():
            objection = wanted.objection(name, fields.get(name), key)
            if objection:
                return f"{objection} for {self.type}"
        return None

    def allowed(self, default: Rate | None = None) -> Rate | None:
        """How often the account may be asked: what the sync says, or the channel's."""
        given = self.rate
        return Rate(given.account, given.per_s, given.burst) if given else default

    def environment(self) -> list[str]:
        """Names of the variables these settings need."""
        return sorted(
            value
            for key, value in self.model_dump().items()
            if key.endswith("_env") and value
        )


class Environment:
    """Reads the variables that a sync names; says which one is missing."""

    def __init__(self, sync: str) -> None:
        self._sync = sync

    def text(self, name: str) -> str:
        """Value of a variable that must be set."""
        value = os.environ.get(name, "")
        if not value:
            raise QuanyuError(
                f"Sync {self._sync} needs the environment variable {name}, "
                "which is not set."
            )
        return value

    def url(self, name: str | None, default: str = "") -> str:
        """Http address from a variable; `default` when the sync names none."""
        value = self.text(name) if name else default
        if not value.startswith(("http://", "https://")):
            raise QuanyuError(
                f"Sync {self._sync}: {name} is not an http or https address."
            )
        return value.rstrip("/")


def kinds() -> list[str]:
    """All kinds of destination, by the names of their folders."""
    folders = Path(__file__).parent.glob("*/settings.py")
    return sorted(path.parent.name for path in folders)


def read_settings(value: Any) -> DestinationSettings:
    """Settings of the kind that `type` names, checked."""
    if isinstance(value, DestinationSettings):
        return value
    kind = value.get("type") if isinstance(value, dict) else None
    if kind not in kinds():
        raise ValueError(f"type: must be one of {', '.join(kinds())}")
    module = import_module(f"activation.destinations.{kind}.settings")
    try:
        settings: DestinationSettings = module.Settings.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        if first["type"] == "extra_forbidden":
            first["msg"] = "is not a known key"
        key = ".".join(str(part) for part in first["loc"]) or kind
        message = first["msg"].removeprefix("Value error, ")
        raise ValueError(f"{key}: {message}") from error
    return settings
