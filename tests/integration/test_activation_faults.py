"""The fault campaign: a few runs of it here, hundreds by `make faults RUNS=500`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from activation.receiver import serve
from tests.integration.activation_world import SECRET
from tests.integration.fault_campaign import Campaign

RUNS = int(os.environ.get("RUNS") or 12)
FIRST_SEED = int(os.environ.get("SEED") or 1)


def test_nothing_is_lost_or_done_twice(
    module_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve(secret=SECRET, directory=tmp_path) as receiver:
        environment = {
            "QUANYU_HOME": os.environ["QUANYU_HOME"],
            "QUANYU_DATABASE_URL": module_database,
            "QUANYU_WEBHOOK_URL": receiver.url,
            "QUANYU_WEBHOOK_SECRET": SECRET,
            "QUANYU_TOKEN_URL": receiver.url.replace("/webhook", "/token"),
            "QUANYU_TOKEN_ID": "quanyu",
            "QUANYU_TOKEN_SECRET": "secret",
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        campaign = Campaign(module_database, receiver, environment)
        for seed in range(FIRST_SEED, FIRST_SEED + RUNS):
            campaign.run(seed)
    counts = campaign.counts
    figures = json.dumps(counts.figures())
    sys.stdout.write(f"{figures}\n")  # shown by -s, and when it fails
    if os.environ.get("FAULTS_FILE"):
        Path(os.environ["FAULTS_FILE"]).write_text(figures)
    assert counts.kills > 0
    assert counts.lost == 0
    assert counts.keyed_duplicates == 0
    assert counts.message_duplicates == 0
    assert counts.mismatched_members == 0
