"""Making a plan: what differs between who may be sent and what the destination holds.

Everything happens in the caller's REPEATABLE READ transaction, so that a dry run is the
same plan, rolled back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from psycopg import sql
from psycopg.types.json import Json, Jsonb

from activation import guards
from activation.changes import GIVEN_UP_AFTER, fill_outbox
from activation.eligible import MEMBERS, build_members
from activation.guards import Figures
from activation.ledger import outbox_table, value
from activation.masking import mask
from activation.specs import SyncSpec
from warehouse.connection import Connection

SAMPLE_ROWS = 3  # of each operation


@dataclass(frozen=True)
class Planned:
    """A plan inside its transaction; `broken` and `unusual` are guards' sentences."""

    run_id: int
    figures: Figures
    suppressed: dict[str, int]
    sample: list[dict[str, Any]]
    broken: str | None
    unusual: str | None


def make_plan(
    conn: Connection, sync: SyncSpec, sync_id: int, base_date: date
) -> Planned:
    """Write run, outbox and chunks of a plan; the caller commits or rolls back."""
    run_id = _open_run(conn, sync, sync_id, base_date)
    source = _source_figures(conn, sync, sync_id, base_date)
    broken = guards.broken(sync, source)
    if broken:
        return Planned(run_id, source, {}, [], broken, None)
    # A message is due whether or not its payload has changed.
    build_members(conn, sync, base_date, sync_id if sync.effect == "set" else None)
    fill_outbox(conn, sync, sync_id, run_id)
    _cut_chunks(conn, sync, run_id)
    _close_rejects(conn, sync_id, run_id)
    suppressed = _record_suppressions(conn, sync_id, run_id)
    figures = replace(source, **_change_figures(conn, run_id))
    _record_figures(conn, run_id, figures, suppressed)
    return Planned(
        run_id,
        figures,
        suppressed,
        _sample(conn, sync, run_id),
        None,
        guards.unusual(sync, figures),
    )


def _open_run(conn: Connection, sync: SyncSpec, sync_id: int, base_date: date) -> int:
    run_id: int = value(
        conn,
        "insert into activation.runs (sync_id, base_date, status, spec, mapping_hash)"
        " values (%s, %s, 'sending', %s, %s) returning run_id",
        [
            sync_id,
            base_date,
            Json(sync.stored()),
            sync.mapping_hash,
        ],
    )
    return run_id


def _source_figures(
    conn: Connection, sync: SyncSpec, sync_id: int, base_date: date
) -> Figures:
    cursor = conn.execute(
        sql.SQL(
            """
        select
            count(*) as source_rows,
            count(*) - count(members.customer_id) as null_keys,
            count(members.customer_id) - count(distinct members.customer_id)
                as duplicate_keys,
            (
                select count(*) from activation.member_state
                where sync_id = %(sync_id)s
            ) as held,
            (
                select max(base_date) from activation.runs
                where sync_id = %(sync_id)s and status in ('done', 'done_with_errors')
            ) as last_base_date,
            (
                select coalesce(mapping_hash <> %(mapping_hash)s, false)
                from activation.syncs where sync_id = %(sync_id)s
            ) as mapping_changed,
            (
                select disabled_reason from activation.syncs
                where sync_id = %(sync_id)s
            ) as disabled_reason
        from {members} as members
        where members.segment_code = %(segment)s
        """
        ).format(members=MEMBERS),
        {
            "sync_id": sync_id,
            "segment": sync.segment,
            # What was said or granted once stays so, however the mapping changes.
            "mapping_hash": sync.mapping_hash if sync.effect == "set" else None,
        },
    )
    names = [column.name for column in cursor.description or ()]
    values = dict(zip(names, cursor.fetchone() or (), strict=True))
    return Figures(base_date=base_date, **values)


def _cut_chunks(conn: Connection, sync: SyncSpec, run_id: int) -> None:
    conn.execute(
        sql.SQL(
            """
insert into activation.chunks (run_id, chunk, op, row_count, idempotency_key, status)
select
    runs.run_id,
    outbox.chunk,
    min(outbox.op),
    count(*),
    activation.idempotency_key({sync}, runs.mapping_hash, runs.run_key, outbox.chunk),
    'planned'
from activation.runs
cross join {outbox} as outbox
where runs.run_id = {run_id}
group by runs.run_id, outbox.chunk
"""
        ).format(
            sync=sql.Literal(sync.name),
            outbox=outbox_table(run_id),
            run_id=sql.Literal(run_id),
        )
    )


