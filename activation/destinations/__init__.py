"""One folder per kind of destination (docs/destinations.md says how to add one)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from activation.destinations.base import Destination
from warehouse.errors import QuanyuError

if TYPE_CHECKING:
    from activation.specs import SyncSpec


def open_destination(sync: SyncSpec) -> Destination:
    """Open the destination of a sync; settings come from the environment by name.

    Raises QuanyuError naming sync and variable when one is missing or unusable.
    """
    kind = sync.destination.type
    try:
        client = import_module(f"activation.destinations.{kind}.client")
    except ModuleNotFoundError as error:
        raise QuanyuError(
            f"Sync {sync.name} needs the Python package {error.name}, which is not "
            "installed: pip install 'quanyu[destinations]'."
        ) from error
    destination: Destination = client.connect(sync.name, sync.destination)
    return destination
