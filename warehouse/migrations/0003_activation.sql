-- Ledger of activation. The state says what each destination is believed to hold and
-- changes only on acknowledgement. No table but the short-lived outbox of a run holds a
-- raw contact point.

create schema if not exists activation;

create table activation.syncs (
    sync_id int generated always as identity primary key,
    name text not null unique,
    mapping_hash text,     -- the mapping under which the destination was last filled
    disabled_reason text,  -- set when the destination said never to call again
    registered_at timestamptz not null default now()
);

create table activation.runs (
    run_id bigint generated always as identity primary key,
    run_key uuid not null unique default gen_random_uuid(),
    sync_id int not null references activation.syncs,
    base_date date not null,
    status text not null check (
        status in (
            'sending', 'done', 'done_with_errors', 'failed', 'interrupted', 'blocked'
        )
    ),
    spec json not null,  -- not jsonb: the order of fields is the order of columns
    mapping_hash text not null,
    started_at timestamptz not null default now(),
    finished_at timestamptz,
    source_rows int not null default 0,
    eligible_rows int not null default 0,
    unchanged_rows int not null default 0,
    add_rows int not null default 0,
    update_rows int not null default 0,
    remove_rows int not null default 0,
    acked_rows int not null default 0,
    rejected_rows int not null default 0,
    suppressed jsonb not null default '{}',
    reason text
);

create index on activation.runs (sync_id, run_id);

-- What the destination is believed to hold, by the key it knows the person by: so a
-- removal works after a new phone, a merge of customers, or an erasure.
-- acked_hash null: sent, but the outcome is unknown and the person may not be sent
-- again; the next plan removes or sends anew.
create table activation.member_state (
    sync_id int not null references activation.syncs,
    dest_key text not null,
    customer_id bigint not null,
    acked_hash uuid,
    acked_run bigint not null references activation.runs,
    acked_at timestamptz not null default now(),
    primary key (sync_id, dest_key)
) partition by list (sync_id);

create table activation.chunks (
    run_id bigint not null references activation.runs,
    chunk int not null,
    op text not null check (op in ('add', 'update', 'remove')),
    row_count int not null,
    idempotency_key text not null unique,
    status text not null check (
        status in (
            'planned', 'sending', 'submitted', 'acked', 'split', 'rejected',
            'unknown', 'discarded'
        )
    ),
    attempts int not null default 0,
    sent_at timestamptz,
    acked_at timestamptz,
    response jsonb,
    primary key (run_id, chunk)
);

-- What a destination recognises a repeated chunk by, over retries and restarts.
-- run_key, not run_id: numbers begin anew in a new database, destinations do not.
create function activation.idempotency_key(
    sync text, mapping_hash text, run_key uuid, chunk int
) returns text
language sql immutable
return encode(
    sha256(convert_to(concat_ws(':', sync, mapping_hash, run_key, chunk), 'UTF8')),
    'hex'
);

-- The shape of an outbox. Each run has its own table outbox_<run_id>, which is dropped
-- when the run ends: deleted rows would stay on disk, dropped ones do not.
create table activation.outbox (
    chunk int not null,
    seq int not null,
    op text not null,
    customer_id bigint not null,
    dest_key text not null,
    payload jsonb,
    payload_hash uuid,
    primary key (dest_key)
);

create table activation.rejects (
    sync_id int not null references activation.syncs,
    dest_key text not null,
    customer_id bigint not null,
    op text not null,
    code text not null,
    message text not null,
    attempts int not null default 1,
    first_run bigint not null references activation.runs,
    last_run bigint not null references activation.runs,
    resolved_run bigint references activation.runs,
    primary key (sync_id, dest_key)
);

-- Who of a segment was not sent and why, as spans of runs: a row is written when the
-- reason begins and closed when it ends.
create table activation.suppressions (
    sync_id int not null references activation.syncs,
    customer_id bigint not null,
    reason text not null,
    first_run bigint not null references activation.runs,
    last_run bigint references activation.runs,
    primary key (sync_id, customer_id, first_run)
);

create unique index on activation.suppressions (sync_id, customer_id)
where last_run is null;

-- One row per person and run: the public history of what was sent.
create table activation.changelog (
    run_id bigint not null references activation.runs,
    sync_id int not null references activation.syncs,
    dest_key text not null,
    customer_id bigint not null,
    op text not null,
    status text not null check (status in ('acked', 'rejected')),
    code text,
    message text,
    changed_at timestamptz not null default now(),
    primary key (run_id, dest_key)
);

create index on activation.changelog (sync_id, customer_id);

create view activation.v_sync_runs as
select
    syncs.name as sync,
    runs.run_id,
    runs.base_date,
    runs.status,
    runs.started_at,
    runs.finished_at,
    runs.source_rows,
    runs.eligible_rows,
    runs.unchanged_rows,
    runs.add_rows,
    runs.update_rows,
    runs.remove_rows,
    runs.acked_rows,
    runs.rejected_rows,
    runs.suppressed,
    runs.reason
from activation.runs
inner join activation.syncs on runs.sync_id = syncs.sync_id;

create view activation.v_rejects as
select
    syncs.name as sync,
    rejects.customer_id,
    rejects.dest_key,
    rejects.op,
    rejects.code,
    rejects.message,
    rejects.attempts,
    rejects.first_run,
    rejects.last_run
from activation.rejects
inner join activation.syncs on rejects.sync_id = syncs.sync_id
where rejects.resolved_run is null;
