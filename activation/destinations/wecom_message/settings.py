"""Settings of WeCom group messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from activation.destinations.settings import Wants
from activation.destinations.wecom import WecomSettings


class Settings(WecomSettings):
    """What is said: a text, and attachments as WeCom describes them."""

    wants: ClassVar[Mapping[str, Wants] | None] = {
        "contact": Wants(source="contact.wecom_external_userid", is_key=True),
    }

    type: Literal["wecom_message"]
    effect: Literal["message"] = "message"
    text: str = Field(min_length=1, max_length=4_000)
    attachments: tuple[dict[str, Any], ...] = Field(default=(), max_length=9)
    # The limit of 10,000 is second hand [U].
    max_rows: int = Field(default=1_000, ge=1, le=10_000)
