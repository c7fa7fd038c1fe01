-- What has landed, table by table and column by column, as the last run found it
-- (ingestion.inventory). Replaced as a whole by every run.

create table landing.inventory_tables (
    channel_code text not null,
    table_name text not null,
    row_count bigint not null,
    file_count bigint not null,
    first_drop_date date,
    last_drop_date date,
    days_since_last_drop int,
    measured_row_count bigint not null,
    measured_at timestamptz not null,
    primary key (channel_code, table_name)
);

comment on table landing.inventory_tables is
'Landed tables by contract. One row per table; empty ones too.';
comment on column landing.inventory_tables.days_since_last_drop is
'Days from the last drop with a file of the table to the last complete landed day.';
comment on column landing.inventory_tables.measured_row_count is
'Rows the fill rates are of: all, or a sample of blocks of a big table.';

create table landing.inventory_columns (
    channel_code text not null,
    table_name text not null,
    column_name text not null,
    is_in_contract boolean not null,
    usage text not null check (usage in ('read', 'checked', 'unused')),
    fill_rate numeric(9, 6),
    primary key (channel_code, table_name, column_name)
);

comment on table landing.inventory_columns is
'Landed columns: what is used of them and how full they are. One row per column.';
comment on column landing.inventory_columns.is_in_contract is
'False for a column that files brought and no contract knows (kept in _extra).';
comment on column landing.inventory_columns.usage is
'read: a model after staging names what it becomes; checked: it only decides which rows are staged; unused: neither.';
comment on column landing.inventory_columns.fill_rate is
'Share of measured rows that have a value; null when there are no rows.';
