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
