"""The interface of Ocean Engine: tokens, envelopes, what its codes mean.

Codes other than 0 and 40110 have no primary source: guesses [U], kept in one place.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from activation.destinations.base import (
    FatalError,
    QuotaError,
    RetryableError,
)
from activation.destinations.http import Http, next_day
from activation.destinations.ocean_engine.settings import Settings
from activation.destinations.settings import Environment
from activation.tokens import Token, TokenRefusedError, Tokens

_RATE = (40100, 40110100)
_TOKEN = (40102, 40105)
_DAY = (40133,)
_BUSY = (50000, 51010)


class OceanEngineApi:
    """Calls for one advertiser."""

    def __init__(self, sync: str, settings: Settings) -> None:
        environment = Environment(sync)
        self.advertiser_id = int(environment.text(settings.advertiser_id_env))
        self._app = {
            "app_id": environment.text(settings.app_id_env),
            "secret": environment.text(settings.secret_env),
        }
        self._first_refresh = environment.text(settings.refresh_token_env)
        url = environment.url(settings.url_env, "https://ad.oceanengine.com/open_api")
        self._http = Http(url, settings.timeout_s)
        self._tokens = Tokens(f"{url}/{self._app['app_id']}", self._refresh)
        self.account = f"ocean_engine/{self.advertiser_id}"

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        """Call an interface that takes JSON; returns its data."""
        content = {"advertiser_id": self.advertiser_id, **body}
        return self._call("POST", path, json=content)

    def upload(self, content: bytes, signature: str) -> str:
        """Upload a zip; returns its path, which lives for 14 days."""
        data = self._call(
            "POST",
            "/2/dmp/data_source/file/upload/",
            fields={
                "advertiser_id": str(self.advertiser_id),
                "file_signature": signature,
                "file": ("ids.zip", content, "application/zip"),
            },
        )
        return str(data["file_path"])

    def get(self, path: str, **wanted: Any) -> dict[str, Any]:
        """Call an interface that reads; lists go as JSON."""
        content = {"advertiser_id": self.advertiser_id, **wanted}
        query = {
            name: json.dumps(value) if isinstance(value, list) else value
            for name, value in content.items()
        }
        return self._call("GET", path, query=query)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _call(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        def request(token: str) -> dict[str, Any]:
            headers = {"Access-Token": token}
            answer = self._http.request(method, path, headers=headers, **content)
            return _data(answer.content)

        return self._tokens.use(request)

    def _refresh(self, last: Token | None) -> Token:
        """Exchange the refresh token, which this uses up, for the next pair [U]."""
        refresh = (last and last.refresh) or self._first_refresh
        body = {
            **self._app,
            "grant_type": "refresh_token",
            "refresh_token": refresh,
        }
        answer = self._http.request("POST", "/oauth2/refresh_token/", json=body)
        try:
            data = _data(answer.content)
        except (FatalError, TokenRefusedError) as error:
            raise FatalError(
                f"{error}: authorise the application anew and set a new refresh token"
            ) from error
        ends_at = datetime.now(tz=UTC) + timedelta(seconds=int(data["expires_in"]))
        return Token(str(data["access_token"]), ends_at, str(data["refresh_token"]))


def _data(answer: dict[str, Any]) -> dict[str, Any]:
    code = answer.get("code")
    sentence = f"code {code}: {answer.get('message', '')}"
    if code in _TOKEN:
        raise TokenRefusedError(sentence)
    if code in _RATE:
        raise RetryableError(sentence, 10, maybe_taken=False)
    if code in _DAY:
        raise QuotaError(sentence, next_day())
    if code in _BUSY:
        raise RetryableError(sentence)
    if code != 0:
        raise FatalError(sentence)
    data = answer.get("data")
    return data if isinstance(data, dict) else {}
