"""One real PostgreSQL for the test session, and fresh databases on it.

Tests that ask for none of these fixtures need no database. For quick rounds while
developing, QUANYU_TEST_DATABASE_URL names a running server to use instead.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from psycopg import conninfo, sql

from ingestion.landing import ensure_raw_tables
from warehouse import migrate, server
from warehouse.connection import Connection, connect

# A busy machine is slow, which is no fault of what is tested. The same examples every
# time, so that a failure is met again by whoever runs the tests next.
settings.register_profile("quanyu", deadline=None, derandomize=True)
settings.load_profile("quanyu")


@pytest.fixture(scope="session", autouse=True)
def _nothing_of_the_users() -> Iterator[None]:
    """Keep tests away from the warehouse and the state folder of the person at work."""
    with pytest.MonkeyPatch.context() as patch:
        # Not pytest's own temporary folder: it is closed to `nobody`, who runs the
        # server when the tests run as root.
        home = Path(tempfile.mkdtemp(prefix="quanyu-test-"))
        home.chmod(0o755)
        patch.setenv("QUANYU_HOME", str(home))
        patch.delenv("QUANYU_DATABASE_URL", raising=False)
        yield
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def warehouse_url() -> Iterator[str]:
    """Address of the session's server, with the right to make databases."""
    given = os.environ.get("QUANYU_TEST_DATABASE_URL")
    if given:
        yield given
        return
    server.up()
    try:
        yield server.running_url()
    finally:
        server.delete()


@pytest.fixture(scope="session")
def _template(warehouse_url: str) -> Iterator[str]:
    """A migrated database that the fresh ones are copied from."""
    with _database(warehouse_url) as url:
        with connect(url, autocommit=True) as conn:
            migrate.apply(conn)
            ensure_raw_tables(conn)
        yield str(conninfo.conninfo_to_dict(url)["dbname"])


@pytest.fixture
def database(
    warehouse_url: str, _template: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Address of a migrated database of this test's own; `connect()` opens it."""
    with _database(warehouse_url, _template) as url:
        monkeypatch.setenv("QUANYU_DATABASE_URL", url)
        yield url


@pytest.fixture(scope="module")
def module_database(warehouse_url: str, _template: str) -> Iterator[str]:
    """As `database`, shared by the tests of a module."""
    with (
        _database(warehouse_url, _template) as url,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("QUANYU_DATABASE_URL", url)
        yield url


@pytest.fixture
def conn(database: str) -> Iterator[Connection]:
    """A connection to this test's own database."""
    with connect(database) as connection:
        yield connection


@pytest.fixture(scope="session")
def fresh_database(
    warehouse_url: str, _template: str
) -> Callable[..., AbstractContextManager[str]]:
    """Makes migrated databases, or copies of one, for tests that need several."""
    return lambda template=_template: _database(warehouse_url, template)


@contextmanager
def _database(url: str, template: str = "template1") -> Iterator[str]:
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(
            sql.SQL("create database {} template {}").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        # `create database` does not copy settings, the time zone among them.
        admin.execute(
            sql.SQL("alter database {} set timezone to 'Asia/Shanghai'").format(
                sql.Identifier(name)
            )
        )
    try:
        yield conninfo.make_conninfo(url, dbname=name)
    finally:
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute(
                sql.SQL("drop database {} with (force)").format(sql.Identifier(name))
            )
