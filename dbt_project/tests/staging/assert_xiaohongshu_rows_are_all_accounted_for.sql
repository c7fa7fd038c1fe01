-- Every landed row of the Xiaohongshu tables is staged, rejected or not yet due.
{{ config(meta={'dagster': {'ref': {'name': 'base_xiaohongshu__orders'}}}) }}

with

landed as (

    select
        table_name,
        sum(landed_row_count) as landed_count
    from {{ source('landing', 'files') }}
    where channel_code = 'xiaohongshu'
    group by table_name

),

accounted as (

    {{ row_account(ref('base_xiaohongshu__orders'), 'orders') }}
    union all
    {{ row_account(ref('base_xiaohongshu__order_lines'), 'order_lines') }}
    union all
    {{ row_account(ref('base_xiaohongshu__refunds'), 'refunds') }}
    union all
    {{ row_account(ref('base_xiaohongshu__members'), 'users') }}
    union all
    {{ row_account(ref('base_xiaohongshu__notes'), 'notes') }}
    union all
    {{ row_account(ref('base_xiaohongshu__interactions'), 'interactions') }}
    union all
    {{ row_account(ref('base_xiaohongshu__leads'), 'leads') }}

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
