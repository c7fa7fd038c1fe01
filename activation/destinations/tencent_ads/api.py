"""The interface of Tencent Ads: tokens, envelopes, what its codes mean."""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from activation.destinations.base import FatalError, QuotaError, RetryableError
from activation.destinations.http import Http, next_day
from activation.destinations.settings import Environment
from activation.destinations.tencent_ads.settings import Settings
from activation.tokens import Token, TokenRefusedError, Tokens

_TOKEN = (11000, 11002, 11004)
_SECOND, _MINUTE, _DAY, _TOO_OFTEN = 11016, 11017, 11018, 11019
_AGAIN = (10000, 10001)
_MINUTE_PENALTY_S = 300  # over a minute's limit, nothing is taken for five


class TencentAdsApi:
    """Calls for one advertising account."""

    def __init__(self, sync: str, settings: Settings) -> None:
        environment = Environment(sync)
        self.account_id = int(environment.text(settings.account_id_env))
        self._app = {
            "client_id": environment.text(settings.client_id_env),
            "client_secret": environment.text(settings.secret_env),
        }
        self._first_refresh = environment.text(settings.refresh_token_env)
        url = environment.url(settings.url_env, "https://api.e.qq.com")
        self._http = Http(url, settings.timeout_s)
        self._tokens = Tokens(f"{url}/{self._app['client_id']}", self._refresh)
        self.account = f"tencent_ads/{self.account_id}"

    def call(
        self,
        method: str,
        path: str,
        query: dict[str, Any] | None = None,
        **content: Any,
    ) -> dict[str, Any]:
        """Call an interface; returns its data."""

        def request(token: str) -> dict[str, Any]:
            everything = {
                "access_token": token,
                "timestamp": str(int(time.time())),
                "nonce": secrets.token_hex(16),
                **(query or {}),
            }
            answer = self._http.request(
                method, f"/v3.0/{path}", query=everything, **content
            )
            return _data(answer.content)

        return self._tokens.use(request)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _refresh(self, last: Token | None) -> Token:
        """Exchange the refresh token for the next pair; this path has no version."""
        refresh = (last and last.refresh) or self._first_refresh
        query = {**self._app, "grant_type": "refresh_token", "refresh_token": refresh}
        answer = self._http.request("GET", "/oauth/token", query=query)
        try:
            data = _data(answer.content)
        except (FatalError, TokenRefusedError) as error:
            raise FatalError(
                f"{error}: authorise the application anew and set a new refresh token"
            ) from error
        lifetime = timedelta(seconds=int(data["access_token_expires_in"]))
        return Token(
            str(data["access_token"]),
            datetime.now(tz=UTC) + lifetime,
            str(data.get("refresh_token") or refresh),
        )


def _data(answer: dict[str, Any]) -> dict[str, Any]:
    code = answer.get("code")
    sentence = f"code {code}: {answer.get('message', '')}"
    if code in _TOKEN:
        raise TokenRefusedError(sentence)
    if code == _MINUTE:
        raise RetryableError(sentence, _MINUTE_PENALTY_S, maybe_taken=False)
    if code in (_SECOND, _TOO_OFTEN):
        raise RetryableError(sentence, 1, maybe_taken=False)
    if code == _DAY:
        raise QuotaError(sentence, next_day())
    if code in _AGAIN:
        raise RetryableError(sentence)
    if code != 0:
        raise FatalError(sentence)
    data = answer.get("data")
    return data if isinstance(data, dict) else {}
