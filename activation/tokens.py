"""Access tokens of channel accounts: one refresh, however many senders need it.

A token lies in the state folder, readable by its owner only, under a lock that holds
between threads and processes. Channels that let a token die when the next is issued
(WeCom, Official Accounts) would otherwise have their senders undo each other's.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from activation import faults
from activation.destinations.base import DestinationError, FatalError
from warehouse.settings import state_dir

Answer = TypeVar("Answer")
_SPARE = timedelta(seconds=60)  # a token this near its end is not begun with


@dataclass(frozen=True)
class Token:
    """An access token, when it ends, and what the next one is asked with, if any."""

    access: str
    expires_at: datetime
    refresh: str | None = None


class TokenRefusedError(DestinationError):
    """The channel no longer takes the token it was given; nothing was done."""


class Tokens:
    """The token of one account.

    `fetch` gets the last token known (it may hold a refresh token) and returns a new
    one; it is called by one sender at a time and may raise what `send` may raise.
    """

    def __init__(self, account: str, fetch: Callable[[Token | None], Token]) -> None:
        self._account = account
        self._fetch = fetch
        name = hashlib.sha256(account.encode()).hexdigest()[:32]
        self._path: Path = state_dir() / "tokens" / f"{name}.json"

    def use(self, request: Callable[[str], Answer]) -> Answer:
        """Make a request with the token; once more with a new one when it is refused.

        Raises FatalError when the new one is refused as well.
        """
        token = self._read() or self._renew(None)
        if token.expires_at - _SPARE < datetime.now(tz=UTC):
            token = self._renew(token)
        try:
            return request(token.access)
        except TokenRefusedError:
            token = self._renew(token)
        try:
            return request(token.access)
        except TokenRefusedError as error:
            raise FatalError(
                f"{self._account} refuses a token it has just issued: {error}"
            ) from error

    def _renew(self, refused: Token | None) -> Token:
        """Fetch a new token, unless another sender has done so meanwhile."""
        with self._locked():
            stored = self._read()
            if stored is not None and stored != refused:
                return stored
            fresh = self._fetch(stored)
            faults.point("token_fetched")
            self._write(fresh)
            return fresh

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._path.with_suffix(".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _read(self) -> Token | None:
        try:
            found = json.loads(self._path.read_text())
            expires_at = datetime.fromisoformat(found["expires_at"])
            return Token(found["access"], expires_at, found["refresh"])
        except (FileNotFoundError, ValueError, KeyError):
            return None  # a damaged one is fetched anew

    def _write(self, token: Token) -> None:
        partial = self._path.with_suffix(".new")
        partial.unlink(missing_ok=True)
        partial.touch(mode=0o600)
        with partial.open("w") as file:
            content = {**asdict(token), "expires_at": token.expires_at.isoformat()}
            json.dump(content, file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._path)
