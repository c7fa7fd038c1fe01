"""Writes a batch in one transaction, whole members each."""

from __future__ import annotations

import redis

from activation.destinations.base import (
    Batch,
    BatchError,
    Destination,
    FatalError,
    RetryableError,
    SendResult,
)
from activation.destinations.redis_hash.payload import render
from activation.destinations.redis_hash.settings import Settings
from activation.destinations.settings import Environment
from warehouse.errors import QuanyuError


def connect(sync: str, settings: Settings) -> RedisHashes:
    """Name the server of a sync; it is connected to with the first batch."""
    url = Environment(sync).text(settings.url_env)
    try:
        client = redis.Redis.from_url(
            url,
            decode_responses=True,
            socket_timeout=settings.timeout_s,
            socket_connect_timeout=settings.timeout_s,
        )
    except ValueError as error:
        raise QuanyuError(
            f"Sync {sync}: {settings.url_env} is not redis://user:password@host:port/0."
        ) from error
    return RedisHashes(client, settings)


class RedisHashes(Destination):
    """A hash per member and a set of all keys."""

    def __init__(self, client: redis.Redis, settings: Settings) -> None:
        self._client = client
        self._prefix = settings.prefix
        self.senders = settings.senders
        self.rate = settings.allowed()

    def send(self, batch: Batch) -> SendResult:
        """Write or delete the members of a batch, all or none."""
        pipeline = self._client.pipeline(transaction=True)
        for member in batch.members:
            name = f"{self._prefix}:{member.key}"
            pipeline.delete(name)  # a field that is null now must not stay
            if batch.op == "remove":
                pipeline.srem(self._prefix, member.key)
            else:
                pipeline.hset(name, items=render(batch, member))
                pipeline.sadd(self._prefix, member.key)
        try:
            pipeline.execute()
        except redis.AuthenticationError as error:
            raise FatalError("Redis refuses user or password") from error
        except (redis.ConnectionError, redis.TimeoutError) as error:
            raise RetryableError(type(error).__name__) from error
        except redis.ResponseError as error:
            raise BatchError("refused", type(error).__name__) from error
        return SendResult()

    def release(self) -> None:
        """Close the connections."""
        self._client.close()
