"""What a sync made at a channel, kept where the ledger is: ids of audiences."""

from __future__ import annotations

from warehouse.connection import Connection, connect


class RemoteObjects:
    """Ids by kind for one sync, committed at once over a connection of their own."""

    def __init__(self, sync: str) -> None:
        self._sync = sync
        self._conn: Connection | None = None

    def get(self, kind: str) -> str | None:
        """Return the id last noted for a kind."""
        row = (
            self._open()
            .execute(
                "select external_id from activation.remote_objects"
                " where sync = %s and kind = %s",
                [self._sync, kind],
            )
            .fetchone()
        )
        return str(row[0]) if row else None

    def put(self, kind: str, external_id: str) -> None:
        """Note an id, durably."""
        self._open().execute(
            "insert into activation.remote_objects (sync, kind, external_id)"
            " values (%s, %s, %s) on conflict (sync, kind) do update set"
            " external_id = excluded.external_id, changed_at = now()",
            [self._sync, kind, external_id],
        )

    def forget(self, prefix: str, but: str) -> None:
        """Drop all kinds that begin with a prefix, but one."""
        self._open().execute(
            "delete from activation.remote_objects"
            " where sync = %s and starts_with(kind, %s) and kind <> %s",
            [self._sync, prefix, but],
        )

    def close(self) -> None:
        """Close the connection."""
        if self._conn is not None:
            self._conn.close()
            self._conn = None

    def _open(self) -> Connection:
        if self._conn is None or self._conn.closed:
            self._conn = connect(
                autocommit=True, application_name=f"quanyu-remote-{self._sync}"
            )
        return self._conn
