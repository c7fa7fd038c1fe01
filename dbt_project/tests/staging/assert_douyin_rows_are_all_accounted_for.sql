-- Every landed row of the Douyin tables is staged, rejected or not yet due.
{{ config(meta={'dagster': {'ref': {'name': 'base_douyin__orders'}}}) }}

with

landed as (

    select
        table_name,
        sum(landed_row_count) as landed_count
    from {{ source('landing', 'files') }}
    where channel_code = 'douyin'
    group by table_name

    union all

    -- The lines inside the orders are accounted for one by one.
    select
        'orders.sku_order_list' as table_name,
        sum(jsonb_array_length({{ json_array('sku_order_list') }})) as landed_count
    from {{ source('raw_douyin', 'orders') }}
    having count(*) > 0

),

accounted as (

    {{ row_account(ref('base_douyin__orders'), 'orders') }}
    union all
    {{ row_account(ref('base_douyin__order_lines'), 'orders.sku_order_list') }}
    union all
    {{ row_account(ref('base_douyin__members'), 'members') }}
    union all
    {{ row_account(ref('base_douyin__refunds'), 'refunds') }}
    union all
    {{ row_account(ref('base_douyin__points'), 'points') }}
    union all
    {{ row_account(ref('base_douyin__coupons'), 'coupons') }}
    union all
    {{ row_account(ref('base_douyin__contents'), 'contents') }}
    union all
    {{ row_account(ref('base_douyin__interactions'), 'interactions') }}
    union all
    {{ row_account(ref('base_douyin__ad_exposures'), 'ad_exposures') }}
    union all
    {{ row_account(ref('base_douyin__reviews'), 'reviews') }}
    union all
    {{ row_account(ref('base_douyin__leads'), 'leads') }}

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
