-- The landing ledger: which files have landed, when, and what could not be read.
-- The raw tables themselves follow the channels' contracts (ingestion.landing).

create schema if not exists landing;

create table landing.loads (
    load_id int primary key,
    started_at timestamptz not null,
    finished_at timestamptz,
    directory text not null
);

-- One row per landed file. The same content of the same table never lands twice.
create table landing.files (
    file_id int primary key,
    load_id int not null references landing.loads (load_id),
    channel_code text not null,
    table_name text not null,
    drop_date date not null,
    file_name text not null,
    content_sha256 text not null,
    byte_count bigint not null,
    landed_row_count bigint not null,
    quarantined_row_count bigint not null,
    loaded_at timestamptz not null,
    unique (channel_code, table_name, content_sha256)
);

-- Files of which nothing landed, with the reason; one row per file and load.
create table landing.refused_files (
    load_id int not null references landing.loads (load_id),
    channel_code text not null,
    table_name text not null,
    drop_date date not null,
    file_name text not null,
    reason text not null,
    refused_at timestamptz not null
);

-- One row per drop date seen; completed_at is null while a file of it is missing.
create table landing.drops (
    drop_date date primary key,
    completed_at timestamptz,
    load_id int not null references landing.loads (load_id)
);

-- Lines that cannot be read, with their bytes as they were in the file.
create table landing.raw_quarantine (
    file_id int not null,
    row_no int not null,
    load_id int not null,
    reason text not null,
    detail text not null,
    content bytea not null
);

-- The latest drop before which every drop seen is complete. Always one row.
create view landing.last_complete_day as
select max(drop_date) as last_complete_day
from landing.drops
where
    drop_date < (
        select coalesce(min(drop_date), 'infinity')
        from landing.drops
        where completed_at is null
    );
