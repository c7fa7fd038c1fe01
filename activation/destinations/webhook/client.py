"""Posts signed batches over as many connections as there are senders."""

from __future__ import annotations

import os
from datetime import UTC, datetime

import urllib3
from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from activation.destinations.base import (
    Batch,
    Destination,
    Rate,
    RetryableError,
    SendResult,
)
from activation.destinations.webhook.payload import (
    message_id,
    read_answer,
    render_body,
    sign,
)
from activation.specs import WebhookDestination
from warehouse.errors import QuanyuError

# No connection came about, so nothing can have been taken.
NEVER_ARRIVED = (
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
)


class WebhookClient(Destination):
    """A Standard Webhooks endpoint."""

    def __init__(self, url: str, webhook: Webhook, config: WebhookDestination) -> None:
        self._url = url
        self._webhook = webhook
        self.senders = config.senders
        self.rate = Rate(**config.rate.model_dump()) if config.rate else None
        self._http = urllib3.PoolManager(
            maxsize=config.senders, timeout=config.timeout_s, retries=False
        )

    @classmethod
    def from_environment(cls, sync: str, config: WebhookDestination) -> WebhookClient:
        """Read address and secret from the variables that the sync names."""
        for name in (config.url_env, config.secret_env):
            if not os.environ.get(name):
                raise QuanyuError(
                    f"Sync {sync} needs the environment variable {name}, "
                    "which is not set."
                )
        url = os.environ[config.url_env]
        if not url.startswith(("http://", "https://")):
            raise QuanyuError(
                f"Sync {sync}: {config.url_env} is not an http or https address."
            )
        try:
            webhook = Webhook(os.environ[config.secret_env])
        except (ValueError, RuntimeError, EmptyWebhookSecretError) as error:
            raise QuanyuError(
                f"Sync {sync}: {config.secret_env} is not a webhook secret "
                "(whsec_ and base64)."
            ) from error
        return cls(url, webhook, config)

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
