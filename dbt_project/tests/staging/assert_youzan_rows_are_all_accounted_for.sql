-- Every landed row of the Youzan tables is staged, rejected or not yet due.
{{ config(meta={'dagster': {'ref': {'name': 'base_youzan__trades'}}}) }}

with

landed as (

    select
        table_name,
        sum(landed_row_count) as landed_count
    from {{ source('landing', 'files') }}
    where channel_code = 'youzan'
    group by table_name

    union all

    -- The lines inside the trades are accounted for one by one.
    select
        'trades.orders' as table_name,
        sum(jsonb_array_length({{ json_array("full_order_info -> 'orders'") }}))
            as landed_count
    from {{ source('raw_youzan', 'trades') }}
    where jsonb_typeof(full_order_info) = 'object'
    having count(*) > 0

),

accounted as (

    {{ row_account(ref('base_youzan__trades'), 'trades') }}
    union all
    {{ row_account(ref('base_youzan__members'), 'customers') }}
    union all
    {{ row_account(ref('base_youzan__refunds'), 'refunds') }}
    union all
    {{ row_account(ref('base_youzan__points'), 'points') }}
    union all
    {{ row_account(ref('base_youzan__coupons'), 'coupons') }}
    union all
    {{ row_account(ref('base_youzan__events'), 'events') }}
    union all
    {{ row_account(ref('base_youzan__consents'), 'consents') }}
    union all
    {{ row_account(ref('base_youzan__touches'), 'touches') }}
    union all
    {{ row_account(ref('base_youzan__order_lines'), 'trades.orders') }}

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
