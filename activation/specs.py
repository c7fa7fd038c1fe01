"""What a sync is: `activation/syncs/<name>.yml`, one file each, checked on reading."""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from activation.destinations.base import Effect
from activation.normalisers import NORMALISERS
from warehouse.errors import QuanyuError

SYNCS = Path(__file__).parent / "syncs"
_NAME = r"^[a-z][a-z0-9_]*$"
_SOURCE = re.compile(
    r"customer_id"
    r"|contact\.(?P<kind>phone|email|wechat_openid|wechat_unionid)"
    r"|tags\.(?P<column>[a-z][a-z0-9_]*)"
)
_MUST_BE_NORMALISED = ("phone", "email")


class _Strict(BaseModel):
    """A key that is not known is an error, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class FieldMap(_Strict):
    """One field of the payload: where it comes from and how it is written."""

    source: str = Field(alias="from")
    normaliser: str | None = Field(default=None, alias="as")
    scope: str | None = None  # of a wechat_openid: the app it belongs to
    optional: bool = False  # a contact point that may be missing

    @property
    def contact_kind(self) -> str | None:
        """Kind of contact point, or None when the field is none."""
        match = _SOURCE.fullmatch(self.source)
        return match["kind"] if match else None

    @property
    def tag_column(self) -> str | None:
        """Column of tags.customer_tags_wide, or None."""
        match = _SOURCE.fullmatch(self.source)
        return match["column"] if match else None

    @property
    def is_raw_contact(self) -> bool:
        """Whether the field holds a phone or e-mail that anybody could use."""
        normaliser = NORMALISERS.get(self.normaliser or "")
        return normaliser is not None and not normaliser.is_hashed

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if not _SOURCE.fullmatch(self.source):
            raise ValueError(
                f"from: {self.source!r} is none of customer_id, contact.phone, "
                "contact.email, contact.wechat_openid, contact.wechat_unionid, "
                "tags.<column>"
            )
        kind = self.contact_kind
        known = sorted(n for n, v in NORMALISERS.items() if v.kind == kind)
        if kind in _MUST_BE_NORMALISED and self.normaliser not in known:
            raise ValueError(f"as: must be one of {', '.join(known)}")
        if kind not in _MUST_BE_NORMALISED and self.normaliser is not None:
            raise ValueError(f"as: {self.source} is sent as it is, remove `as`")
        if (kind == "wechat_openid") != (self.scope is not None):
            raise ValueError(
                "scope: a wechat_openid, and only that, needs the app it belongs to"
            )
        return self


class Consent(_Strict):
    """The consent without which nobody is sent: to whom, by which way, what for.

    `brand` is who speaks: frequency caps per brand count by it.
    """

    legal_entity: str = Field(min_length=1)
    brand: str = Field(min_length=1)
    purpose: Literal["marketing", "service", "child_data"]
    channel: Literal["sms", "wechat", "phone", "email"]


class Holdout(_Strict):
    """People who are never sent, to measure what sending does."""

    percent: float = Field(ge=0, le=100)
    salt: str = Field(min_length=1)


class Guard(_Strict):
    """When a plan stops and asks.

    `min_rows`: the fewest rows the segment may have. `max_remove_pct`: the largest
    share of the members held that one run may remove, once it is more than
    `min_removals` people. `max_add_factor`: the most people added, in times the people
    held. `on_change`: a changed mapping sends everybody again, after approval (block)
    or at once (resend).
    """

    min_rows: int = Field(default=1, ge=0)
    max_remove_pct: float = Field(default=20, ge=0, le=100)
    min_removals: int = Field(default=20, ge=0)
    max_add_factor: float | None = Field(default=None, gt=0)
    on_change: Literal["block", "resend"] = "block"


class Alert(_Strict):
    """When a sync is ill: the share of rows refused, and hours since it last ended."""

    reject_pct: float = Field(default=1, ge=0, le=100)
    freshness_h: float = Field(default=36, gt=0)


class RateLimit(_Strict):
    """Requests a second that the account allows, over all syncs that name it."""

    account: str = Field(min_length=1)
    per_s: float = Field(gt=0)
    burst: int = Field(default=1, ge=1)


class DestinationConfig(_Strict):
    """What all destinations can be told; `effect` says what repeating a send does."""

    effect: Effect = "set"
    senders: int = Field(default=1, ge=1, le=64)
    rate: RateLimit | None = None


class FileDestination(DestinationConfig):
    """CSV parts in a folder; a relative one lies below the state folder (.quanyu)."""

    type: Literal["file"]
    effect: Literal["set"] = "set"
    directory: str = Field(min_length=1)
    max_rows: int = Field(default=50_000, ge=1)


class ClientCredentials(_Strict):
    """Where an access token comes from (RFC 6749 section 4.4); by variables."""

    url_env: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$")
    id_env: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$")
    secret_env: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$")


class WebhookDestination(DestinationConfig):
    """A Standard Webhooks endpoint; address and secret by names of variables."""

    type: Literal["webhook"]
    url_env: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$")
    secret_env: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$")
    max_rows: int = Field(default=1_000, ge=1)
    timeout_s: float = Field(default=20, gt=0)
    token: ClientCredentials | None = None


DestinationSpec = Annotated[
    FileDestination | WebhookDestination, Field(discriminator="type")
]


class SyncSpec(_Strict):
    """One sync: who (segment), where (destination), what (map), under what rules."""

    name: str = Field(pattern=_NAME)
    description: str = Field(min_length=1)
    owner: str = Field(min_length=1)
    segment: str = Field(pattern=r"^seg_[a-z0-9_]+$")
    destination: DestinationSpec
    key: str
    map: dict[str, FieldMap] = Field(min_length=1)
    consent: Consent
    holdout: Holdout | None = None
    guard: Guard = Guard()
    alert: Alert = Alert()
    repeat_after_days: int | None = Field(default=None, ge=1)

    @field_validator("map")
    @classmethod
    def _plain_field_names(cls, value: dict[str, FieldMap]) -> dict[str, FieldMap]:
        for name in value:
            if not re.fullmatch(_NAME, name):
                raise ValueError(f"{name!r} must be lower case letters, digits and _")
        return value

    @model_validator(mode="after")
    def _key_is_safe(self) -> Self:
        field = self.map.get(self.key)
        if field is None:
            raise ValueError(f"key: {self.key!r} is not a field of map")
        if field.is_raw_contact or field.tag_column or field.optional:
            raise ValueError(
                f"key: {self.key!r} must be customer_id or a hashed contact point, "
                "since the ledger keeps it while the destination holds the person"
            )
        return self

    @model_validator(mode="after")
    def _repeats_what_can_be(self) -> Self:
        if self.repeat_after_days and self.effect == "set":
            raise ValueError(
                "repeat_after_days: only a message or a keyed effect happens again; "
                "a set is held"
            )
        return self

    @property
    def effect(self) -> Effect:
        """What repeating a send does at the destination."""
        return self.destination.effect

    @property
    def mapping_hash(self) -> str:
        """Changes when what the destination holds would have to be sent again."""
        content = self.model_dump(mode="json", include={"destination", "key", "map"})
        # How many rows one request carries changes nothing at the other end.
        for tuning in ("max_rows", "timeout_s", "senders", "rate", "effect", "token"):
            content["destination"].pop(tuning, None)
        canonical = json.dumps(content, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def without_tags(self) -> SyncSpec:
        """The same people under the same keys: all that eligibility depends on."""
        kept = {name: item for name, item in self.map.items() if not item.tag_column}
        return self.model_copy(update={"map": kept})

    def stored(self) -> dict[str, Any]:
        """Plain values, as the ledger keeps them with each run; holds no secret."""
        return self.model_dump(mode="json", by_alias=True)

    def missing_environment(self) -> list[str]:
        """Variables this sync needs that are not set, in order of their names."""
        names = _environment_names(self.destination.model_dump())
        return sorted(name for name in names if not os.environ.get(name))


def _environment_names(config: dict[str, Any]) -> list[str]:
    """Values of all keys that end in _env, however deep."""
    names = [value for key, value in config.items() if key.endswith("_env") and value]
    for value in config.values():
        if isinstance(value, dict):
            names += _environment_names(value)
    return names


def load_syncs(directory: Path = SYNCS) -> list[SyncSpec]:
    """Read every sync, in order of name. Raises QuanyuError naming file and key."""
    return [read_sync(path) for path in sorted(directory.glob("*.yml"))]


def load_sync(name: str, directory: Path = SYNCS) -> SyncSpec:
    """Read one sync by name."""
    path = directory / f"{name}.yml"
    if not path.is_file():
        known = ", ".join(sorted(other.stem for other in directory.glob("*.yml")))
        raise QuanyuError(f"There is no sync {name!r}; there are: {known}.")
    return read_sync(path)


def read_sync(path: Path) -> SyncSpec:
    """Read one file; the sync is called as the file is."""
    shown = f"{path.parent.parent.name}/{path.parent.name}/{path.name}"
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise QuanyuError(
            f"{shown} is not YAML: {' '.join(str(error).split())}."
        ) from (error)
    if not isinstance(content, dict):
        raise QuanyuError(f"{shown} must hold keys such as segment and destination.")
    try:
        return SyncSpec.model_validate({"name": path.stem, **content})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "the sync"
        message = first["msg"].removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            message = "is not a known key"
        raise QuanyuError(f"{shown}: {key}: {message}.") from error
