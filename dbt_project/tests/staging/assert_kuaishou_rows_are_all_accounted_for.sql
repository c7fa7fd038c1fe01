-- Every landed row of the Kuaishou tables is staged, rejected or not yet due.
{{ config(meta={'dagster': {'ref': {'name': 'base_kuaishou__orders'}}}) }}

with

landed as (

    select
        table_name,
        sum(landed_row_count) as landed_count
    from {{ source('landing', 'files') }}
    where channel_code = 'kuaishou'
    group by table_name

    union all

    -- The lines inside the orders are accounted for one by one.
    select
        'orders.order_item_list' as table_name,
        sum(jsonb_array_length({{ json_array('order_item_list') }})) as landed_count
    from {{ source('raw_kuaishou', 'orders') }}
    having count(*) > 0

),

accounted as (

    {{ row_account(ref('base_kuaishou__orders'), 'orders') }}
    union all
    {{ row_account(ref('base_kuaishou__order_lines'), 'orders.order_item_list') }}
    union all
    {{ row_account(ref('base_kuaishou__refunds'), 'refunds') }}
    union all
    {{ row_account(ref('base_kuaishou__members'), 'members') }}
    union all
    {{ row_account(ref('base_kuaishou__lives'), 'lives') }}
    union all
    {{ row_account(ref('base_kuaishou__interactions'), 'interactions') }}

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
