"""What is asked again just before a message goes out: the hour, and opt-outs since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from psycopg import sql

from activation import ledger, outcome
from activation.ledger import Chunk, Run, outbox_table, value
from activation.specs import SyncSpec
from warehouse.connection import Connection


def quiet_until(conn: Connection, sync: SyncSpec) -> datetime | None:
    """When the quiet hours (勿扰) of a channel that are now end; None outside them.

    From the seed quiet_hours; hours may go over midnight.
    """
    until: datetime | None = value(
        conn,
        """
        with hours as (
            select from_time, until_time, localtime as clock
            from seeds.quiet_hours
            where contact_channel = %s
        )
        select max(
            current_date + until_time
            + case when clock >= until_time then interval '1 day' else '0' end
        )
        from hours
        where
            case
                when from_time <= until_time
                then clock >= from_time and clock < until_time
                else clock >= from_time or clock < until_time
            end
        """,
        [sync.consent.channel],
    )
    return until


def without_opted_out(
    conn: Connection, run: Run, chunks: Sequence[Chunk]
) -> list[Chunk]:
    """Take who has opted out since the plan out of chunks; empty ones are dropped."""
    consent = run.spec.consent
    gone = conn.execute(
        sql.SQL(
            """
            delete from {outbox} as outbox
            using protection.protect_opt_outs as opted
            where
                outbox.chunk = any({chunks})
                and outbox.customer_id = opted.customer_id
                and opted.contact_channel = {channel}
                and (opted.legal_entity is null or opted.legal_entity = {entity})
            """
        ).format(
            outbox=outbox_table(run.info.run_id),
            chunks=sql.Literal([chunk.chunk for chunk in chunks]),
            channel=sql.Literal(consent.channel),
            entity=sql.Literal(consent.legal_entity),
        )
    )
    if not gone.rowcount:
        return list(chunks)
    outcome.count_again(conn, run)
    numbers = {chunk.chunk for chunk in chunks}
    left = ledger.chunks(conn, run.info.run_id, ["planned"])
    return [chunk for chunk in left if chunk.chunk in numbers]
