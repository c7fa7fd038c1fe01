"""What a person does about a sync: approve a blocked plan, send refused rows again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from activation import engine, ledger, registry
from activation.ledger import value
from activation.specs import SyncSpec
from warehouse.connection import Connection
from warehouse.errors import QuanyuError


def approve(conn: Connection, sync: SyncSpec, base_date: date, who: str) -> str:
    """Approve what blocks the plan as it is now; returns the sentence approved.

    It holds for the next apply, and only while the plan's sentence, with its figures,
    stays the same. Raises QuanyuError when nothing blocks, or nobody may lift it.
    """
    planned = engine.plan(conn, sync, base_date)
    if planned.blocked is None:
        raise QuanyuError(f"Nothing blocks {sync.name}: there is nothing to approve.")
    if not planned.approvable:
        raise QuanyuError(f"Nobody can approve this: {planned.blocked}")
    with conn.transaction():
        sync_id = registry.register(conn, sync)
        run_id = ledger.record_blocked(conn, sync, sync_id, base_date, planned.blocked)
        conn.execute(
            "update activation.runs set approved_at = now(), approved_by = %s"
            " where run_id = %s",
            [who, run_id],
        )
    return planned.blocked


@dataclass(frozen=True)
class Released:
    """How many go out again: refused rows, messages of unknown outcome."""

    rejected: int
    unknown: int


def retry(conn: Connection, sync: SyncSpec, unknown: bool = False) -> Released:
    """Let the next apply send again what was refused too often to be tried.

    `unknown` also releases messages that may or may not have been sent: who did get
    one gets another.
    """
    with conn.transaction():
        sync_id = registry.register(conn, sync)
        rejected = conn.execute(
            "update activation.rejects set attempts = 0"
            " where sync_id = %s and resolved_run is null",
            [sync_id],
        ).rowcount
        released = 0
        if unknown:
            released = conn.execute(
                "update activation.member_state set may_repeat = true"
                " where sync_id = %s and acked_hash is null and not may_repeat",
                [sync_id],
            ).rowcount
    return Released(rejected, released)


def unknown_count(conn: Connection, sync: SyncSpec) -> int:
    """Messages of a sync whose outcome nobody knows."""
    count: int = value(
        conn,
        "select count(*) from activation.member_state"
        " inner join activation.syncs using (sync_id)"
        " where name = %s and effect = 'message' and acked_hash is null"
        " and not may_repeat",
        [sync.name],
    )
    return count
