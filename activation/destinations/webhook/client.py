"""Posts signed batches over as many connections as there are senders."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import urllib3
from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from activation.destinations.base import (
    Batch,
    Destination,
    FatalError,
    Rate,
    RetryableError,
    SendResult,
)
from activation.destinations.webhook.payload import (
    Request,
    message_id,
    read_answer,
    render_body,
    sign,
)
from activation.specs import WebhookDestination
from activation.tokens import Token, TokenRefusedError, Tokens
from warehouse.errors import QuanyuError

# No connection came about, so nothing can have been taken.
NEVER_ARRIVED = (
    urllib3.exceptions.NewConnectionError,
    urllib3.exceptions.ConnectTimeoutError,
)


def ask(
    http: urllib3.PoolManager, url: str, body: bytes, headers: dict[str, str]
) -> urllib3.BaseHTTPResponse:
    """Post a body once. Raises RetryableError when no answer came back."""
    try:
        return http.request("POST", url, body=body, headers=headers, redirect=False)
    except NEVER_ARRIVED as error:
        raise RetryableError(type(error).__name__, maybe_taken=False) from error
    except urllib3.exceptions.HTTPError as error:
        raise RetryableError(type(error).__name__) from error


def fetch_token(http: urllib3.PoolManager, url: str, user: str, secret: str) -> Token:
    """Ask for an access token by client credentials (RFC 6749 section 4.4.2)."""
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        **urllib3.make_headers(basic_auth=f"{user}:{secret}"),
    }
    try:
        answer = ask(http, url, b"grant_type=client_credentials", headers)
    except RetryableError as error:
        raise RetryableError(f"no token: {error}", maybe_taken=False) from error
    if answer.status != 200:
        raise FatalError(f"HTTP {answer.status} when asking for a token")
    try:
        content = answer.json()
        lives = timedelta(seconds=float(content.get("expires_in", 3600)))
        return Token(str(content["access_token"]), datetime.now(tz=UTC) + lives)
    except (ValueError, KeyError, TypeError) as error:
        raise FatalError("the answer holds no access_token") from error


class WebhookClient(Destination):
    """A Standard Webhooks endpoint."""

    def __init__(self, url: str, webhook: Webhook, config: WebhookDestination) -> None:
        self._url = url
        self._tokens: Tokens | None = None
        self._webhook = webhook
        self.senders = config.senders
        self.rate = Rate(**config.rate.model_dump()) if config.rate else None
        self._http = urllib3.PoolManager(
            maxsize=config.senders, timeout=config.timeout_s, retries=False
        )

    @classmethod
    def from_environment(cls, sync: str, config: WebhookDestination) -> WebhookClient:
        """Read address and secret from the variables that the sync names."""
        credentials = config.token
        needed = [config.url_env, config.secret_env]
        if credentials:
            needed += [credentials.url_env, credentials.id_env, credentials.secret_env]
        for name in needed:
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
        client = cls(url, webhook, config)
        if credentials:
            token_url, user, secret = (
                os.environ[name]
                for name in (
                    credentials.url_env,
                    credentials.id_env,
                    credentials.secret_env,
                )
            )
            client._tokens = Tokens(
                f"webhook {token_url} {user}",
                lambda last: fetch_token(client._http, token_url, user, secret),
            )
        return client

    def send(self, batch: Batch) -> SendResult:
        """Post one batch and read the answer."""
        now = datetime.now(tz=UTC)
        request = sign(self._webhook, message_id(batch), render_body(batch), now)
        if self._tokens is None:
            answer = self._post(request, {})
        else:
            answer = self._tokens.use(lambda access: self._post_as(request, access))
        return read_answer(answer.status, answer.headers, answer.data, batch, now)

    def _post_as(self, request: Request, access: str) -> urllib3.BaseHTTPResponse:
        answer = self._post(request, {"authorization": f"Bearer {access}"})
        if answer.status == 401:
            raise TokenRefusedError("HTTP 401")
        return answer

    def _post(self, request: Request, more: dict[str, str]) -> urllib3.BaseHTTPResponse:
        return ask(
            self._http, self._url, request.body, headers={**request.headers, **more}
        )

    def release(self) -> None:
        """Close the connections."""
        self._http.clear()
