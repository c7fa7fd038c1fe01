from __future__ import annotations

from typing import Any

import pytest

from activation.masking import mask, redact


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("13812345678", "138****5678"),
        ("+8613812345678", "+86138****5678"),
        ("lina@example.com", "l***@example.com"),
        ("@", "***@"),
        ("9f86d081884c7d659a2feaa0c55ad015", "9f86…"),
        ("12345", "****"),
        ("", "****"),
        (None, None),
    ],
)
def test_mask(value: Any, shown: Any) -> None:
    assert mask(value) == shown


@pytest.mark.parametrize(
    ("message", "kept"),
    [
        ("phone +8613812345678 is bad", "phone +<number> is bad"),
        ('no user "li.na@example.com"', 'no user "<e-mail>"'),
        ("error 40003", "error 40003"),
    ],
)
def test_redact(message: str, kept: str) -> None:
    assert redact(message) == kept


def test_redact_keeps_messages_short() -> None:
    assert len(redact("a " * 5000)) == 500
