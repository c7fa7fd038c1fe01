-- Which days have been completed: the daily job only goes forward.

create schema orchestration;

create table orchestration.completed_days (
    base_date date primary key,
    run_id text not null,
    completed_at timestamptz not null default now()
);
