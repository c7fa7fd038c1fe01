"""WeCom (企业微信): its token and what its error codes mean.

Codes, never texts, are judged: the texts change.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from activation.destinations.base import BatchError, FatalError, Rate, RetryableError
from activation.destinations.http import Http
from activation.destinations.settings import DestinationSettings, Environment, EnvName
from activation.tokens import Token, TokenRefusedError, Tokens

_BUSY = -1
_TOKEN = (40001, 40014, 42001)
_TOO_MANY_AT_ONCE = 45033
_TOO_OFTEN = 45009
# Nothing a row could be blamed for: account, rights, tags that are not there.
_SETUP = (40013, 40056, 40068, 48002, 60011, 60020, 301002)


class WecomSettings(DestinationSettings):
    """Corp and secret of the application, by names of variables."""

    corp_id_env: EnvName
    secret_env: EnvName
    url_env: EnvName | None = None  # of a proxy; default: the public address


class WecomApi:
    """Calls of one application of one corp."""

    def __init__(self, sync: str, settings: WecomSettings) -> None:
        environment = Environment(sync)
        self._corp_id = environment.text(settings.corp_id_env)
        self._secret = environment.text(settings.secret_env)
        url = environment.url(settings.url_env, "https://qyapi.weixin.qq.com")
        self._http = Http(url, settings.timeout_s, settings.senders)
        self._tokens = Tokens(
            f"{url}/{self._corp_id}/{settings.secret_env}", self._fetch
        )
        # 10,000 a minute per corp and interface [S]; 45009 may come far earlier.
        self.rate = settings.allowed(
            Rate(f"wecom/{self._corp_id}", 150, settings.senders)
        )

    def call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Post to an interface; returns the answer of errcode 0.

        Raises BatchError with the errcode for what only rows can be blamed for.
        """

        def request(token: str) -> dict[str, Any]:
            answer = self._http.request(
                "POST", f"/cgi-bin/{path}", query={"access_token": token}, json=body
            )
            _judge(answer.content)
            return answer.content

        return self._tokens.use(request)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _fetch(self, _: Token | None) -> Token:
        answer = self._http.request(
            "GET",
            "/cgi-bin/gettoken",
            query={"corpid": self._corp_id, "corpsecret": self._secret},
        ).content
        try:
            _judge(answer)
        except (BatchError, TokenRefusedError) as error:
            raise FatalError("corp id or secret is wrong") from error
        lifetime = timedelta(seconds=int(answer["expires_in"]))
        return Token(str(answer["access_token"]), datetime.now(tz=UTC) + lifetime)


def _judge(answer: dict[str, Any]) -> None:
    code = answer.get("errcode", 0)
    sentence = f"errcode {code}"
    if code == _BUSY:
        raise RetryableError(sentence)
    if code in _TOKEN:
        raise TokenRefusedError(sentence)
    if code == _TOO_MANY_AT_ONCE:
        raise RetryableError(sentence, 1, maybe_taken=False)
    if code == _TOO_OFTEN:
        raise RetryableError(sentence, 60, maybe_taken=False)
    if code in _SETUP:
        raise FatalError(f"{sentence}: check the application's rights and the tags")
    if code:
        raise BatchError(str(code), sentence)
