from __future__ import annotations

import yaml

from activation.exposures import exposures_file, render
from activation.specs import load_syncs


def test_committed_exposures_are_what_the_syncs_say() -> None:
    committed = exposures_file().read_text(encoding="utf-8")
    assert committed == render(load_syncs()), "run `python -m activation.exposures`"


def test_each_sync_depends_on_its_segment() -> None:
    syncs = load_syncs()
    exposures = yaml.safe_load(render(syncs))["exposures"]
    assert [item["name"] for item in exposures] == [f"sync_{s.name}" for s in syncs]
    for sync, item in zip(syncs, exposures, strict=True):
        assert f"ref('{sync.segment}')" in item["depends_on"]
