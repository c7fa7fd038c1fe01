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
    BeforeValidator,
    Field,
    SerializeAsAny,
    ValidationError,
    field_validator,
    model_validator,
)

from activation.destinations.base import Effect
from activation.destinations.settings import (
    DestinationSettings,
    Strict,
    read_settings,
)
from activation.normalisers import NORMALISERS
from warehouse.errors import QuanyuError

SYNCS = Path(__file__).parent / "syncs"
_NAME = r"^[a-z][a-z0-9_]*$"
_SOURCE = re.compile(
    r"customer_id"
    r"|contact\.(?P<kind>phone|email|wechat_openid|wechat_unionid"
    r"|wecom_external_userid|wecom_contact)"
    r"|tags\.(?P<column>[a-z][a-z0-9_]*)"
)
_MUST_BE_NORMALISED = ("phone", "email")
# The same text in another app or corp is another person.
_SCOPED = ("wechat_openid", "wecom_external_userid", "wecom_contact")


class FieldMap(Strict):
    """One field of the payload: where it comes from and how it is written."""

    source: str = Field(alias="from")
    normaliser: str | None = Field(default=None, alias="as")
    scope: str | None = None  # shop code of the app or corp an id belongs to
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
                "contact.wecom_external_userid, contact.wecom_contact, "
                "tags.<column>"
            )
        kind = self.contact_kind
        known = sorted(n for n, v in NORMALISERS.items() if v.kind == kind)
        if kind in _MUST_BE_NORMALISED and self.normaliser not in known:
            raise ValueError(f"as: must be one of {', '.join(known)}")
        if kind not in _MUST_BE_NORMALISED and self.normaliser is not None:
            raise ValueError(f"as: {self.source} is sent as it is, remove `as`")
        if (kind in _SCOPED) != (self.scope is not None):
            raise ValueError(
                f"scope: a {', '.join(_SCOPED)}, and nothing else, needs the shop code "
                "of the app or corp it belongs to"
            )
        return self


class Consent(Strict):
    """The consent without which nobody is sent: to whom, by which way, what for.

    `brand` is who speaks: frequency caps per brand count by it.
    """

    legal_entity: str = Field(min_length=1)
    brand: str = Field(min_length=1)
    purpose: Literal["marketing", "service", "child_data"]
    channel: Literal["sms", "wechat", "phone", "email"]


class Holdout(Strict):
    """People who are never sent, to measure what sending does."""

    percent: float = Field(ge=0, le=100)
    salt: str = Field(min_length=1)


class Guard(Strict):
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


class Alert(Strict):
    """When a sync is ill: the share of rows refused, and hours since it last ended."""

    reject_pct: float = Field(default=1, ge=0, le=100)
    freshness_h: float = Field(default=36, gt=0)


class SyncSpec(Strict):
    """One sync: who (segment), where (destination), what (map), under what rules."""

    name: str = Field(pattern=_NAME)
    description: str = Field(min_length=1)
    owner: str = Field(min_length=1)
    segment: str = Field(pattern=r"^seg_[a-z0-9_]+$")
    destination: Annotated[
        SerializeAsAny[DestinationSettings], BeforeValidator(read_settings)
    ]
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
    def _map_suits_the_channel(self) -> Self:
        objection = self.destination.objection(self.key, self.map)
        if objection:
            raise ValueError(objection)
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
        content = self.model_dump(mode="json", include={"key", "map"})
        # Without defaults, so that a setting new in a release sends nobody again.
        content["destination"] = self.destination.model_dump(
            mode="json", exclude_defaults=True, exclude={*self.destination.tuning}
        )
        # Payloads are compared by this; another way announces a full resend.
        content["hashed"] = "row"
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
        names = self.destination.environment()
        return [name for name in names if not os.environ.get(name)]


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
