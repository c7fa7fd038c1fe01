"""What people may see of a contact point: enough to recognise it, too little to use."""

from __future__ import annotations

import re
from typing import Any

_EMAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+")
_DIGITS = re.compile(r"\d{7,}")
_HASH = re.compile(r"[0-9a-f]{32,}")


def mask(value: Any) -> Any:
    """Mask a contact point for a preview: `138****8000`, `l***@example.com`, `9f86…`.

    Anything that is not text, or too short to say who it is, is hidden altogether.
    """
    if value is None:
        return None
    text = str(value)
    if _HASH.fullmatch(text):
        return f"{text[:4]}…"
    name, at, domain = text.partition("@")
    if at:
        return f"{name[:1]}***@{domain}"
    if len(text) >= 11:
        return f"{text[:-8]}****{text[-4:]}"
    return "****"


def redact(message: str) -> str:
    """Take e-mails and long numbers out of a text that a destination wrote.

    Error messages end up in the ledger and in logs, where no contact point may be.
    """
    hidden = _EMAIL.sub("<e-mail>", message)
    return _DIGITS.sub("<number>", hidden)[:500]