def _close_rejects(conn: Connection, sync_id: int, run_id: int) -> None:
    """A refusal is over when there is nothing left to send of it, nor given up."""
    conn.execute(
        sql.SQL(
            """
update activation.rejects
set resolved_run = {run_id}
where
    sync_id = {sync_id}
    and resolved_run is null
    and not exists (
        select 1 from {outbox} as outbox where outbox.dest_key = rejects.dest_key
    )
    and not exists (
        select 1 from plan_members as members
        where
            members.dest_key = rejects.dest_key
            and members.reason is null
            and members.payload_hash = rejects.payload_hash
            and rejects.attempts >= {given_up}
    )
"""
        ).format(
            run_id=sql.Literal(run_id),
            sync_id=sql.Literal(sync_id),
            outbox=outbox_table(run_id),
            given_up=sql.Literal(GIVEN_UP_AFTER),
        )
    )


def _record_suppressions(conn: Connection, sync_id: int, run_id: int) -> dict[str, int]:
    """Close the reasons that ended, open those that began; return counts by reason.

    `except` because it hashes: statistics of a young table lead an anti-join astray.
    """
    ids = {"sync_id": sync_id, "run_id": run_id}
    conn.execute(
        """
        update activation.suppressions as old
        set last_run = %(run_id)s
        from (
            select customer_id, reason
            from activation.suppressions
            where sync_id = %(sync_id)s and last_run is null
            except
            select customer_id, reason
            from plan_members
            where reason is not null
        ) as ended
        where
            old.sync_id = %(sync_id)s
            and old.last_run is null
            and old.customer_id = ended.customer_id
        """,
        ids,
    )
    conn.execute(
        """
        insert into activation.suppressions (customer_id, reason, sync_id, first_run)
        select begun.customer_id, begun.reason, %(sync_id)s, %(run_id)s
        from (
            select customer_id, reason
            from plan_members
            where reason is not null
            except
            select customer_id, reason
            from activation.suppressions
            where sync_id = %(sync_id)s and last_run is null
        ) as begun
        """,
        ids,
    )
    return dict(
        conn.execute(
            "select reason, count(*) from plan_members where reason is not null"
            " group by reason order by reason"
        ).fetchall()
    )


def _change_figures(conn: Connection, run_id: int) -> dict[str, Any]:
    row = conn.execute(
        sql.SQL(
            """
select
    (select count(*) from plan_members where reason is null) as eligible,
    count(*) filter (where op = 'add') as adds,
    count(*) filter (where op = 'update') as updates,
    count(*) filter (where op = 'remove') as removes
from {}
"""
        ).format(outbox_table(run_id))
    ).fetchone()
    eligible, adds, updates, removes = row or (0, 0, 0, 0)
    return {
        "eligible": eligible,
        "unchanged": eligible - adds - updates,
        "adds": adds,
        "updates": updates,
        "removes": removes,
    }


def _record_figures(
    conn: Connection, run_id: int, figures: Figures, suppressed: dict[str, int]
) -> None:
    conn.execute(
        """
        update activation.runs
        set
            source_rows = %s,
            eligible_rows = %s,
            unchanged_rows = %s,
            add_rows = %s,
            update_rows = %s,
            remove_rows = %s,
            suppressed = %s
        where run_id = %s
        """,
        [
            figures.source_rows,
            figures.eligible,
            figures.unchanged,
            figures.adds,
            figures.updates,
            figures.removes,
            Jsonb(suppressed),
            run_id,
        ],
    )


def _sample(conn: Connection, sync: SyncSpec, run_id: int) -> list[dict[str, Any]]:
    """Look at a few rows of each operation, contact points masked."""
    rows = conn.execute(
        sql.SQL(
            """
select op, customer_id, payload
from (
    select *, row_number() over (partition by op order by dest_key) as place
    from {}
) as numbered
where place <= {}
order by op, place
"""
        ).format(outbox_table(run_id), sql.Literal(SAMPLE_ROWS))
    )
    contacts = {name for name, field in sync.map.items() if field.contact_kind}
    return [
        {
            "op": op,
            "customer_id": customer_id,
            **{
                name: mask(payload[name]) if name in contacts else payload[name]
                for name in sync.map
                if payload and name != "customer_id"
            },
        }
        for op, customer_id, payload in rows
    ]
