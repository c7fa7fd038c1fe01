"""Posts signed batches over as many connections as there are senders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import urllib3
from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from activation.destinations.base import (
    Batch,
    Destination,
    FatalError,
    RetryableError,
    SendResult,
)
from activation.destinations.http import NEVER_ARRIVED
from activation.destinations.settings import Environment
from activation.destinations.webhook.payload import (
    Request,
    message_id,
    read_answer,
    render_body,
    sign,
)
from activation.destinations.webhook.settings import Settings
from activation.tokens import Token, TokenRefusedError, Tokens
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
    client = WebhookClient(url, webhook, settings)
    if settings.token_url_env:
        client.use_tokens(
            environment.url(settings.token_url_env),
            environment.text(settings.client_id_env or ""),
            environment.text(settings.client_secret_env or ""),
        )
    return client


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

    def __init__(self, url: str, webhook: Webhook, settings: Settings) -> None:
        self._url = url
        self._tokens: Tokens | None = None
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
        if self._tokens is None:
            answer = self._post(request)
        else:
            answer = self._tokens.use(lambda access: self._post_as(request, access))
        return read_answer(answer.status, answer.headers, answer.data, batch, now)

    def use_tokens(self, url: str, user: str, secret: str) -> None:
        """Send a bearer token with each request."""
        self._tokens = Tokens(
            f"webhook {url} {user}",
            lambda last: fetch_token(self._http, url, user, secret),
        )

    def _post(self, request: Request, **more: str) -> urllib3.BaseHTTPResponse:
        return ask(self._http, self._url, request.body, {**request.headers, **more})

    def _post_as(self, request: Request, access: str) -> urllib3.BaseHTTPResponse:
        answer = self._post(request, authorization=f"Bearer {access}")
        if answer.status == 401:
            raise TokenRefusedError("HTTP 401")
        return answer

    def release(self) -> None:
        """Close the connections."""
        self._http.clear()
