"""Dagster's event log in SQLite, with connections that are kept.

Dagster's own storage makes an engine for every statement, so each one connects anew and
is compiled anew: a third of a small brand's run (docs/adr/0006).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event

# The index, the run under way, and some that the UI looks at.
KEPT_ENGINES = 8
BUSY_SECONDS = 30


class KeptConnectionEventLog(SqliteEventLogStorage):
    """The same files, tables and locks as Dagster's storage; one engine per file."""

    def __init__(
        self, base_dir: str, inst_data: ConfigurableClassData | None = None
    ) -> None:
        self._engines: dict[str, Engine] = {}
        self._tables: set[str] = set()
        super().__init__(base_dir, inst_data)

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Any
    ) -> KeptConnectionEventLog:
        """Return the storage that dagster.yaml asks for."""
        return cls(inst_data=inst_data, **config_value)

    def has_table(self, table_name: str) -> bool:
        """Whether the index holds a table; asked before every event is stored."""
        if table_name not in self._tables:
            if not super().has_table(table_name):
                return False
            self._tables.add(table_name)
        return True

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock, self._engine(shard).begin() as conn:
            yield conn

    def _engine(self, shard: str) -> Engine:
        engine = self._engines.pop(shard, None)
        if engine is None:
            engine = create_engine(
                self.conn_string_for_shard(shard),
                connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
            )
            event.listen(engine, "connect", _spare_the_disk)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
        self._engines[shard] = engine
        if len(self._engines) > KEPT_ENGINES:
            oldest = next(iter(self._engines))
            self._engines.pop(oldest).dispose()
        return engine

    def dispose(self) -> None:
        """Close what is open."""
        for engine in self._engines.values():
            engine.dispose()
        self._engines.clear()
        super().dispose()


def _spare_the_disk(connection: Any, _: Any) -> None:
    """A killed process loses nothing in WAL mode without a sync per commit."""
    connection.execute("pragma synchronous = normal")
