"""Settings of WeCom tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from activation.destinations.settings import Wants
from activation.destinations.wecom import WecomSettings


class Settings(WecomSettings):
    """One tag for everybody (`tag_id`), or one per value of the field `tag`."""

    wants: ClassVar[Mapping[str, Wants] | None] = {
        "contact": Wants(source="contact.wecom_contact", is_key=True),
        "tag": Wants(is_required=False),
    }

    type: Literal["wecom_tag"]
    effect: Literal["set"] = "set"
    senders: int = Field(default=5, ge=1, le=5)  # more are refused with 45033
    tag_id: str | None = None
    tag_ids: dict[str, str] = Field(default_factory=dict)
    # One pair of guide and contact per call is all that WeCom takes.
    max_rows: int = Field(default=1, ge=1, le=1)

    @model_validator(mode="after")
    def _one_way_to_tag(self) -> Self:
        if bool(self.tag_id) == bool(self.tag_ids):
            raise ValueError("either tag_id or tag_ids says which tags to set")
        return self
