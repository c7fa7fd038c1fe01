"""The Dagster instance of this project: runs of `quanyu run` and of the UI together."""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg

from warehouse.settings import state_dir

# Nothing leaves the machine, and runs wait for each other.
DAGSTER_YAML = """\
telemetry:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1
"""


def dagster_home() -> Path:
    """Create the instance's folder when it is missing, and return it."""
    home = state_dir() / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    config = home / "dagster.yaml"
    if not config.exists() or config.read_text() != DAGSTER_YAML:
        config.write_text(DAGSTER_YAML)
    return home


def instance() -> dg.DagsterInstance:
    """Return the instance that the UI shows."""
    os.environ["DAGSTER_HOME"] = str(dagster_home())
    return dg.DagsterInstance.get()
