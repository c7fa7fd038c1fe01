"""Batches -> the body of externalcontact/add_msg_template, and its answer."""

from __future__ import annotations

from typing import Any

from activation.destinations.base import Batch, RowError
from activation.destinations.wecom_message.settings import Settings


def render(batch: Batch, settings: Settings) -> dict[str, Any]:
    """Body of one message; WeCom finds the guides of the contacts by itself."""
    return {
        "chat_type": "single",
        "external_userid": [member.key for member in batch.members],
        "text": {"content": settings.text},
        **({"attachments": settings.attachments} if settings.attachments else {}),
    }


def row_errors(answer: dict[str, Any], batch: Batch) -> tuple[RowError, ...]:
    """Contacts that the answer says no guide can write to."""
    sent = {member.key for member in batch.members}
    return tuple(
        RowError(key, "no_guide", "no guide can write to this contact")
        for key in sorted(sent.intersection(answer.get("fail_list") or []))
    )
