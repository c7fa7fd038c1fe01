"""Two habits of dbt that cost a small brand a quarter of its CPU time, mended here.

dbt opens a session for every node, and writes every debug event out before it asks
whether anybody listens (docs/adr/0015-quick-dbt.md).
"""

from __future__ import annotations

from typing import Any

import psycopg2
from dbt.adapters.contracts.connection import ConnectionState
from dbt.adapters.postgres import PostgresAdapter, PostgresConnectionManager
from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.event_manager import EventManager

FOR_DEVELOPERS = (EventLevel.DEBUG, EventLevel.TEST)

_fire_event = EventManager.fire_event


class KeptSessions(PostgresConnectionManager):
    """A thread's next node has the session of its last one, made as good as new."""

    def release(self) -> None:
        """Give back what the node held; close the session only when it is broken."""
        connection = self.get_if_exists()
        if (
            connection is None
            or connection.state != ConnectionState.OPEN
            or connection.credentials.role  # set once per session
            or not renew(connection.handle)
        ):
            super().release()
        else:
            connection.transaction_open = False


def renew(session: Any) -> bool:
    """Make a session as good as a new one; False when it cannot be."""
    try:
        session.rollback()
        autocommit, session.autocommit = session.autocommit, True
        with session.cursor() as cursor:
            # Temporary tables, settings, locks, plans: nothing of it is left.
            cursor.execute("discard all")
        session.autocommit = autocommit
    except psycopg2.Error:
        return False
    return True


def fire_event(self: EventManager, e: BaseEvent, *args: Any, **kwargs: Any) -> None:
    """Fire an event, unless it is for developers and no log takes those."""
    level = args[0] if args else kwargs.get("level")
    if (level or e.level_tag()) in FOR_DEVELOPERS and all(
        log.level not in FOR_DEVELOPERS for log in self.loggers
    ):
        return
    _fire_event(self, e, *args, **kwargs)


def install() -> None:
    """Let dbt in this process do so."""
    PostgresAdapter.ConnectionManager = KeptSessions
    EventManager.fire_event = fire_event  # type: ignore[method-assign]
