"""Destinations that have real servers: tables, files near and far, Redis.

PostgreSQL is the test's own, S3 is moto's server; the others are those of `make
services`, and their tests are skipped where that has not been run.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from psycopg.conninfo import conninfo_to_dict

from activation.destinations import open_destination
from activation.destinations.base import (
    BatchError,
    Destination,
    FatalError,
    Member,
    RetryableError,
)
from activation.destinations.file.client import folder_of
from tests.integration.destinations.sending import RUN, batch, sync_to
from warehouse.errors import QuanyuError

SERVICES = Path(__file__).parents[3] / ".services"
FIELDS = {
    "customer_id": {"from": "customer_id"},
    "name": {"from": "tags.tier"},
    "is_vip": {"from": "tags.is_vip"},
    "amount": {"from": "tags.net_amount"},
}
FIRST = replace(RUN, key="customer_id", columns=("name", "is_vip", "amount"))
SECOND = replace(FIRST, run_id=13, run_key="2b3c4d5e-0000-0000-0000-000000000000")
PEOPLE = (
    Member("1", {"name": '金,"卡"\n😀', "is_vip": True, "amount": 12.5}),
    Member("2", {"name": "龘䶮", "is_vip": False, "amount": None}),
    Member("3", {"name": None, "is_vip": None, "amount": 0}),
)


def service(name: str) -> str:
    file = SERVICES / "services.json"
    found = json.loads(file.read_text()) if file.exists() else {}
    if name not in found:
        pytest.skip(f"{name} does not run here: `make services` starts it")
    return str(found[name])


def to(destination: dict[str, Any], **fields: Any) -> Destination:
    opened = open_destination(sync_to(destination, "customer_id", fields or FIELDS))
    opened.open(FIRST)
    return opened


def changed(destination: Destination) -> None:
    """A first load sent twice, then one update and one removal."""
    for _ in range(2):
        destination.send(batch("add", *PEOPLE, run=FIRST))
    second = Member("2", {"name": "银", "is_vip": True, "amount": 1})
    destination.send(batch("update", second, run=SECOND))
    destination.send(batch("remove", Member("3"), Member("9"), run=SECOND))
    destination.release()


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    server = pytest.importorskip("moto.server")
    import boto3

    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    running.start()
    host, port = running.get_host_and_port()
    client = boto3.client(
        "s3",
        region_name="cn-north-1",
        endpoint_url=f"http://{host}:{port}",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    client.create_bucket(
        Bucket="quanyu-test",
        CreateBucketConfiguration={"LocationConstraint": "cn-north-1"},
    )
    yield f"http://{host}:{port}"
    running.stop()


class TestSqlTable:
    @pytest.fixture(params=["postgresql", "mariadb"])
    def url(
        self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
    ) -> str:
        if request.param == "mariadb":
            url = service("mariadb")
        else:
            parts = conninfo_to_dict(request.getfixturevalue("database"))
            login = f"{parts['user']}:{quote(str(parts.get('password', '')))}"
            host = quote(str(parts["host"]), safe="")
            address = f"{host}:{parts.get('port', 5432)}/{parts['dbname']}"
            url = f"postgresql://{login}@{address}"
        monkeypatch.setenv("TEST_URL", url)
        return url

    def rows(self, url: str, statement: str) -> list[tuple[Any, ...]]:
        from activation.destinations.sql_table import client

        connect = client._mariadb if url.startswith("mysql") else client._postgres
        connection = connect(url)()
        try:
            cursor = connection.cursor()
            cursor.execute(statement)
            connection.commit()
            return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    def test_table_is_made_and_follows(self, url: str) -> None:
        table = f"people_{uuid4().hex[:8]}"
        changed(to({"type": "sql_table", "url_env": "TEST_URL", "table": table}))
        statement = f"select customer_id, name, is_vip, amount from {table} order by 1"  # noqa: S608
        assert self.rows(url, statement) == [
            ("1", '金,"卡"\n😀', "true", "12.5"),
            ("2", "银", "true", "1"),
        ]

    def test_table_that_is_there_keeps_its_types(self, url: str) -> None:
        table = f"typed_{uuid4().hex[:8]}"
        self.rows(
            url,
            f"create table {table} (customer_id bigint primary key, name varchar(5),"
            " is_vip varchar(5), amount numeric(10, 2))",
        )
        destination = to({"type": "sql_table", "url_env": "TEST_URL", "table": table})
        destination.send(batch("add", PEOPLE[1], PEOPLE[2], run=FIRST))
        with pytest.raises(BatchError, match="does not fit"):
            destination.send(
                batch("add", Member("4", {"name": "too long a name"}), run=FIRST)
            )
        destination.send(batch("update", Member("2", {"amount": 3.25}), run=FIRST))
        destination.release()
        rows = self.rows(url, f"select customer_id, amount from {table} order by 1")  # noqa: S608
        assert [(key, float(amount)) for key, amount in rows] == [(2, 3.25), (3, 0.0)]

    def test_wrong_table_stops_and_lost_server_is_tried_again(
        self, url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        table = f"narrow_{uuid4().hex[:8]}"
        self.rows(url, f"create table {table} (another int)")
        destination = to({"type": "sql_table", "url_env": "TEST_URL", "table": table})
        with pytest.raises(FatalError, match="login and table"):
            destination.send(batch("add", *PEOPLE, run=FIRST))
        monkeypatch.setenv(
            "TEST_URL", url.split(":", maxsplit=1)[0] + "://u:p@127.0.0.1:1/x"
        )
        with pytest.raises(RetryableError):
            to({"type": "sql_table", "url_env": "TEST_URL", "table": table})

    def test_poisoned_row_is_refused(self, url: str) -> None:
        if url.startswith("mysql"):
            pytest.skip("MariaDB takes a NUL character")
        table = f"poison_{uuid4().hex[:8]}"
        destination = to({"type": "sql_table", "url_env": "TEST_URL", "table": table})
        with pytest.raises(BatchError):
            destination.send(batch("add", Member("1", {"name": "a\0b"}), run=FIRST))
        destination.send(batch("add", *PEOPLE, run=FIRST))
        destination.release()


class TestFiles:
    """The same parts and manifests, wherever they lie."""

    @pytest.fixture(params=["file", "s3_file", "sftp_file"])
    def settings(
        self,
        request: pytest.FixtureRequest,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> dict[str, Any]:
        if request.param == "file":
            monkeypatch.setenv("QUANYU_HOME", str(tmp_path))
            return {"type": "file", "directory": "out"}
        if request.param == "s3_file":
            monkeypatch.setenv("TEST_URL", request.getfixturevalue("s3"))
            monkeypatch.setenv("TEST_KEY", "test")
            return {
                "type": "s3_file",
                "bucket": "quanyu-test",
                "prefix": f"out/{uuid4().hex}",
                "url_env": "TEST_URL",
                "access_key_id_env": "TEST_KEY",
                "access_key_secret_env": "TEST_KEY",
            }
        monkeypatch.setenv("TEST_URL", f"{service('sftp')}/{uuid4().hex}")
        monkeypatch.setenv("TEST_KEY", str(SERVICES / "sftp" / "user_key"))
        monkeypatch.setenv(
            "TEST_HOST_KEY", (SERVICES / "sftp" / "host_key.pub").read_text()
        )
        return {
            "type": "sftp_file",
            "url_env": "TEST_URL",
            "host_key_env": "TEST_HOST_KEY",
            "private_key_env": "TEST_KEY",
        }

    @pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
    def test_parts_count_when_the_manifest_lists_them(
        self, settings: dict[str, Any], encoding: str
    ) -> None:
        destination: Any = to({**settings, "encoding": encoding})
        store, folder = destination._store, folder_of(FIRST)
        for _ in range(2):  # a repeat writes the same
            destination.send(batch("add", PEOPLE[0], PEOPLE[1], chunk=1, run=FIRST))
            destination.send(batch("remove", Member("9"), chunk=2, run=FIRST))
        destination.send(batch("add", PEOPLE[2], chunk=3, run=FIRST))  # is discarded
        assert "manifest.json" not in store.names(folder)
        for _ in range(2):
            destination.close(FIRST, [1, 2])
        names = {"part-00001.csv", "part-00002.csv", "manifest.json"}
        assert set(store.names(folder)) == names
        manifest = json.loads(store.read(f"{folder}/manifest.json"))
        assert (manifest["encoding"], manifest["rows"]) == (encoding, 3)
        content = store.read(f"{folder}/part-00001.csv")
        assert manifest["parts"][0]["sha256"] == hashlib.sha256(content).hexdigest()
        rows = list(csv.DictReader(io.StringIO(content.decode(encoding), newline="")))
        assert [row["name"] for row in rows] == ['金,"卡"\n😀', "龘䶮"]
        destination.close(SECOND, [])  # nothing was written: nothing to publish
        destination.release()

    def test_a_run_without_parts_leaves_nothing(self, settings: dict[str, Any]) -> None:
        destination: Any = to(settings)
        destination.send(batch("add", PEOPLE[0], run=FIRST))
        destination.close(FIRST, [])
        assert destination._store.names(folder_of(FIRST)) == []
        destination.release()


def test_wrong_keys_are_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = service("sftp")
    monkeypatch.setenv("TEST_URL", url)
    monkeypatch.setenv("TEST_KEY", str(SERVICES / "sftp" / "user_key"))
    another = (SERVICES / "sftp" / "user_key.pub").read_text()
    monkeypatch.setenv("TEST_HOST_KEY", another)
    settings = {
        "type": "sftp_file",
        "url_env": "TEST_URL",
        "host_key_env": "TEST_HOST_KEY",
        "private_key_env": "TEST_KEY",
    }
    with pytest.raises(FatalError, match="another key than expected"):
        to(settings).send(batch("add", PEOPLE[0], run=FIRST))
    monkeypatch.setenv("TEST_KEY", str(SERVICES / "sftp" / "host_key"))
    monkeypatch.setenv(
        "TEST_HOST_KEY", (SERVICES / "sftp" / "host_key.pub").read_text()
    )
    with pytest.raises(FatalError, match="refuses user or key"):
        to(settings).send(batch("add", PEOPLE[0], run=FIRST))
    monkeypatch.setenv("TEST_HOST_KEY", "nonsense")
    with pytest.raises(QuanyuError, match="TEST_HOST_KEY is not a public key"):
        to(settings)


def test_redis_holds_whole_members(monkeypatch: pytest.MonkeyPatch) -> None:
    url = service("redis")
    import redis

    monkeypatch.setenv("TEST_URL", url)
    prefix = f"vip:{uuid4().hex}"
    changed(to({"type": "redis_hash", "url_env": "TEST_URL", "prefix": prefix}))
    client = redis.Redis.from_url(url, decode_responses=True)
    assert client.smembers(prefix) == {"1", "2"}
    assert client.hgetall(f"{prefix}:1") == {
        "customer_id": "1",
        "name": '金,"卡"\n😀',
        "is_vip": "true",
        "amount": "12.5",
    }
    assert client.hget(f"{prefix}:2", "name") == "银"
    assert not client.exists(f"{prefix}:3")
    client.close()


def test_redis_that_is_not_there_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TEST_URL", "redis://127.0.0.1:1/0")
    destination = to({"type": "redis_hash", "url_env": "TEST_URL", "prefix": "vip"})
    with pytest.raises(RetryableError):
        destination.send(batch("add", PEOPLE[0], run=FIRST))


def test_clients_are_imported_only_when_used() -> None:
    import subprocess
    import sys

    code = (
        "import sys; from activation.specs import load_syncs; load_syncs();"
        "print([m for m in ('boto3', 'paramiko', 'redis', 'pymysql')"
        " if m in sys.modules])"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert printed.stdout.strip() == "[]"
