"""Posts signed batches over as many connections as there are senders."""

from __future__ import annotations

from datetime import UTC, datetime

import urllib3
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

# No connection came about, so nothing can have been taken.
NEVER_ARRIVED = (
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
)


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
    return WebhookClient(url, webhook, settings)


class WebhookClient(Destination):
    """A Standard Webhooks endpoint."""

    def __init__(self, url: str, webhook: Webhook, settings: Settings) -> None:
        self._url = url
        self._webhook = webhook
        self.senders = settings.senders
        self.rate = settings.allowed()
        self._http = urllib3.PoolManager(
            maxsize=settings.senders, timeout=settings.timeout_s, retries=False
        )

    def send(self, batch: Batch) -> SendResult:
        """Post one batch and read the answer."""
        now = datetime.now(tz=UTC)
        request = sign(self._webhook, message_id(batch), render_body(batch), now)
        try:
            answer = self._http.request(
                "POST",
                self._url,
                body=request.body,
                headers=request.headers,
                redirect=False,
            )
        except NEVER_ARRIVED as error:
            raise RetryableError(type(error).__name__, maybe_taken=False) from error
        except urllib3.exceptions.HTTPError as error:
            raise RetryableError(type(error).__name__) from error
        return read_answer(answer.status, answer.headers, answer.data, batch, now)

    def release(self) -> None:
        """Close the connections."""
        self._http.clear()
