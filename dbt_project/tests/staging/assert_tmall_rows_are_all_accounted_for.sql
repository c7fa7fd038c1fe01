-- Every landed row of the Tmall tables is staged, rejected or not yet due.
{{ config(meta={'dagster': {'ref': {'name': 'base_tmall__orders'}}}) }}

with

landed as (

    select
        table_name,
        sum(landed_row_count) as landed_count
    from {{ source('landing', 'files') }}
    where channel_code = 'tmall'
    group by table_name

),

accounted as (

    {{ row_account(ref('base_tmall__orders'), 'orders') }}
    union all
    {{ row_account(ref('base_tmall__order_lines'), 'order_lines') }}
    union all
    {{ row_account(ref('base_tmall__members'), 'members') }}
    union all
    {{ row_account(ref('base_tmall__refunds'), 'refunds') }}
    union all
    {{ row_account(ref('base_tmall__points'), 'points') }}
    union all
    {{ row_account(ref('base_tmall__coupons'), 'coupons') }}
    union all
    {{ row_account(ref('base_tmall__touches'), 'touches') }}
    union all
    {{ row_account(ref('base_tmall__reviews'), 'reviews') }}

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
