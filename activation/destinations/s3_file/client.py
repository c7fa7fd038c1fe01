"""Parts and manifests as objects; an object is there as a whole or not at all."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from activation import faults
from activation.destinations.base import FatalError
from activation.destinations.file.client import FileClient
from activation.destinations.s3_file.settings import Settings
from activation.destinations.settings import Environment

_SETUP = ("NoSuchBucket", "AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch")


def connect(sync: str, settings: Settings) -> FileClient:
    """Open the bucket of a sync."""
    environment = Environment(sync)
    client = boto3.client(
        "s3",
        region_name=settings.region,
        endpoint_url=environment.url(settings.url_env) if settings.url_env else None,
        aws_access_key_id=environment.text(settings.access_key_id_env),
        aws_secret_access_key=environment.text(settings.access_key_secret_env),
        config=Config(
            connect_timeout=settings.timeout_s,
            read_timeout=settings.timeout_s,
            retries={"total_max_attempts": 1},  # the engine's business
        ),
    )
    store = S3Store(client, settings.bucket, f"{settings.prefix}/{sync}")
    return FileClient(store, settings.encoding)


class S3Store:
    """Objects below a prefix of one bucket."""

    def __init__(self, client: Any, bucket: str, prefix: str) -> None:
        self._client = client
        self._bucket = bucket
        self._prefix = prefix

    def write(self, name: str, content: bytes, label: str) -> None:
        """Put an object in place."""
        faults.point(label)
        self._ask("put_object", Key=self._key(name), Body=content)

    def read(self, name: str) -> bytes:
        """Content of an object."""
        content: bytes = self._ask("get_object", Key=self._key(name))["Body"].read()
        return content

    def names(self, folder: str) -> list[str]:
        """Names of the objects of a folder."""
        prefix = self._key(f"{folder}/")
        more: dict[str, str] = {}
        found: list[str] = []
        while True:
            page = self._ask("list_objects_v2", Prefix=prefix, **more)
            found += [item["Key"][len(prefix) :] for item in page.get("Contents", [])]
            if not page.get("IsTruncated"):
                return found
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def delete(self, name: str) -> None:
        """Take an object away; it may be gone already."""
        self._ask("delete_object", Key=self._key(name))

    def drop(self, folder: str) -> None:
        """There are no folders."""

    def release(self) -> None:
        """Close the connections."""
        self._client.close()

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{name}"

    def _ask(self, operation: str, **parameters: Any) -> Any:
        try:
            return getattr(self._client, operation)(Bucket=self._bucket, **parameters)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code"))
            if code in _SETUP:
                raise FatalError(f"{code}: check bucket and keys") from error
            raise OSError(code) from error
        except BotoCoreError as error:
            raise OSError(type(error).__name__) from error
