"""One real PostgreSQL for the test run, and fresh databases on it.

Tests that ask for none of these fixtures need no database. For quick rounds while
developing, QUANYU_TEST_DATABASE_URL names a running server to use instead.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import settings
from psycopg import conninfo, sql

from ingestion.landing import ensure_raw_tables
from tests.once import at_home, running_server, state_folder
from warehouse import migrate
from warehouse.connection import Connection, connect

# A busy machine is slow, which is no fault of what is tested. The same examples every
# time, so that a failure is met again by whoever runs the tests next.
settings.register_profile("quanyu", deadline=None, derandomize=True)
settings.load_profile("quanyu")


# The longest first; the second waits for what the first makes, and has work meanwhile.
EARLY = (
    "tests/e2e/test_whole_way.py",
    "tests/integration/tags/test_tags.py",
    "tests/e2e/test_killed.py",
)
SHARED = pytest.StashKey[tuple[str, str]]()
_CONTROLLER = ExitStack()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let files that take minutes begin before the others."""
    rank = {name: number for number, name in enumerate(EARLY)}
    items.sort(key=lambda item: rank.get(item.nodeid.partition("::")[0], len(rank)))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Start a server for all workers when pytest-xdist makes the first of them."""
    shared = node.config.stash.get(SHARED, None)
    if shared is None and "QUANYU_TEST_DATABASE_URL" not in os.environ:
        home = _CONTROLLER.enter_context(state_folder())
        shared = (_CONTROLLER.enter_context(running_server(home)), str(home))
        node.config.stash[SHARED] = shared
    node.workerinput["shared"] = shared


def pytest_unconfigure() -> None:
    """Stop it."""
    _CONTROLLER.close()


@pytest.fixture(scope="session", autouse=True)
def _home() -> Iterator[Path]:
    """Keep tests away from the warehouse and the state folder of the person at work."""
    with state_folder() as home, at_home(home):
        yield home


@pytest.fixture(scope="session")
def _shared(pytestconfig: pytest.Config) -> tuple[str, str] | None:
    """Address of the server of all workers, and a folder of theirs; None without."""
    return getattr(pytestconfig, "workerinput", {}).get("shared")


@pytest.fixture(scope="session")
def warehouse_url(_home: Path, _shared: tuple[str, str] | None) -> Iterator[str]:
    """Address of the session's server, with the right to make databases."""
    given = _shared[0] if _shared else os.environ.get("QUANYU_TEST_DATABASE_URL")
    if given:
        yield given
        return
    with running_server(_home) as url:
        yield url


@pytest.fixture(scope="session")
def shared_folder(
    _shared: tuple[str, str] | None, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a folder that all workers on one server see: see tests/once.py."""
    return Path(_shared[1]) if _shared else tmp_path_factory.mktemp("shared")


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


@pytest.fixture(scope="session")
def lasting_database(
    warehouse_url: str, _template: str, _shared: tuple[str, str] | None
) -> Iterator[Callable[..., str]]:
    """Makes databases as `fresh_database` does, which other workers may use too."""
    made = []

    def make(template: str = _template) -> str:
        made.append(_make_database(warehouse_url, template))
        return made[-1]

    yield make
    if not _shared:  # else others may be at work; they go with the server
        for url in made:
            _drop_database(url)


@contextmanager
def _database(url: str, template: str = "template1") -> Iterator[str]:
    made = _make_database(url, template)
    try:
        yield made
    finally:
        _drop_database(made)


def _make_database(url: str, template: str) -> str:
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
    return conninfo.make_conninfo(url, dbname=name)


def _drop_database(url: str) -> None:
    name = str(conninfo.conninfo_to_dict(url)["dbname"])
    server_url = conninfo.make_conninfo(url, dbname="postgres")
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(
            sql.SQL("drop database {} with (force)").format(sql.Identifier(name))
        )
