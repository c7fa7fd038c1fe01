-- The views people build on: stable, and only ever longer.

create or replace view activation.v_sync_runs as
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
    runs.reason,
    runs.unknown_rows,
    runs.resumes_at,
    runs.approved_by
from activation.runs
inner join activation.syncs on runs.sync_id = syncs.sync_id;

-- The latest word on each person of each sync.
create view activation.v_sync_rows as
select distinct on (changelog.sync_id, changelog.dest_key)
    syncs.name as sync,
    changelog.dest_key,
    changelog.customer_id,
    changelog.op,
    changelog.status,
    changelog.code,
    changelog.message,
    changelog.run_id,
    changelog.changed_at
from activation.changelog
inner join activation.syncs on changelog.sync_id = syncs.sync_id
order by changelog.sync_id asc, changelog.dest_key asc, changelog.run_id desc;

-- A check of two keys per row was most of what an acknowledgement cost. The rows are
-- written from a run's own outbox, in the transaction that reads the run.
alter table activation.changelog
drop constraint changelog_run_id_fkey,
drop constraint changelog_sync_id_fkey;
alter table activation.member_state
drop constraint member_state_sync_id_fkey,
drop constraint member_state_acked_run_fkey;
