"""The embedded server (launcher follows)."""

from __future__ import annotations

from warehouse.errors import QuanyuError


def running_url() -> str:
    """Address of this project's running server."""
    raise QuanyuError("The warehouse is not running: run `quanyu up` first.")
