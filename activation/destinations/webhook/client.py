"""Posts signed batches over one connection."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from activation.destinations.base import Batch, Destination, RetryableError, SendResult
from activation.destinations.settings import Environment
from activation.destinations.webhook.payload import (
    message_id,
    read_answer,
    render_body,
    sign,
)
from activation.destinations.webhook.settings import Settings
from warehouse.errors import QuanyuError


def connect(sync: str, settings: Settings) -> WebhookClient:
    """Read address and secret from the variables that the sync names."""
    environment = Environment(sync)
    url = environment.url(settings.url_env)
    try:
        webhook = Webhook(environment.text(settings.secret_env))
    except (ValueError, RuntimeError, EmptyWebhookSecretError) as error:
        raise QuanyuError(
            f"Sync {sync}: {settings.secret_env} is not a webhook secret "
            "(whsec_ and base64)."
        ) from error
    return WebhookClient(url, webhook, settings.timeout_s)


class WebhookClient(Destination):
    """A Standard Webhooks endpoint."""

    def __init__(self, url: str, webhook: Webhook, timeout_s: float) -> None:
        self._url = url
        self._webhook = webhook
        self._http = httpx.Client(timeout=timeout_s, follow_redirects=False)

    def send(self, batch: Batch) -> SendResult:
        """Post one batch and read the answer."""
        now = datetime.now(tz=UTC)
        request = sign(self._webhook, message_id(batch), render_body(batch), now)
        try:
            answer = self._http.post(
                self._url, content=request.body, headers=request.headers
            )
        except httpx.TransportError as error:
            raise RetryableError(type(error).__name__) from error
        return read_answer(
            answer.status_code, answer.headers, answer.content, batch, now
        )

    def release(self) -> None:
        """Close the connection."""
        self._http.close()
