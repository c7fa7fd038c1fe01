"""Where this project is and where it keeps what it writes."""

from __future__ import annotations

import os
from pathlib import Path

TIME_ZONE = "Asia/Shanghai"


def project_root() -> Path:
    """Folder of the checkout: it holds pyproject.toml and dbt_project/."""
    return Path(__file__).resolve().parent.parent


def dbt_project_dir() -> Path:
    """Folder of the dbt project."""
    return project_root() / "dbt_project"


def state_dir() -> Path:
    """Folder of everything this machine writes: `.quanyu`, or QUANYU_HOME when set."""
    home = os.environ.get("QUANYU_HOME", "")
    return Path(home).expanduser().resolve() if home else project_root() / ".quanyu"


def dbt_target_dir() -> Path:
    """Folder of what dbt parsed and ran: beside the project, or in QUANYU_HOME.

    A parse is for one warehouse: two homes side by side would undo each other's.
    """
    own = state_dir() / "dbt_target"
    return own if os.environ.get("QUANYU_HOME") else dbt_project_dir() / "target"


def dbt_manifest_path() -> Path:
    """What dbt last parsed here; set-up's, while nothing was."""
    own = dbt_target_dir() / "manifest.json"
    return own if own.exists() else dbt_project_dir() / "target" / "manifest.json"
