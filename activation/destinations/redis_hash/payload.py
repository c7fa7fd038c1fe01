"""Members -> texts, as a hash of Redis holds them."""

from __future__ import annotations

import json
from typing import Any

from activation.destinations.base import Batch, Member


def render(batch: Batch, member: Member) -> list[str]:
    """Names and values of one hash in turn: the key, and the others that are known."""
    others = {name: member.fields.get(name) for name in batch.run.columns}
    known = {name: _text(value) for name, value in others.items() if value is not None}
    fields = {batch.run.key: member.key, **known}
    return [text for field in fields.items() for text in field]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
