"""What several integration tests need."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from activation.receiver import Receiver, serve
from tests.integration.activation_world import SECRET


@pytest.fixture
def receiver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with serve(secret=SECRET, directory=tmp_path / "receiver") as running:
        monkeypatch.setenv("QUANYU_WEBHOOK_URL", running.url)
        monkeypatch.setenv("QUANYU_WEBHOOK_SECRET", SECRET)
        yield running
