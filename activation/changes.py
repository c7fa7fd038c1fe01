"""What differs between who may be sent and what is held, into the outbox of a run."""

from __future__ import annotations

from psycopg import sql

from activation.ledger import outbox_table
from activation.specs import SyncSpec
from warehouse.connection import Connection

GIVEN_UP_AFTER = 10  # refusals of the same payload: then only a change or `retry` sends


def fill_outbox(conn: Connection, sync: SyncSpec, sync_id: int, run_id: int) -> None:
    """Removals first; a chunk holds one operation only, in order of key."""
    outbox = outbox_table(run_id)
    conn.execute(
        sql.SQL("create table {} (like activation.outbox including defaults)").format(
            outbox
        )
    )
    changes = sql.SQL(_SET_CHANGES if sync.effect == "set" else _EFFECTS_DUE)
    conn.execute(
        sql.SQL(_FILL).format(
            changes=changes.format(
                sync_id=sql.Literal(sync_id),
                sync=sql.Literal(sync.name),
                repeats_unknown=sql.Literal(sync.effect == "keyed"),
                repeat_after_days=sql.Literal(sync.repeat_after_days),
                base_run=sql.Literal(run_id),
                given_up=sql.Literal(GIVEN_UP_AFTER),
            ),
            outbox=outbox,
            max_rows=sql.Literal(sync.destination.max_rows),
        )
    )
    conn.execute(sql.SQL("alter table {} add primary key (chunk, seq)").format(outbox))
    conn.execute(sql.SQL("analyze {} (chunk, dest_key, op)").format(outbox))


_FILL = """
insert into {outbox}
    (chunk, seq, op, customer_id, dest_key, payload, payload_hash, effect_key)
with changes as (
{changes}
),
numbered as (
    select
        *,
        row_number() over (partition by op_order order by dest_key) - 1 as place
    from changes
)
select
    dense_rank() over (order by op_order, place / {max_rows}) as chunk,
    place % {max_rows} as seq,
    op,
    customer_id,
    dest_key,
    payload,
    payload_hash,
    effect_key
from numbered
"""

# A set: what is held is made equal to who is eligible.
_SET_CHANGES = """
    select
        'remove' as op,
        1 as op_order,
        held.customer_id,
        held.dest_key,
        null as payload,
        null as payload_hash,
        '' as effect_key
    from activation.member_state as held
    where
        held.sync_id = {sync_id}
        and not exists (
            select 1 from plan_members as members
            where members.dest_key = held.dest_key and members.reason is null
        )
    union all
    select
        case when members.is_held then 'update' else 'add' end as op,
        case when members.is_held then 3 else 2 end as op_order,
        members.customer_id,
        members.dest_key,
        members.payload,
        members.payload_hash,
        '' as effect_key
    from plan_members as members
    left join activation.rejects
        on
            rejects.sync_id = {sync_id}
            and rejects.resolved_run is null
            and rejects.attempts >= {given_up}
            and members.dest_key = rejects.dest_key
            and members.payload_hash = rejects.payload_hash
    where
        members.reason is null
        and members.is_changed
        and rejects.dest_key is null
"""

# A message or keyed effect: to each person once, or again after some days. One of
# unknown outcome: a keyed one again under its old key, a message only when asked to.
_EFFECTS_DUE = """
    select
        'add' as op,
        1 as op_order,
        members.customer_id,
        members.dest_key,
        members.payload,
        members.payload_hash,
        left(
            encode(
                sha256(convert_to(
                    concat_ws(
                        ':', {sync}, members.dest_key, coalesce(held.effects, 0) + 1
                    ),
                    'UTF8'
                )),
                'hex'
            ),
            32
        ) as effect_key
    from plan_members as members
    left join activation.member_state as held
        on held.sync_id = {sync_id} and members.dest_key = held.dest_key
    left join activation.runs as earlier on held.acked_run = earlier.run_id
    left join activation.runs as this on this.run_id = {base_run}
    left join activation.rejects
        on
            rejects.sync_id = {sync_id}
            and rejects.resolved_run is null
            and rejects.attempts >= {given_up}
            and members.dest_key = rejects.dest_key
            and members.payload_hash = rejects.payload_hash
    where
        members.reason is null
        and rejects.dest_key is null
        and (
            held.dest_key is null
            or held.may_repeat
            or (held.acked_hash is null and {repeats_unknown})
            or earlier.base_date + cast({repeat_after_days} as int) <= this.base_date
        )
"""
