-- What a sync made at a channel and must find again: audiences, data sources, and how
-- far a run has come with them. Written by destinations (activation.remote).
create table activation.remote_objects (
    sync text not null,
    kind text not null,
    external_id text not null,
    changed_at timestamptz not null default now(),
    primary key (sync, kind)
);
