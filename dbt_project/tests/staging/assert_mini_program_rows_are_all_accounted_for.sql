-- Every landed row of the club's tables is staged, rejected or not yet due.
{{ config(meta={'dagster': {'ref': {'name': 'base_mini_program__events'}}}) }}

with

landed as (

    select
        table_name,
        sum(landed_row_count) as landed_count
    from {{ source('landing', 'files') }}
    where channel_code = 'mini_program'
    group by table_name

),

accounted as (

    {{ row_account(ref('base_mini_program__members'), 'users') }}
    union all
    {{ row_account(ref('base_mini_program__events'), 'events') }}
    union all
    {{ row_account(ref('base_mini_program__shares'), 'shares') }}
    union all
    {{ row_account(ref('base_mini_program__id_changes'), 'id_changes') }}

)

select
    coalesce(landed.table_name, accounted.table_name) as table_name,
    landed.landed_count,
    accounted.staged_count,
    accounted.rejected_count,
    accounted.not_yet_due_count
from landed
full outer join accounted on landed.table_name = accounted.table_name
where
    coalesce(landed.landed_count, 0)
    <> coalesce(
        accounted.staged_count + accounted.rejected_count + accounted.not_yet_due_count,
        0
    )
