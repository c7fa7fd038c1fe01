"""The Dagster instance of this project: runs of `quanyu run` and of the UI together."""

from __future__ import annotations

import json
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
event_log_storage:
  module: orchestration.event_log
  class: KeptConnectionEventLog
  config:
    base_dir: {base_dir}
"""


def dagster_home() -> Path:
    """Create the instance's folder when it is missing, and return it."""
    home = state_dir() / "dagster"
    home.mkdir(parents=True, exist_ok=True)
    config = home / "dagster.yaml"
    # Where Dagster's own storage keeps them, so that runs of before are still shown.
    text = DAGSTER_YAML.format(base_dir=json.dumps(str(home / "history" / "runs")))
    if not config.exists() or config.read_text() != text:
        config.write_text(text)
    return home


def instance() -> dg.DagsterInstance:
    """Return the instance that the UI shows."""
    os.environ["DAGSTER_HOME"] = str(dagster_home())
    return dg.DagsterInstance.get()
