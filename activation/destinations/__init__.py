"""One folder per kind of destination, and the one place that knows them all."""

from __future__ import annotations

from pathlib import Path

from activation.destinations.base import Destination
from activation.destinations.file.client import FileClient
from activation.destinations.webhook.client import WebhookClient
from activation.specs import FileDestination, SyncSpec, WebhookDestination
from warehouse.settings import state_dir


def open_destination(sync: SyncSpec) -> Destination:
    """Open the destination of a sync; settings come from the environment by name.

    Raises QuanyuError naming sync and variable when one is missing or unusable.
    """
    match sync.destination:
        case FileDestination() as config:
            directory = state_dir() / Path(config.directory).expanduser() / sync.name
            return FileClient(directory)
        case WebhookDestination() as config:
            return WebhookClient.from_environment(sync.name, config)
