-- Every landed row of the text message tables is staged, rejected or not yet due.
{{ config(meta={'dagster': {'ref': {'name': 'base_sms__touches'}}}) }}

with

landed as (

    select
        table_name,
        sum(landed_row_count) as landed_count
    from {{ source('landing', 'files') }}
    where channel_code = 'sms'
    group by table_name

),

accounted as (

    {{ row_account(ref('base_sms__touches'), 'receipts') }}

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
