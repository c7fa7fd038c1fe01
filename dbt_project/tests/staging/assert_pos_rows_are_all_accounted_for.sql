-- Every landed row of the store tables is staged, rejected or not yet due.
{{ config(meta={'dagster': {'ref': {'name': 'base_pos__orders'}}}) }}

with

landed as (

    select
        table_name,
        sum(landed_row_count) as landed_count
    from {{ source('landing', 'files') }}
    where channel_code = 'pos'
    group by table_name

),

accounted as (

    {{ row_account(ref('base_pos__orders'), 'receipts') }}
    union all
    {{ row_account(ref('base_pos__order_lines'), 'receipt_lines') }}
    union all
    {{ row_account(ref('base_pos__members'), 'members') }}
    union all
    {{ row_account(ref('base_pos__refunds'), 'refunds') }}
    union all
    {{ row_account(ref('base_pos__points'), 'points') }}
    union all
    {{ row_account(ref('base_pos__coupons'), 'coupons') }}
    union all
    {{ row_account(ref('base_pos__campaigns'), 'campaigns') }}
    union all
    {{ row_account(ref('base_pos__touches'), 'touches') }}
    union all
    {{ row_account(ref('base_pos__consents'), 'consents') }}
    union all
    {{ row_account(ref('base_pos__service_cases'), 'service_cases') }}
    union all
    {{ row_account(ref('base_pos__store_traffic'), 'store_traffic') }}
    union all
    {{ row_account(ref('base_pos__stores'), 'stores') }}
    union all
    {{ row_account(ref('base_pos__staff'), 'staff') }}
    union all
    {{ row_account(ref('base_pos__guide_assignments'), 'guide_assignments') }}
    union all
    {{ row_account(ref('base_pos__products'), 'products') }}
    union all
    {{ row_account(ref('base_pos__product_codes'), 'product_codes') }}

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
