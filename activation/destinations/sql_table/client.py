"""Writes a batch in one transaction, over a connection per sender."""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib import import_module
from typing import Any
from urllib.parse import unquote, urlsplit

from activation.destinations.base import (
    Batch,
    BatchError,
    Destination,
    FatalError,
    RetryableError,
    RunInfo,
    SendResult,
)
from activation.destinations.settings import Environment
from activation.destinations.sql_table.payload import (
    MARIADB,
    POSTGRES,
    Dialect,
    create_table,
    delete,
    rows,
    upsert,
)
from activation.destinations.sql_table.settings import Settings
from warehouse.errors import QuanyuError

# Of MariaDB and MySQL: no access, no database, no column, no table.
_SETUP = (1044, 1045, 1049, 1054, 1142, 1146)


def connect(sync: str, settings: Settings) -> SqlTable:
    """Name the database of a sync; it is connected to with the first batch."""
    url = Environment(sync).text(settings.url_env)
    scheme = urlsplit(url).scheme
    if scheme in ("postgresql", "postgres"):
        return SqlTable(import_module("psycopg"), POSTGRES, _postgres(url), settings)
    if scheme in ("mysql", "mariadb"):
        return SqlTable(import_module("pymysql"), MARIADB, _mariadb(url), settings)
    raise QuanyuError(
        f"Sync {sync}: {settings.url_env} is neither postgresql:// nor mysql://."
    )


class SqlTable(Destination):
    """One table; `driver` is a module of the Python database API."""

    def __init__(
        self,
        driver: Any,
        dialect: Dialect,
        open_connection: Callable[[], Any],
        settings: Settings,
    ) -> None:
        self._driver = driver
        self._dialect = dialect
        self._open_connection = open_connection
        self._table = settings.table
        self._local = threading.local()
        self._connections: list[Any] = []
        self.senders = settings.senders
        self.rate = settings.allowed()

    def open(self, run: RunInfo) -> None:
        """Make the table unless it is there."""
        self._run(create_table(self._dialect, self._table, run), None)

    def send(self, batch: Batch) -> SendResult:
        """Write or delete the members of a batch, all or none."""
        make = delete if batch.op == "remove" else upsert
        self._run(make(self._dialect, self._table, batch.run), rows(batch))
        return SendResult()

    def release(self) -> None:
        """Close the connections."""
        for connection in self._connections:
            connection.close()

    def _run(self, statement: str, parameters: list[tuple[Any, ...]] | None) -> None:
        driver = self._driver
        try:
            connection = self._connection()
            cursor = connection.cursor()
            if parameters is None:
                cursor.execute(statement)
            else:
                cursor.executemany(statement, parameters)
            connection.commit()
        except (driver.DataError, driver.IntegrityError) as error:
            connection.rollback()
            raise BatchError(type(error).__name__, "a value does not fit") from error
        except (driver.OperationalError, driver.InterfaceError) as error:
            self._forget()
            if error.args and error.args[0] in _SETUP:
                raise FatalError(
                    f"error {error.args[0]}: check address, login and table"
                ) from error
            raise RetryableError(type(error).__name__) from error
        except driver.Error as error:
            connection.rollback()
            raise FatalError(
                f"{type(error).__name__}: check address, login and table"
            ) from error

    def _connection(self) -> Any:
        if getattr(self._local, "connection", None) is None:
            self._local.connection = self._open_connection()
            self._connections.append(self._local.connection)
        return self._local.connection

    def _forget(self) -> None:
        """The next attempt connects anew."""
        connection = getattr(self._local, "connection", None)
        self._local.connection = None
        if connection is not None:
            self._connections.remove(connection)
            try:
                connection.close()
            except self._driver.Error:
                return


def _postgres(url: str) -> Callable[[], Any]:
    driver: Any = import_module("psycopg")
    return lambda: driver.connect(url, connect_timeout=20)


def _mariadb(url: str) -> Callable[[], Any]:
    driver: Any = import_module("pymysql")
    parts = urlsplit(url)
    return lambda: driver.connect(
        host=parts.hostname,
        port=parts.port or 3306,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=parts.path.lstrip("/"),
        charset="utf8mb4",
        connect_timeout=20,
    )
